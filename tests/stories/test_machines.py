"""No machine ever gets an answer: from the bytes of a mail to the letters, with nothing left out but the wires."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ksmail import config
from ksmail.assemble import make_clerk
from ksmail.clerk import Clerk, Judged
from ksmail.desk.arrival import Disposition
from ksmail.errors import UnreadableMail
from ksmail.incoming.limits import Limits
from ksmail.incoming.mailbox import MailKey
from ksmail.incoming.parse import parse
from ksmail.store.store import Reader, Store
from ksmail.store.values import Pending
from tests.builders import MONDAY, mail
from tests.stories.rig import BORDER, DESK, FORM, TEAM

HUMAN = "robin@uni.example"
WORDS = "Dear desk,\n\nMay we accept a laboratory that a company abroad wants to pay for? Please advise us.\n\nRobin\n"


class Bench:
    """A clerk and an empty store."""

    def __init__(self, folder: Path) -> None:
        (folder / "password").touch(0o600)
        (folder / "password").write_text("secret")
        settings_file = folder / "ksmail.toml"
        settings_file.write_text(
            f'state_directory = "{folder}"\n[desk]\naddress = "{DESK}"\nname_nl = "Punt"\nname_en = "Point"\n'
            f'[team]\naddress = "{TEAM}"\n[trust]\nauthserv_id = "{BORDER}"\n'
            '[[staff]]\nname = "Sam"\naddress = "sam@agency.example"\n'
            f'[imap]\nhost = "localhost"\nuser = "u"\npassword_file = "{folder}/password"\n'
            f'[smtp]\nhost = "localhost"\nuser = "u"\npassword_file = "{folder}/password"\n'
            f'[[form]]\nsender = "{FORM}"\n'
        )
        loaded = config.load(settings_file, {})
        Store.migrate(loaded.store)
        self.store = Store.open(loaded.store)
        self.clerk: Clerk = make_clerk(loaded)

    def judge(self, raw: bytes) -> Judged:
        with self.store.reading() as past:
            return self._judge(past, raw)

    def _judge(self, past: Reader, raw: bytes) -> Judged:
        pending = Pending(
            number=1, key=MailKey("INBOX", 1, 1), received_at=MONDAY, size=len(raw), incomplete="", attempts=0
        )
        try:
            message = parse(raw, Limits())
        except UnreadableMail as fault:
            return self.clerk.judge(past, pending, fault, MONDAY + timedelta(minutes=1))
        return self.clerk.judge(past, pending, message, MONDAY + timedelta(minutes=1))

    def answered(self, raw: bytes) -> list[str]:
        """Everybody but the team who would get a letter about this mail."""
        return [to for letter in self.judge(raw).mails for to in letter.recipients if to != TEAM]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("bench"))
    yield made
    made.store.close()


def written(*headers: tuple[str, str], sender: str = HUMAN, to: str = DESK, return_path: str | None = HUMAN) -> bytes:
    path = () if return_path is None else (("Return-Path", f"<{return_path}>"),)
    return mail(sender=sender, to=to, text=WORDS, headers=(*path, *headers))


SILENT = {
    "57 null return path": written(return_path=""),
    "58 auto-replied": written(("Auto-Submitted", "auto-replied")),
    "58 auto-generated": written(("Auto-Submitted", "auto-generated")),
    "58 auto-notified": written(("Auto-Submitted", "auto-notified")),
    "58 upper case, comment, parameter": written(("Auto-Submitted", "AUTO-REPLIED (x); a=b")),
    "58 unknown word": written(("Auto-Submitted", "x-foo")),
    "58 two fields": written(("Auto-Submitted", "no")).replace(
        b"Auto-Submitted: no", b"Auto-Submitted: no\r\nAuto-Submitted: auto-replied"
    ),
    **{
        f"60 {name}": written((name, "<https://list.example/x>"))
        for name in (
            "List-Id",
            "List-Help",
            "List-Unsubscribe",
            "List-Subscribe",
            "List-Post",
            "List-Owner",
            "List-Archive",
        )
    },
    **{
        f"60 precedence {value}": written(("Precedence", value))
        for value in ("bulk", "Bulk", "list", "junk", "auto_reply")
    },
    **{
        f"60 suppress {value}": written(("X-Auto-Response-Suppress", value))
        for value in ("All", "OOF, AutoReply", "DR, RN, NRN, OOF, AutoReply", "all")
    },
    **{
        f"61 {local}": written(sender=f"{local}@uni.example", return_path=f"{local}@uni.example")
        for local in (
            "mailer-daemon",
            "MAILER-DAEMON",
            "owner-news",
            "news-request",
            "no-reply",
            "noreply",
            "listserv",
            "bounces+17",
            "postmaster",
        )
    },
    "61 our own address": written(sender=DESK, return_path=DESK),
    "61 staff": written(sender="sam@agency.example", return_path="sam@agency.example"),
    "73 not addressed to us": written(to="other@desk.example"),
    "81 our border says it failed": written(
        ("Authentication-Results", f"{BORDER}; dmarc=fail header.from=uni.example")
    ),
}
ANSWERED = {
    "57 no return path at all": written(return_path=None),
    "59 no": written(("Auto-Submitted", "no")),
    "59 no with parameter": written(("Auto-Submitted", "No ; a=b")),
    "60 suppress None": written(("X-Auto-Response-Suppress", "None")),
    "plain": written(),
}


@pytest.mark.parametrize("raw", SILENT.values(), ids=SILENT.keys())
def test_no_letter_goes_to(bench: Bench, raw: bytes) -> None:
    assert bench.answered(raw) == []


@pytest.mark.parametrize("raw", ANSWERED.values(), ids=ANSWERED.keys())
def test_a_person_is_answered(bench: Bench, raw: bytes) -> None:
    assert bench.answered(raw) == [HUMAN]


def test_postmaster_may_be_a_person_and_gets_a_ticket(bench: Bench) -> None:
    assert bench.judge(SILENT["61 postmaster"]).decision.disposition is Disposition.TICKET


MARKS = st.sampled_from(
    [
        ("Auto-Submitted", "auto-replied"),
        ("Auto-Submitted", "auto-generated; why=vacation"),
        ("Auto-Submitted", " Auto-Replied (vacation)"),
        ("Precedence", "bulk"),
        ("Precedence", " LIST "),
        ("List-Id", "News <news.example>"),
        ("List-Unsubscribe", "<mailto:off@news.example>"),
        ("X-Auto-Response-Suppress", "OOF"),
        ("X-Auto-Response-Suppress", "DR, AutoReply"),
        ("X-Autoreply", "yes"),
    ]
)
HARMLESS = st.sampled_from(
    [
        ("X-Mailer", "Something 1.0"),
        ("X-Priority", "1"),
        ("Reply-To", "victim@third.example"),
        ("Cc", "adviser@uni.example"),
        ("Disposition-Notification-To", HUMAN),
        ("X-Loop", "desk@desk.example"),
        ("Auto-Submitted", "no"),
    ]
)
SENDERS = st.sampled_from([HUMAN, "info@uni.example", "Anna <anna@prive.example>", f"Formulier <{FORM}>"])
SUBJECTS = st.sampled_from(["A question", "Re: [KV-2026-0001] hello", "Automatisch antwoord: weg", "", "Vraag\u202e"])


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    mark=MARKS,
    others=st.lists(HARMLESS, max_size=3),
    place=st.integers(0, 3),
    sender=SENDERS,
    subject=SUBJECTS,
    return_path=st.sampled_from([None, "", HUMAN]),
)
def test_whatever_else_a_mail_carries_one_mark_of_a_machine_is_enough(
    bench: Bench,
    mark: tuple[str, str],
    others: list[tuple[str, str]],
    place: int,
    sender: str,
    subject: str,
    return_path: str | None,
) -> None:
    # A form's web server marks its mail as automatic by right: the person behind it is answered.
    if FORM in sender and mark[0].startswith(("Auto-Submitted", "X-Auto")):
        mark = ("Precedence", "bulk")
    headers = [*others[:place], mark, *others[place:]]
    path = [] if return_path is None else [("Return-Path", f"<{return_path}>")]
    lines = "".join(f"{name}: {value}\r\n" for name, value in [*path, *headers])
    raw = lines.encode() + mail(sender=sender, to=DESK, subject=subject, text=WORDS)
    assert bench.answered(raw) == []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=400), place=st.integers(0, 400))
def test_damaged_bytes_never_raise_and_never_answer_more_than_one_person(
    bench: Bench, noise: bytes, place: int
) -> None:
    raw = written()
    judged = bench.judge(raw[:place] + noise + raw[place:])
    assert judged.decision.because
    assert len([letter for letter in judged.mails if TEAM not in letter.recipients]) <= 1
