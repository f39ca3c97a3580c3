"""What there is to know about one order: its spellings, its arguments, what it does."""

from __future__ import annotations

from dataclasses import dataclass

from ksmail.capability import Audience
from ksmail.desk.order import Kind, Option, Text, Verb
from ksmail.incoming.message import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One order. `en` and `nl` are its spellings, the first of each is the one we show; `takes` and `may_take` are
    its arguments in the order in which they stand. `leaves`: something goes out of the desk by it. `destroys` and
    `discloses` (a merge: when the askers differ) are confirmed whoever orders it. `overridable`: `!` after the verb
    means something. `help_en` and `help_nl` say in one line what it does.
    """

    verb: Verb
    en: tuple[str, ...]
    nl: tuple[str, ...]
    takes: tuple[Kind, ...] = ()
    may_take: tuple[Kind, ...] = ()
    options: tuple[Option, ...] = ()
    text: Text = Text.NONE
    leaves: bool = False
    destroys: bool = False
    discloses: bool = False
    overridable: bool = False
    audiences: tuple[Audience, ...] = (Audience.STAFF,)
    help_en: str
    help_nl: str

    def spelling(self, language: Language) -> str:
        """The spelling we show, without the #; Dutch unless `language` is English."""
        return (self.en if language is Language.EN else self.nl)[0]

    def usage(self, language: Language) -> str:
        """How it is written: `#consult BZ OCW [by 2026-12-14] [+identity] [+attachments]`."""
        shown = _SHOWN_EN if language is Language.EN else _SHOWN_NL
        words = [f"#{self.spelling(language)}", *(shown[kind] for kind in self.takes)]
        words += [f"[{shown[kind]}]" for kind in self.may_take]
        words += [f"[{option_word(option, language)}]" for option in self.options]
        return " ".join(words)


def option_word(option: Option, language: Language) -> str:
    """How an option is written, with its plus sign."""
    return f"+{option.value}" if language is Language.EN else f"+{_OPTIONS_NL[option]}"


_OPTIONS_NL = {Option.IDENTITY: "identiteit", Option.ATTACHMENTS: "bijlagen", Option.SOURCES: "bronnen"}
_SHOWN_EN = {
    Kind.PERSON: "name",
    Kind.PARTNER: "BZ",
    Kind.PARTNERS: "BZ OCW",
    Kind.UNTIL: "by 2026-12-14",
    Kind.DATE: "2026-12-14",
    Kind.SPAN: "2026-12-20 2027-01-04",
    Kind.REASON: "reason",
    Kind.TOLD_REASON: "reason",
    Kind.REFERENCE: "KV-2026-0041",
    Kind.NUMBERS: "1 2",
}
_SHOWN_NL = _SHOWN_EN | {
    Kind.PERSON: "naam",
    Kind.UNTIL: "voor 2026-12-14",
    Kind.REASON: "reden",
    Kind.TOLD_REASON: "reden",
}
