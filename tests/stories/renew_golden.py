"""Write the letters of the long stories anew: `python -m tests.stories.renew_golden`, as root, on Debian's servers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

from ksmail.incoming.limits import Limits
from ksmail.incoming.worker import Parser
from tests.servers import dovecot, postfix
from tests.stories import test_consultation, test_conversation
from tests.stories.conversation import Conversation, readable
from tests.stories.debian import Debian
from tests.stories.people import MINISTRIES, PEOPLE
from tests.stories.rig import Clock, Rig

Story = tuple[Callable[[Conversation], dict[str, EmailMessage]], tuple[str, ...], str, Path]
STORIES: tuple[Story, ...] = (
    (test_conversation.hold_the_conversation, test_conversation.PARTIES, "", test_conversation.GOLDEN),
    (test_consultation.hold_the_consultation, test_consultation.PARTIES, MINISTRIES, test_consultation.GOLDEN),
)
NAMES = {*test_conversation.NAMES, *test_consultation.NAMES}


def main() -> None:
    for hold, parties, partners, golden in STORIES:
        golden.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory() as folder,
            Parser(Limits()) as parser,
            dovecot() as imap,
            postfix(imap) as smtp,
        ):
            debian = Debian(imap, smtp, imap.new_user())
            rig = Rig(
                Path(folder) / "desk",
                debian,  # type: ignore[arg-type]  # same shape
                parser,
                PEOPLE,
                partners=partners,
                clock=Clock(),
            )
            letters = hold(Conversation(rig, imap, smtp, parties))
            for name in NAMES & letters.keys():
                (golden / f"{name}.txt").write_text(readable(letters[name]))
            rig.close()


if __name__ == "__main__":
    main()
