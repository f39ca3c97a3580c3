"""The state of the alarms in a small file, so that a restart repeats no alert and forgets no outage."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from pathlib import Path

from ksmail import log
from ksmail.desk.alarm import Alarms
from ksmail.desk.alarm_facts import from_facts, to_facts

_log = log.get()


class AlarmFile:
    """What we know of the alarms. `lock` is to be held for the whole of a look: at a change of settings two watches
    may overlap for a moment."""

    def __init__(self, path: Path) -> None:
        """A file that is not there, or cannot be read, is that of a desk that begins."""
        self._path = path
        self._written = True
        self.lock = threading.Lock()
        self.state = _read(path)

    def keep(self, state: Alarms) -> None:
        """Remember it; in memory only, as long as the disk takes nothing. Whoever reads the file sees all or nothing
        of it."""
        changed, self.state = state != self.state, state
        if not changed and self._written:
            return
        draft = self._path.with_name(self._path.name + ".new")
        try:
            draft.write_text(json.dumps(to_facts(state), indent=1) + "\n")
            draft.replace(self._path)
            self._written = True
        except OSError as fault:
            with suppress(OSError):
                draft.unlink()
            if self._written:  # said once, and not every minute
                _log.error("alarm_file_failed", reason=type(fault).__name__)
            self._written = False


def _read(path: Path) -> Alarms:
    try:
        return from_facts(json.loads(path.read_text()))
    except (OSError, ValueError):
        return Alarms()
