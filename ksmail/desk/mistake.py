"""What is wrong with an order, in words that a person can act on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ksmail.desk.order import Verb
from ksmail.incoming.message import Language


class Fault(StrEnum):
    """Why an order could not be read."""

    UNKNOWN = "unknown"
    MISSING = "missing"
    TOO_MUCH = "too_much"
    NO_TEXT = "no_text"
    TWO_ON_A_LINE = "two_on_a_line"
    BELOW_TEXT = "below_text"
    TWO_TEXTS = "two_texts"
    TWICE = "twice"
    TOO_MANY = "too_many"
    NOT_IN_A_LIST = "not_in_a_list"
    NO_LINE = "no_line"
    PERSON = "person"
    PARTNER = "partner"
    OPTION = "option"
    REFERENCE = "reference"
    NUMBER = "number"
    DATE = "date"
    DATE_AMBIGUOUS = "date_ambiguous"
    DATE_IMPOSSIBLE = "date_impossible"
    DATE_WEEKDAY = "date_weekday"
    DATES_REVERSED = "dates_reversed"
    NOT_ON_THE_LIST = "not_on_the_list"


_DUTCH = {
    Fault.UNKNOWN: "Deze opdracht kennen wij niet.",
    Fault.MISSING: "Achter deze opdracht ontbreekt iets.",
    Fault.TOO_MUCH: "Achter deze opdracht staat iets wat daar niet hoort.",
    Fault.NO_TEXT: "Bij deze opdracht hoort een tekst. Die ontbreekt.",
    Fault.TWO_ON_A_LINE: "Op deze regel staan twee opdrachten. Geef elke opdracht een eigen regel.",
    Fault.BELOW_TEXT: "Deze opdracht staat onder een tekst. Zet alle opdrachten bovenaan.",
    Fault.TWO_TEXTS: "Twee opdrachten gebruiken de tekst. Stuur ze in twee e-mails.",
    Fault.TWICE: "Deze opdracht staat er twee keer.",
    Fault.TOO_MANY: "Dit zijn te veel opdrachten in één e-mail.",
    Fault.NOT_IN_A_LIST: "Deze opdracht kan niet achter een regelnummer. Beantwoord de e-mail over de vraag zelf.",
    Fault.NO_LINE: "Op elke regel moet een nummer staan, met daarachter een opdracht.",
    Fault.PERSON: "Deze naam kunnen wij niet lezen.",
    Fault.PARTNER: "Deze naam van een ministerie kunnen wij niet lezen.",
    Fault.OPTION: "Deze toevoeging met een plusteken kennen wij niet.",
    Fault.REFERENCE: "Dit is geen nummer van een vraag.",
    Fault.NUMBER: "Dit is geen rij nummers.",
    Fault.DATE: "Deze datum kunnen wij niet lezen. Schrijf hem als 2026-12-14.",
    Fault.DATE_AMBIGUOUS: "Deze datum kan twee dingen betekenen. Schrijf hem als 2026-12-14.",
    Fault.DATE_IMPOSSIBLE: "Deze datum bestaat niet.",
    Fault.DATE_WEEKDAY: "De dag van de week past niet bij deze datum.",
    Fault.DATES_REVERSED: "De tweede datum ligt voor de eerste.",
    Fault.NOT_ON_THE_LIST: "Dit nummer staat niet op de lijst.",
}
_ENGLISH = {
    Fault.UNKNOWN: "We do not know this order.",
    Fault.MISSING: "Something is missing after this order.",
    Fault.TOO_MUCH: "There is something after this order that does not belong there.",
    Fault.NO_TEXT: "This order needs a text. There is none.",
    Fault.TWO_ON_A_LINE: "There are two orders on this line. Give each order a line of its own.",
    Fault.BELOW_TEXT: "This order stands below a text. Put all orders at the top.",
    Fault.TWO_TEXTS: "Two orders use the text. Send them in two e-mails.",
    Fault.TWICE: "This order is there twice.",
    Fault.TOO_MANY: "These are too many orders in one e-mail.",
    Fault.NOT_IN_A_LIST: "This order cannot follow a line number. Reply to the e-mail about the question itself.",
    Fault.NO_LINE: "Each line must have a number, and an order after it.",
    Fault.PERSON: "We cannot read this name.",
    Fault.PARTNER: "We cannot read this name of a ministry.",
    Fault.OPTION: "We do not know this addition with a plus sign.",
    Fault.REFERENCE: "This is not the number of a question.",
    Fault.NUMBER: "This is not a row of numbers.",
    Fault.DATE: "We cannot read this date. Write it as 2026-12-14.",
    Fault.DATE_AMBIGUOUS: "This date can mean two things. Write it as 2026-12-14.",
    Fault.DATE_IMPOSSIBLE: "This date does not exist.",
    Fault.DATE_WEEKDAY: "The day of the week does not fit this date.",
    Fault.DATES_REVERSED: "The second date is before the first.",
    Fault.NOT_ON_THE_LIST: "This number is not on the list.",
}
_SHOWN = 200  # characters of a wrong line


class Unreadable(Exception):
    """Raised while reading; the one who asked for the reading makes a Mistake of it."""

    def __init__(self, fault: Fault, *, did_you_mean: tuple[str, ...] = (), verb: Verb | None = None) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.did_you_mean = did_you_mean
        self.verb = verb


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """An order that cannot be read stops its whole mail: nothing is done and nothing is sent.

    `line` is the line it stands on, `verb` the order if that much was clear, `did_you_mean` at most three
    proposals, best first, `text` everything the person wrote, so that it can be sent again.
    """

    line: str
    because: Fault
    did_you_mean: tuple[str, ...] = ()
    text: str = ""
    verb: Verb | None = None

    @classmethod
    def of(cls, wrong: Unreadable, line: str, text: str) -> Mistake:
        """What was unreadable about one line of `text`."""
        shown = line.strip()[:_SHOWN]
        return cls(line=shown, because=wrong.fault, did_you_mean=wrong.did_you_mean, text=text, verb=wrong.verb)

    def why(self, language: Language) -> str:
        """The reason as one or two sentences; Dutch unless `language` is English."""
        return (_ENGLISH if language is Language.EN else _DUTCH)[self.because]
