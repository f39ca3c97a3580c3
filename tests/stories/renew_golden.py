"""Write the conversation's letters anew: `python -m tests.stories.renew_golden`, as root, with Debian's servers."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ksmail.incoming.prescan import Limits
from ksmail.incoming.worker import Parser
from tests.servers import dovecot, postfix
from tests.stories.debian import Debian
from tests.stories.people import PEOPLE
from tests.stories.rig import Clock, Rig
from tests.stories.test_conversation import GOLDEN, NAMES, Conversation, hold_the_conversation, readable


def main() -> None:
    GOLDEN.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, dovecot() as imap, postfix(imap) as smtp, Parser(Limits()) as parser:
        debian = Debian(imap, smtp, imap.new_user())
        rig = Rig(Path(folder) / "desk", debian, parser, PEOPLE, clock=Clock())  # type: ignore[arg-type]  # same shape
        letters = hold_the_conversation(Conversation(rig, imap, smtp))
        for name in NAMES:
            (GOLDEN / f"{name}.txt").write_text(readable(letters[name]))
        rig.close()


if __name__ == "__main__":
    main()
