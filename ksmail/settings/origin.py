"""Where settings come from: one file, and the environment over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ksmail.errors import ConfigError

PREFIX = "KSMAIL_"
NESTED = "__"
PLACES = (Path("config/ksmail.toml"), Path("/etc/ksmail/ksmail.toml"))


@dataclass(frozen=True, slots=True)
class Origin:
    """`environ` is the environment as it was handed in."""

    file: Path
    environ: Mapping[str, str]

    def fault(self, key: str, problem: str) -> ConfigError:
        """The sentence about one key (`imap.port`, `staff[2].address`), with where its value stands."""
        return ConfigError(f"{key}: {problem} ({self._place(key)})")

    def path(self, text: str) -> Path:
        """A path from the configuration; relative ones start at the folder of the file."""
        return self.file.parent / Path(text).expanduser()

    def _place(self, key: str) -> str:
        steps = key.partition("[")[0].split(".")
        names = [variable(*steps[:length]) for length in range(len(steps), 0, -1)]
        given = {name.upper() for name in self.environ}
        return next((f"environment variable {name}" for name in names if name in given), str(self.file))

    def __repr__(self) -> str:
        return f"Origin({str(self.file)!r})"


def variable(*steps: str) -> str:
    """The environment variable that stands for a key: KSMAIL_IMAP__PORT."""
    return PREFIX + NESTED.join(steps).upper()


def find(path: Path | None, environ: Mapping[str, str], places: tuple[Path, ...] = PLACES) -> Path:
    """The configuration file: `path`, KSMAIL_CONFIG, ./config/ksmail.toml, /etc/ksmail/ksmail.toml.

    A file that somebody named is not replaced by another one. Raises ConfigError.
    """
    named = environ.get(PREFIX + "CONFIG", "")
    for word, wanted in (("--config", path), (PREFIX + "CONFIG", Path(named) if named else None)):
        if wanted is not None:
            if not wanted.is_file():
                raise ConfigError(f"{word}: there is no file {wanted}")
            return wanted
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        names = " or ".join(str(place) for place in places)
        raise ConfigError(f"no configuration: give --config or {PREFIX}CONFIG, or put it in {names}")
    return found
