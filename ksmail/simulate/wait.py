"""How long somebody takes to answer, as people write it: "2 days 3 hours", "1 working day"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ksmail.desk.workdays import Workdays

_PART = re.compile(r"(\d{1,4}) (working day|day|hour|minute)s?", re.ASCII)
_FAULT = 'must be a span of time, such as "2 days 3 hours" or "1 working day"'


@dataclass(frozen=True, slots=True)
class Wait:
    """Working days first, then days, both at the same time on the desk's clock, then hours and minutes."""

    working_days: int = 0
    days: int = 0
    hours: int = 0
    minutes: int = 0

    def after(self, moment: datetime, workdays: Workdays, timezone: ZoneInfo) -> datetime:
        """The end of it, in UTC; `moment` is aware."""
        local = moment.astimezone(timezone)
        day = workdays.after(local.date(), self.working_days) if self.working_days else local.date()
        shifted = datetime.combine(day + timedelta(days=self.days), local.timetz().replace(tzinfo=timezone))
        moved = shifted.replace(fold=local.fold).astimezone(UTC)
        return moved + timedelta(hours=self.hours, minutes=self.minutes)


def read_wait(text: str) -> Wait:
    """Raises ValueError with what is expected."""
    parts = [(unit, int(number)) for number, unit in _PART.findall(text)]
    if not parts or _PART.sub("", text).strip() or len(dict(parts)) != len(parts):
        raise ValueError(_FAULT)
    found = dict(parts)
    return Wait(found.get("working day", 0), found.get("day", 0), found.get("hour", 0), found.get("minute", 0))
