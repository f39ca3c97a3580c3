"""The words of templates/, with facts filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_time
from babel.units import format_unit
from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from ksmail.desk.orders import Verb, row_of
from ksmail.errors import ConfigError
from ksmail.incoming.message import Language
from ksmail.outgoing.harmless import one_line, quoted, shown, too_long, written

_LOCALES = {Language.NL: Locale.parse("nl"), Language.EN: Locale.parse("en_GB")}


class Lines(str):
    """Text that keeps its line ends when it is put into a letter."""

    __slots__ = ()


class Wording:
    """Templates by name, looked for in each of `folders` in turn. Read once; a change needs a restart.

    A template sees plain values only: what stands in a fact is never read as template or as HTML.
    """

    def __init__(self, folders: tuple[Path, ...]) -> None:
        loader = FileSystemLoader(folders)
        self._text, self._html = _environment(loader, escaping=False), _environment(loader, escaping=True)

    def fill(self, name: str, seen: Mapping[str, Any]) -> str:
        """The template `name` with what it may see. Raises ConfigError, which names the file, if that fails."""
        environment = self._html if name.endswith(".html") else self._text
        try:
            filled = environment.get_template(name).render(seen)
        except (TemplateError, OSError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # Without its cause: what a filter says of a wrong value may quote that value.
            raise ConfigError(f"letters.templates: {_fault(name, error)}") from None
        if not filled.strip():
            raise ConfigError(f"letters.templates: {name} is empty")
        return filled


def _environment(loader: FileSystemLoader, *, escaping: bool) -> ImmutableSandboxedEnvironment:
    """Escaping goes by what is being written, so that wording in .txt files can be shared with HTML."""
    environment = ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=escaping,
        undefined=StrictUndefined,
        finalize=_plain,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,  # all of them: one that was forgotten would be read again, after it may have changed
    )
    environment.filters.update(
        longdate=_longdate, shortdate=_shortdate, clock=_clock, size=_size, plural=_plural, order=_order
    )
    environment.filters["quoted"] = _quoted_html if escaping else _quoted_text
    environment.filters["written"] = _written_html if escaping else _written_text
    environment.tests["too_long"] = too_long
    # Facts are always text: there is no way to declare them safe.
    for markup in ("safe", "tojson", "urlize", "xmlattr"):
        del environment.filters[markup]
    return environment


def _plain(value: object) -> object:
    """Every value on its way into a letter becomes one harmless line, unless it is text that we laid out."""
    return value if isinstance(value, Lines | Markup) else one_line(str(value))


def _quoted_text(text: str) -> Lines:
    return Lines(quoted(text))


def _quoted_html(text: str) -> Markup:
    return _html_lines(shown(text))


def _written_text(text: str) -> Lines:
    return Lines("\n".join(written(text)))


def _written_html(text: str) -> Markup:
    return _html_lines(written(text))


def _html_lines(lines: tuple[str, ...]) -> Markup:
    return Markup("<br>\n").join(
        Markup("&nbsp;") * (len(line) - len(line.lstrip())) + escape(line.lstrip()) for line in lines
    )


@pass_context
def _longdate(context: Context, value: date) -> str:
    return format_date(_day(context, value), "EEEE d MMMM y", locale=_locale(context))


@pass_context
def _shortdate(context: Context, value: date) -> str:
    return format_date(_day(context, value), "EEEE d MMMM", locale=_locale(context))


@pass_context
def _clock(context: Context, value: datetime) -> str:
    return format_time(value.astimezone(context["desk"].timezone), "HH:mm", locale=_locale(context))


@pass_context
def _size(context: Context, value: int) -> str:
    """Decimal units, as mail programs show them."""
    steps = ((1_000_000_000, "gigabyte"), (1_000_000, "megabyte"), (1_000, "kilobyte"), (1, "byte"))
    unit, name = next((step for step in steps if value >= step[0]), steps[-1])
    shape = "0.#" if value < 10 * unit else "0"
    return format_unit(value / unit, f"digital-{name}", "short", shape, locale=_locale(context))


@pass_context
def _plural(context: Context, count: int, one: str, other: str) -> str:
    return one if _locale(context).plural_form(count) == "one" else other


@pass_context
def _order(context: Context, verb: str) -> str:
    """An order as a person writes it: `#pak`."""
    return f"#{row_of(Verb(verb)).spelling(context['language'])}"


def _locale(context: Context) -> Locale:
    return _LOCALES[context["language"]]


def _day(context: Context, value: object) -> date:
    if isinstance(value, datetime):
        return value.astimezone(context["desk"].timezone).date()
    if not isinstance(value, date):
        raise TypeError(f"not a date: {value}")
    return value


def _fault(name: str, error: Exception) -> str:
    if isinstance(error, TemplateNotFound):
        return f"{error.name} is missing"
    if isinstance(error, TemplateSyntaxError):
        return f"{error.name or name}, line {error.lineno}: {error.message}"
    if isinstance(error, TemplateError):
        return f"{name}: {error.message}"
    return f"{name}: {type(error).__name__} while it was filled in"
