"""Changes to JSON and back."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from datetime import date
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, cast, get_args, get_origin, get_type_hints

from ksmail.desk.ticket import Change
from ksmail.outgoing.mail import Carries
from ksmail.reference import Reference
from ksmail.store.happenings import Happening


def encode(change: Happening) -> str:
    """One canonical line: the name of the change and its fields, sorted, ASCII."""
    return canonical({"type": type(change).__name__, **_fields(change)})


def decode(text: str) -> Happening:
    """The change that `encode` wrote. Raises ValueError for a text that is none."""
    try:
        facts = json.loads(text)
        kind = _kinds()[facts.pop("type")]
        change: Happening = _build(kind, facts)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a change that this program knows") from error
    return change


def encode_all(changes: Iterable[Change]) -> str:
    """Several changes in one line, in their order."""
    return "[" + ",".join(map(encode, changes)) + "]"


def decode_all(text: str) -> tuple[Change, ...]:
    """The changes that `encode_all` wrote. Raises ValueError for a text that holds anything else."""
    changes = tuple(decode(canonical(facts)) for facts in json.loads(text))
    if not all(isinstance(change, get_args(Change)) for change in changes):
        raise ValueError("not changes of a ticket")
    return cast("tuple[Change, ...]", changes)


def encode_carries(carries: Carries) -> str:
    """What a letter carries, in one line."""
    return canonical(_fields(carries))


def decode_carries(text: str) -> Carries:
    """What `encode_carries` wrote; nothing for ""."""
    return cast("Carries", _build(Carries, json.loads(text))) if text else Carries()


def canonical(facts: Any) -> str:
    """JSON in the one form that is hashed: sorted keys, no spaces, ASCII."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value) if field.init}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Reference):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return _fields(value) if dataclasses.is_dataclass(value) else value


@cache
def _kinds() -> dict[str, type]:
    return {kind.__name__: kind for kind in get_args(Happening)}


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind) if field.init}


def _build(kind: type, facts: dict[str, Any]) -> Any:
    hints = _hints(kind)
    return kind(**{name: _rich(hints[name], value) for name, value in facts.items()})


def _rich(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UnionType):
        kind = next(part for part in get_args(kind) if part is not type(None))
    if get_origin(kind) is tuple:
        return tuple(_rich(get_args(kind)[0], item) for item in value)
    if kind is Reference:
        return Reference.parse(value)
    if issubclass(kind, date):
        return kind.fromisoformat(value)
    if hasattr(kind, "__dataclass_fields__"):
        return _build(kind, value)
    return kind(value) if issubclass(kind, Enum) else value
