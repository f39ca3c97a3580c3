"""The state of the alarms as plain JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ksmail.desk.alarm import Alarms, Alert, Outage, Over, Part, Recovery, Told

Facts = dict[str, Any]


def to_facts(state: Alarms) -> Facts:
    """Plain values only; `from_facts` makes the same state of them."""
    return {
        "count": state.count,
        "outages": [_outage_facts(outage) for outage in state.outages],
        "alert": _alert_facts(state.alert) if state.alert else None,
        "recovery": _recovery_facts(state.recovery) if state.recovery else None,
        "lately": [{"part": each.part.value, "at": each.at.isoformat()} for each in state.lately],
    }


def from_facts(facts: Mapping[str, Any]) -> Alarms:
    """Raises ValueError for facts that are not those of a state. An earlier version kept no `lately`."""
    try:
        alert, recovery = facts["alert"], facts["recovery"]
        return Alarms(
            count=int(facts["count"]),
            outages=tuple(map(_outage, facts["outages"])),
            alert=_alert(alert) if alert else None,
            recovery=_recovery(recovery) if recovery else None,
            lately=tuple(Told(Part(each["part"]), _moment(each["at"])) for each in facts.get("lately", ())),
        )
    except (TypeError, LookupError) as fault:
        raise ValueError("not the state of alarms") from fault


def _outage_facts(outage: Outage) -> Facts:
    return {
        "part": outage.part.value,
        "since": outage.since.isoformat(),
        "detail": outage.detail,
        "told_at": outage.told_at.isoformat() if outage.told_at else None,
        "times": outage.times,
    }


def _outage(facts: Facts) -> Outage:
    return Outage(
        part=Part(facts["part"]),
        since=_moment(facts["since"]),
        detail=str(facts["detail"]),
        told_at=_moment(facts["told_at"]) if facts["told_at"] else None,
        times=int(facts["times"]),
    )


def _alert_facts(alert: Alert) -> Facts:
    return {
        "number": alert.number,
        "at": alert.at.isoformat(),
        "outages": [_outage_facts(outage) for outage in alert.outages],
        "well": [part.value for part in alert.well],
    }


def _alert(facts: Facts) -> Alert:
    return Alert(
        number=int(facts["number"]),
        at=_moment(facts["at"]),
        outages=tuple(map(_outage, facts["outages"])),
        well=tuple(map(Part, facts["well"])),
    )


def _recovery_facts(recovery: Recovery) -> Facts:
    over = [{"part": o.part.value, "since": o.since.isoformat(), "until": o.until.isoformat()} for o in recovery.over]
    return {"number": recovery.number, "at": recovery.at.isoformat(), "over": over}


def _recovery(facts: Facts) -> Recovery:
    over = tuple(Over(Part(o["part"]), _moment(o["since"]), _moment(o["until"])) for o in facts["over"])
    return Recovery(number=int(facts["number"]), at=_moment(facts["at"]), over=over)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment
