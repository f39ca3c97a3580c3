"""Silence is detected: what fails is told to whoever runs the program, past the part that fails."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ksmail import log
from ksmail.address import Address
from ksmail.alarmfile import AlarmFile
from ksmail.desk.alarm import AlarmSettings, Alert, Call, Part, Sign, forget, judge, told
from ksmail.desk.letter import Letter, LetterKind
from ksmail.errors import Unavailable
from ksmail.inspection import Inspection, refuses_login
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.transport import Deferred, Outcome, Sent, Transport
from ksmail.store.happenings import Failed
from ksmail.store.records import OURSELVES, Cause, Happened
from ksmail.store.store import Store
from ksmail.writing import Desk

LOOK = 60.0  # seconds between two looks
_REST = timedelta(minutes=5)  # for a server that refused our login: many refusals lock an account

_log = log.get()


@dataclass(slots=True, kw_only=True)
class Watch:
    """Looks after one desk at `address`. `main` and `relay` are ways out of its own, for the outbox may be what fails.
    Every `probe_every` a mail to ourselves goes the way of all letters (zero: never). `now`: the time, aware, UTC."""

    inspection: Inspection
    store: Store
    desk: Desk
    address: Address
    main: Transport
    relay: Transport | None
    alarms: AlarmFile
    settings: AlarmSettings
    probe_every: timedelta
    now: Callable[[], datetime]
    _rests_until: datetime | None = None

    def keep(self, over: threading.Event) -> None:
        """Look every minute until it is over. The one broad except around a look."""
        while not over.is_set():
            try:
                self.look()
            except Exception:
                _log.exception("watch_failed")
            over.wait(LOOK)

    def look(self) -> None:
        """See what fails, and tell whoever must hear of it. What could not be told is told at the next look."""
        with self.alarms.lock:
            self._probe()
            signs, known = self.inspection.signs(self.now()), self.alarms.state
            if not self.probe_every:  # those that were sent before are missed by nobody
                signs, known = [each for each in signs if each.part is not Part.PROBE], forget(known, Part.PROBE)
            state, calls = judge(known, signs, self.now(), self.settings)
            for call in calls:
                _note(call)
                self._record(call)
            self.alarms.keep(state)
            if state.owed:
                asyncio.run(self._tell(state.owed, signs))

    def _record(self, call: Call) -> None:
        """What is over goes on record, for the digest. A store that is away even now loses no alarm: the log has it."""
        if isinstance(call, Alert):
            return
        over = [Happened(Failed(part=each.part.value, since=each.since, until=call.at), OURSELVES, "it works again")
                for each in call.over]  # fmt: skip
        with suppress(Unavailable), self.store.writing() as tx:
            tx.note(over, Cause(None, call.at, call.at))

    # Telling

    async def _tell(self, calls: tuple[Call, ...], signs: list[Sign]) -> None:
        """A call is forgotten as soon as it is told, so that nobody hears it twice."""
        try:
            for call in calls:
                if await self._send(self._write(call), signs):
                    self.alarms.keep(told(self.alarms.state, call))
        finally:
            for way in filter(None, (self.main, self.relay)):
                await way.close()

    async def _send(self, mail: OutgoingMail, signs: list[Sign]) -> bool:
        """Over the first way that takes it. Its log names the kind of letter only."""
        for name, way in self._ways(signs):
            outcomes = await way.send(mail, mail.recipients)
            if all(isinstance(outcome, Sent) for outcome in outcomes.values()):
                _log.info("alarm_told", kind=mail.kind, about=mail.about, way=name)
                return True
            if name == "smtp" and any(map(_is_refused_login, outcomes.values())):
                self._rests_until = self.now() + _REST
        _log.warning("alarm_untold", kind=mail.kind, about=mail.about)
        return False

    def _ways(self, signs: list[Sign]) -> Iterator[tuple[str, Transport]]:
        """Not over the server that is what fails: the outbox tries that one, and at a pace that locks no account."""
        fails = any(sign.part is Part.SENDING and not sign.well for sign in signs)
        rests = self._rests_until is not None and self.now() < self._rests_until
        if not fails and not rests:
            yield "smtp", self.main
        if self.relay is not None:
            yield "alarm_relay", self.relay

    # Writing

    def _write(self, call: Call) -> OutgoingMail:
        """The same call has the same Message-ID, however often it is tried."""
        kind, facts = LetterKind.OPS_RECOVERED, dict[str, Any]()
        if isinstance(call, Alert):
            kind, facts = LetterKind.OPS_ALERT, {"outages": call.outages, "well": call.well}
        else:
            facts = {"over": call.over, "backlog": self._backlog()}
        cause = f"alarm {call.number} {call.at.isoformat()}"
        letter = self._letter(kind, self.desk.policy.ops, f"A-{call.number}", cause, facts)
        return self.desk.composer.compose(letter, None, now=call.at)

    def _letter(self, kind: LetterKind, to: Address, about: str, cause: str, facts: Mapping[str, Any]) -> Letter:
        language = self.desk.policy.staff_language
        return Letter(kind=kind, to=to, language=language, about=about, cause=cause, facts=facts)

    def _backlog(self) -> dict[str, int] | None:
        """What waits now; None when the store is away."""
        try:
            with self.store.reading() as past:
                backlog = past.backlog()
        except Unavailable:
            return None
        return {"mails": backlog.mails, "letters": backlog.letters}

    # The mail to ourselves

    def _probe(self) -> None:
        """One in each slot of time, numbered by it: a restart within the slot makes the same Message-ID, which the
        outbox has already. One of a slot that is still to come was sent under a wrong clock. A store that is away is
        told of by the signs."""
        seconds, now = self.probe_every.total_seconds(), self.now()
        if not seconds:
            return
        slot = int(now.timestamp() // seconds)
        begin = datetime.fromtimestamp(slot * seconds, UTC)
        cause, facts = f"probe {begin.isoformat()}", {"sent_at": now}
        letter = self._letter(LetterKind.OPS_PROBE, self.address, f"P-{slot}", cause, facts)
        try:
            with self.store.reading() as past:
                sent = bool(past.probes(begin, begin + self.probe_every))
            if not sent:
                with self.store.writing() as tx:
                    tx.queue(self.desk.write(tx, None, (letter,), now), None, Cause(None, now, now))
        except Unavailable:
            return


def _note(call: Call) -> None:
    """A line for whoever watches the log, also when no mail can leave."""
    if isinstance(call, Alert):
        parts = [outage.part.value for outage in call.outages]
        seconds = max(call.at - outage.since for outage in call.outages).total_seconds()
        details = [outage.detail for outage in call.outages]
        _log.error("alarm_raised", parts=parts, seconds=round(seconds), details=details)
    else:
        seconds = max(each.lasted for each in call.over).total_seconds()
        _log.error("alarm_over", parts=[each.part.value for each in call.over], seconds=round(seconds))


def _is_refused_login(outcome: Outcome) -> bool:
    return isinstance(outcome, Deferred) and refuses_login(outcome.reason)
