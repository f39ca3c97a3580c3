"""Making the desk take a person's mail for something it has already: pre-empted, copied, or judged again."""

from __future__ import annotations

import pytest

from ksmail.desk.arrival import Disposition
from tests.builders import ASKER, mail
from tests.security.attacked import TEAM, Desk

HELD = mail(sender="noreply+ada@uni.example")
BROKEN = b"This is no mail.\r\n"


@pytest.mark.parametrize("raw", [HELD, BROKEN], ids=["held", "unreadable"])
def test_a_mail_judged_again_is_not_taken_for_a_copy_of_its_own_copy(desk: Desk, raw: bytes) -> None:
    """Staff put a held mail back into the inbox, and then the operator has it judged again: it stays in the list."""
    desk.take(raw, raw)
    was, copy = desk.dispositions()
    assert copy is Disposition.DUPLICATE
    with desk.store.writing() as tx:
        tx.reopen(1, desk.moment)
    desk.intake.round()
    assert desk.dispositions() == [was, Disposition.DUPLICATE]
    with desk.store.reading() as past:
        assert [line.number for line in past.quarantine()] == [1]


@pytest.mark.parametrize("mark", [b"List-Id: <l.uni.example>\r\n", b"Auto-Submitted: auto-replied\r\n"])
def test_copies_marked_as_a_machines_do_not_keep_a_persons_mail_out(desk: Desk, mark: bytes) -> None:
    raw = mail()
    desk.take(mark + raw, mark + raw, raw)
    assert desk.dispositions() == [Disposition.AUTOMATIC, Disposition.DUPLICATE, Disposition.TICKET]
    assert desk.recipients() == [ASKER]


def test_a_message_id_sent_before_keeps_nothing_out(desk: Desk) -> None:
    """The pre-empted Message-ID (Zammad)."""
    desk.take(mail(sender="eve@evil.example", text="Nothing.\n"), mail())
    assert desk.dispositions() == [Disposition.TICKET, Disposition.TICKET]
    assert desk.recipients() == ["eve@evil.example", ASKER]


def test_the_same_few_words_with_another_file_are_another_question(desk: Desk) -> None:
    """A coordinator who sends five cases writes "see attachment" five times."""
    cases = [
        mail(subject=f"Case {number}", text="Zie bijlage.\n", message_id=f"<{number}@uni.example>",
             attachments=[("case.pdf", "application/pdf", b"%%PDF %d" % number)])
        for number in range(3)
    ]  # fmt: skip
    desk.take(*cases)
    assert desk.dispositions() == [Disposition.TICKET] * 3


def test_the_same_words_with_the_same_file_are_the_same_question(desk: Desk) -> None:
    files = [("case.pdf", "application/pdf", b"%PDF 1")]
    desk.take(*(mail(message_id=f"<{number}@uni.example>", attachments=files) for number in range(2)))
    assert desk.dispositions() == [Disposition.TICKET, Disposition.FOLLOW_UP]
    assert len(desk.letters(TEAM)) == 2
