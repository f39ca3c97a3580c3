"""Why settings are refused, in one sentence that names the key and never the value."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ksmail.errors import ConfigError
from ksmail.settings.origin import Origin

_PROBLEMS = {
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number without quotes",
    "int_from_float": "must be a whole number without quotes",
    "float_type": "must be a number without quotes",
    "finite_number": "must be an ordinary number",
    "bool_type": "must be true or false without quotes",
    "list_type": "must be a list",
    "model_type": "must be a section",
    "missing": "must be filled in",
    "literal_error": "must be {expected}",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "too_long": "must hold at most {max_length}",
    "too_short": "must hold at least {min_length}",
    "value_error": "{error}",
}


def refusal(error: ValidationError, model: type[BaseModel], origin: Origin) -> ConfigError:
    """The first fault that pydantic found in `model`; an unknown key goes before all others, as it explains them."""
    faults = error.errors(include_url=False, include_input=False)
    worst = next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])
    return origin.fault(_key(worst["loc"]), _problem(worst, model))


def _key(steps: tuple[int | str, ...]) -> str:
    """`staff[2].address`; entries are counted from 1."""
    key = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in steps)
    return key.removeprefix(".")


def _problem(fault: ErrorDetails, model: type[BaseModel]) -> str:
    if fault["type"] == "extra_forbidden":
        return _unknown(fault["loc"], model)
    return _PROBLEMS.get(fault["type"], "cannot be used").format_map(fault.get("ctx", {}))


def _unknown(steps: tuple[int | str, ...], model: type[BaseModel]) -> str:
    *section, key = steps
    known = _fields(model, section)
    meant = get_close_matches(str(key), known, 1)
    return f"unknown key; did you mean {_key((*section, meant[0]))}?" if meant else "unknown key"


def _fields(model: type[BaseModel], steps: list[int | str]) -> list[str]:
    """The keys that a section may have. `steps` leads to it from `model`."""
    for step in steps:
        if isinstance(step, str):
            annotation: Any = model.model_fields[step].annotation
            model = next(iter(get_args(annotation)), annotation)
    return [field.alias or name for name, field in model.model_fields.items()]
