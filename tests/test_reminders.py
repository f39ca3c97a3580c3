"""Time passes: what silence leads to, done once and put on record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from ksmail.capability import Audience
from ksmail.desk.consultation import Consultation, Consulted, PartnerReplied, Position, Stage
from ksmail.desk.policy import Policy
from ksmail.desk.ticket import Answered, Change, CloseReason, EntryKind, Status, TakenUp, Thanked, Ticket
from ksmail.errors import StoreAway
from ksmail.incoming.identity import Role
from ksmail.incoming.limits import Limits
from ksmail.outgoing.mail import OutgoingMail
from ksmail.reference import Reference
from ksmail.reminders import Reminders
from ksmail.store.chain import End, Link
from ksmail.store.records import Cause, Happened, Records
from ksmail.store.store import Store
from ksmail.writing import Desk
from tests.builders import address
from tests.desk.facts import CONSULTING
from tests.outgoing.letters import composer
from tests.store.facts import NOW, follow_up, new_store, open_ticket, posted

DAY = timedelta(days=1)
ANSWERED = (TakenUp(), Answered(message_id="<a@desk.example>", at=NOW))
DUE = date(2026, 6, 8)  # a Monday
NINE = datetime(2026, 6, 8, 7, 0, tzinfo=UTC)  # nine o'clock at the desk on that day


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = new_store(tmp_path / "desk.db")
    yield made
    made.close()


def opened(store: Store, uid: int, *changes: Change) -> Reference:
    with store.writing() as tx:
        reference = open_ticket(tx, uid)
        if changes:
            follow_up(tx, uid + 100, reference, *changes)
    return reference


def pass_time(store: Store, at: datetime, policy: Policy | None = None) -> int:
    desk = Desk(policy=policy or Policy(), composer=composer(), limits=Limits())
    return Reminders(store, desk, lambda: at).round()


def ticket(store: Store, reference: Reference) -> Ticket:
    with store.reading() as past:
        found = past.find_ticket(reference)
    assert found is not None
    return found


def status(store: Store, reference: Reference) -> Status:
    return ticket(store, reference).status


def test_an_answered_question_is_closed_after_fourteen_quiet_days(store: Store) -> None:
    reference = opened(store, 1, *ANSWERED)
    assert pass_time(store, NOW + 14 * DAY) == 1
    over = ticket(store, reference)
    assert (over.status, over.closed_because) == (Status.CLOSED, CloseReason.ANSWERED)
    assert over.ended_at == NOW


def test_it_is_put_on_record_with_its_reason_and_nobody_is_mailed(store: Store) -> None:
    reference = opened(store, 1, *ANSWERED)
    pass_time(store, NOW + 14 * DAY)
    with store.reading() as past:
        dossier = past.ticket(reference)
        assert past.verify_chain() is None
    assert dossier is not None
    assert (dossier.history[-1].actor, dossier.history[-1].mail) == ("ksmail", None)
    assert dossier.history[-1].because == "nobody wrote any more"
    assert dossier.letters == ()


def test_a_moment_too_early_nothing_happens(store: Store) -> None:
    reference = opened(store, 1, *ANSWERED)
    assert pass_time(store, NOW + 14 * DAY - timedelta(seconds=1)) == 0
    assert status(store, reference) is Status.ANSWERED


def test_doing_it_twice_changes_nothing(store: Store) -> None:
    opened(store, 1, *ANSWERED)
    assert [pass_time(store, NOW + 15 * DAY), pass_time(store, NOW + 16 * DAY)] == [1, 0]


def test_a_word_of_thanks_makes_it_wait(store: Store) -> None:
    opened(store, 1, *ANSWERED, Thanked(NOW + 5 * DAY))
    assert pass_time(store, NOW + 15 * DAY) == 0
    assert pass_time(store, NOW + 19 * DAY) == 1


def test_only_what_was_answered_is_closed_and_all_of_it(store: Store) -> None:
    fresh = opened(store, 1)
    two = [opened(store, 2, *ANSWERED), opened(store, 3, *ANSWERED)]
    assert pass_time(store, NOW + 30 * DAY) == 2
    assert status(store, fresh) is Status.NEW
    assert {status(store, each) for each in two} == {Status.CLOSED}


def test_an_empty_desk_has_nothing_to_do(store: Store) -> None:
    assert pass_time(store, NOW) == 0


# Partners whose date has come.


def asked(code: str) -> Consulted:
    return Consulted(
        partner=code,
        to=address(f"liaison@{code.lower()}.example"),
        due_on=DUE,
        message_id=f"<request-{code.lower()}@desk.example>",
        at=NOW,
    )


def consulted(store: Store, uid: int, *codes: str) -> Reference:
    """A question about which these partners were asked, with what they were told."""
    words: dict[str, Any] = {"audience": Audience.PARTNER, "kind": EntryKind.REQUEST, "role": Role.STAFF}
    texts = [replace(posted(f"<{code}@desk.example>", files=0, **words), partner=code) for code in codes]
    return opened(store, uid, TakenUp(), *texts, *map(asked, codes))


def letters(store: Store) -> list[tuple[str, str]]:
    with store.reading() as past:
        lines = sorted(past.outbox(99), key=lambda line: line.id)
    lines = [line for line in lines if line.kind != "staff_due"]  # the date of these questions has passed too
    return [(line.kind, person.address) for line in lines for person in line.recipients]


def told_of(store: Store, words: str) -> list[str]:
    """Whose mails about what is due have these words."""
    with store.reading() as past:
        mails = [queued.mail for queued in past.due(NOW + 99 * DAY, 99) if queued.mail.kind == "staff_due"]
    bodies = [message_from_bytes(mail.raw, policy=default).get_body(("plain",)) for mail in mails]
    texts = [" ".join(str(body.get_content()).split()) for body in bodies if body is not None]
    return [mail.recipients[0] for mail, text in zip(mails, texts, strict=True) if words in text]


def only(store: Store, reference: Reference) -> Consultation:
    (consultation,) = ticket(store, reference).consultations
    return consultation


def test_a_partner_whose_date_has_come_is_told_so_at_nine(store: Store) -> None:
    reference = consulted(store, 1, "BZ")
    assert pass_time(store, NINE - timedelta(minutes=1), CONSULTING) == 0
    assert pass_time(store, NINE, CONSULTING) == 1
    assert letters(store) == [("partner_reminder", "liaison@bz.example")]
    assert (only(store, reference).stage, only(store, reference).reminded) == (Stage.SENT, True)


def test_it_is_told_once_however_often_the_daemon_starts_again(store: Store) -> None:
    consulted(store, 1, "BZ")
    assert [pass_time(store, NINE + n * timedelta(minutes=1), CONSULTING) for n in range(3)] == [1, 0, 0]
    assert len(letters(store)) == 1


def test_when_it_stays_silent_we_stop_waiting_and_staff_hear_of_it(store: Store) -> None:
    reference = consulted(store, 1, "BZ")
    pass_time(store, NINE, CONSULTING)
    assert pass_time(store, NINE + DAY, CONSULTING) == 0
    assert pass_time(store, NINE + 2 * DAY, CONSULTING) == 1
    assert only(store, reference).stage is Stage.EXPIRED
    assert status(store, reference) is Status.IN_PROGRESS
    assert letters(store)[1:] == []
    assert told_of(store, "heeft niet geantwoord") == ["team@desk.example"]
    assert told_of(store, "did not answer") == ["eva@agency.example"]


def test_the_silence_of_a_partner_is_told_once_in_the_mail_of_the_morning(store: Store) -> None:
    consulted(store, 1, "BZ")
    assert [pass_time(store, NINE + n * DAY, CONSULTING) for n in (2, 3, 4)] == [1, 0, 0]
    assert told_of(store, "heeft niet geantwoord") == ["team@desk.example"]


def test_of_several_silent_partners_everybody_reads_in_one_mail(store: Store) -> None:
    consulted(store, 1, "BZ", "OCW")
    consulted(store, 2, "EZ")
    assert pass_time(store, NINE + 2 * DAY, CONSULTING) == 2
    assert letters(store) == []
    assert [len(told_of(store, f"{code} did not answer")) for code in ("BZ", "OCW", "EZ")] == [1, 1, 1]


def test_a_question_at_which_we_fail_half_way_is_left_as_it_was_and_the_others_are_told_of(store: Store) -> None:
    broken, well = consulted(store, 1, "BZ"), consulted(store, 2, "EZ")
    forge = Records._forge

    def fails(self: Records, name: str | None, happened: Sequence[Happened], cause: Cause) -> tuple[list[Link], End]:
        links, end = forge(self, name, happened, cause)
        if name == str(broken):
            self._write(links, end)  # the history has it, the ticket does not yet
            raise RuntimeError("our own fault")
        return links, end

    with patch.object(Records, "_forge", fails):
        assert pass_time(store, NINE + 2 * DAY, CONSULTING) == 1
    assert [only(store, each).stage for each in (broken, well)] == [Stage.SENT, Stage.EXPIRED]
    assert [len(told_of(store, f"{code} did not answer")) for code in ("BZ", "EZ")] == [0, 1]
    with store.reading() as past:
        assert past.verify_chain() is None
    assert pass_time(store, NINE + 3 * DAY, CONSULTING) == 1
    assert told_of(store, "BZ did not answer") == ["eva@agency.example"]


def test_a_disk_that_is_full_half_way_keeps_nothing_of_the_call(store: Store) -> None:
    """SQLite undoes the whole transaction then; what came after it would be kept by itself."""
    asked_about = [consulted(store, number, "BZ") for number in (1, 2, 3)]
    silent = Reminders._silent

    def no_room(self: Reminders, found: Any, reference: Reference) -> None:
        silent(self, found, reference)
        pages = found.tx._db.exec_driver_sql("PRAGMA page_count").scalar()
        found.tx._db.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        try:
            found.tx._db.exec_driver_sql("CREATE TABLE more AS SELECT zeroblob(10000000)")
        finally:
            found.tx._db.exec_driver_sql("PRAGMA max_page_count = 1000000")  # there is room for the next one again

    with patch.object(Reminders, "_silent", no_room), pytest.raises(StoreAway, match="full"):
        pass_time(store, NINE + 2 * DAY, CONSULTING)
    with store.reading() as past:
        assert past.verify_chain() is None
        assert past.claimed("due", (NINE + 2 * DAY).date()) is None
    assert {only(store, each).stage for each in asked_about} == {Stage.SENT}


def test_a_partner_that_is_given_up_after_the_morning_is_told_of_on_the_next_day(store: Store) -> None:
    with store.writing() as tx:
        tx.claim("due", (NINE + 2 * DAY).date(), NOW)
    reference = consulted(store, 1, "BZ")
    pass_time(store, NINE + 2 * DAY + timedelta(hours=1), CONSULTING)
    assert only(store, reference).stage is Stage.SENT
    pass_time(store, NINE + 3 * DAY, CONSULTING)
    assert only(store, reference).stage is Stage.EXPIRED


def test_what_time_brings_to_several_partners_is_one_step_of_one_ticket(store: Store) -> None:
    reference = consulted(store, 1, "BZ", "OCW")
    assert pass_time(store, NINE, CONSULTING) == 1
    with store.reading() as past:
        dossier = past.ticket(reference)
        assert past.verify_chain() is None
    assert dossier is not None
    assert [line.because for line in dossier.history[-2:]] == [
        "the date of BZ has come; the date of OCW has come"
    ] * 2  # fmt: skip
    assert letters(store) == [
        ("partner_reminder", "liaison@bz.example"), ("partner_reminder", "liaison@ocw.example")
    ]  # fmt: skip


def test_a_partner_that_has_answered_is_left_alone(store: Store) -> None:
    reference = consulted(store, 1, "BZ")
    with store.writing() as tx:
        follow_up(tx, 2, reference, PartnerReplied(partner="BZ", position=Position.INPUT, at=NOW))
    assert pass_time(store, NINE, CONSULTING) == 0
    assert letters(store) == []


def test_of_a_partner_that_is_not_in_the_list_any_more_nothing_is_said(store: Store) -> None:
    consulted(store, 1, "BZ")
    assert pass_time(store, NINE, Policy()) == 0
    assert letters(store) == []


def test_a_round_that_fails_on_the_way_leaves_no_half_of_it(store: Store) -> None:
    reference = consulted(store, 1, "BZ")

    class Full(Desk):
        def write(self, *_: object) -> list[OutgoingMail]:
            raise OSError("no room")

    desk = Full(policy=CONSULTING, composer=composer(), limits=Limits())
    with pytest.raises(OSError, match="no room"):
        Reminders(store, desk, lambda: NINE).round()
    assert not only(store, reference).reminded
    assert pass_time(store, NINE, CONSULTING) == 1
