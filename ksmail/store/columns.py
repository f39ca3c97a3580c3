"""What the columns of the tables are made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Dialect, ForeignKey, MetaData, Text, text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

# Constraints with names can be changed by a later migration.
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware moment, UTC in the store. A naive one is refused with ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class Base(SQLModel):
    """What every row is."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=_NAMES)


def moment(*, null: bool = False) -> Any:
    """An aware moment."""
    return Field(sa_type=Moment, nullable=null)


def string(*, index: bool = False) -> Any:
    """A text; "" where there is none."""
    return Field(default="", sa_type=Text, nullable=False, index=index)


def added_string(default: str = "") -> Any:
    """A text that later rows got: those that were there before hold `default`."""
    preset = {"server_default": text(f"'{default}'")}
    return Field(default=default, sa_type=Text, nullable=False, sa_column_kwargs=preset)


def added_flag() -> Any:
    """A yes or no that later rows got: those that were there before hold no."""
    return Field(default=False, sa_type=Boolean, nullable=False, sa_column_kwargs={"server_default": text("0")})


def big() -> Any:
    """A number that may need more than 31 bits: UIDs (RFC 9051 2.3.1.1), sizes."""
    return Field(sa_type=BigInteger, nullable=False)


def link(target: str, *, null: bool = False, index: bool = True) -> Any:
    """A reference to another table's row."""
    return Field(default=None, sa_column=Column(ForeignKey(target), nullable=null, index=index))
