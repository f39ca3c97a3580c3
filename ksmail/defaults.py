"""Where the files lie that come with the program."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ksmail.errors import ConfigError

_PACKAGE = Path(__file__).parent


def defaults_directory(kind: Literal["config", "templates"]) -> Path:
    """The folder of the shipped configuration or templates: inside the wheel, or at the top of a checkout.

    Raises ConfigError when neither is there.
    """
    places = (_PACKAGE / "_defaults" / kind, _PACKAGE.parent / kind)
    found = next((place for place in places if place.is_dir()), None)
    if found is None:
        raise ConfigError(f"the installation lacks its own {kind}: install ksmail again")
    return found
