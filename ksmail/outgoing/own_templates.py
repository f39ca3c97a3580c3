"""The folder in which a desk keeps the templates that it changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ksmail.desk.letter import LetterKind
from ksmail.errors import ConfigError
from ksmail.incoming.message import Language

_LANGUAGES = (Language.NL, Language.EN)
_PARTS = ("subject.txt", "body.txt", "body.html")


def check_folder(own: Path | None) -> None:
    """Raises ConfigError when the folder is not there, or holds a template that no letter would ever use."""
    if own is None:
        return
    if not own.is_dir():
        raise ConfigError(f"letters.templates: {own} is not a folder")
    stray = next(_strays(own), None)
    if stray is not None:
        raise ConfigError(f"letters.templates: no letter uses {stray}")


def _strays(own: Path) -> Iterator[str]:
    """Files that look like templates but are in no place where one is looked for."""
    for path in sorted(own.rglob("*")):
        place = path.relative_to(own).parts
        known = "_shared" in place[:2] or (
            len(place) == 3 and place[0] in _LANGUAGES and place[1] in set(LetterKind) and place[2] in _PARTS
        )
        if path.suffix in {".txt", ".html"} and not known:
            yield path.relative_to(own).as_posix()
