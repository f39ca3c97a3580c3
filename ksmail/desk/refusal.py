"""Why an order that was read well cannot be carried out, in words that a person can act on."""

from __future__ import annotations

from enum import StrEnum

from ksmail.desk.leaks import Leak, LeakKind
from ksmail.desk.order import Order
from ksmail.desk.orders import row_of
from ksmail.desk.receipt import Refused
from ksmail.incoming.message import Language


class Why(StrEnum):
    """One reason each; its sentences stand below, in both languages."""

    NO_TICKET = "no_ticket"
    NOT_HELD_MAIL = "not_held_mail"
    MERGED = "merged"
    ALREADY_WAITS = "already_waits"
    LEAK = "leak"
    NO_SUCH_PERSON = "no_such_person"
    WHICH_PERSON = "which_person"
    PERSON_AWAY = "person_away"
    TAKEN = "taken"
    NOT_LATER = "not_later"
    CLOSED_DAY = "closed_day"
    CLOCK_STOPPED = "clock_stopped"
    NOT_OPEN = "not_open"
    NO_SUCH_DESK = "no_such_desk"
    NO_SUCH_REASON = "no_such_reason"
    IS_OPEN = "is_open"
    NO_SUCH_TICKET = "no_such_ticket"
    SAME_TICKET = "same_ticket"
    LETTERS_WAIT = "letters_wait"
    NOT_ANSWERED = "not_answered"
    NO_SUCH_FILE = "no_such_file"
    NOTHING_WAITS = "nothing_waits"
    NOTHING_TO_UNDO = "nothing_to_undo"
    LONG_PAST = "long_past"
    NOT_CONFIRMED = "not_confirmed"
    CONFIRMED_BEFORE = "confirmed_before"
    UNREADABLE = "unreadable"
    CHANGED = "changed"
    SAME_WORDS = "same_words"
    TOO_LONG = "too_long"
    OTHER_CLOSED = "other_closed"
    OWN_ADDRESS = "own_address"
    FILES_MOVED = "files_moved"
    EARLIER = "earlier"
    CLOSE_BESIDE = "close_beside"
    NO_SUCH_PARTNER = "no_such_partner"
    NO_LIAISON = "no_liaison"
    NOT_CONSULTED = "not_consulted"
    NO_POSITION = "no_position"
    NOBODY_ELSE = "nobody_else"
    NOTHING_NEW = "nothing_new"
    ONE_DATE = "one_date"
    PARTNER_WAITS = "partner_waits"
    DATE_PASSED = "date_passed"
    NO_NUMBER = "no_number"
    ORDERED_ABOVE = "ordered_above"
    JUST_JOINED = "just_joined"
    NO_WORDS = "no_words"


_DUTCH = {
    Why.NO_TICKET: "Deze opdracht gaat over een vraag. Beantwoord daarom een e-mail over die vraag.",
    Why.NOT_HELD_MAIL: "Deze opdracht gaat over een e-mail die op een besluit wacht. Deze e-mail wacht niet (meer).",
    Why.MERGED: "Deze vraag is samengevoegd met een andere. Geef de opdracht bij die andere vraag.",
    Why.ALREADY_WAITS: "Er wacht al een e-mail aan de vraagsteller. Stuur eerst #stop of #nu.",
    Why.LEAK: "In de tekst staat iets dat misschien niet naar buiten mag.",
    Why.NO_SUCH_PERSON: "Wij kennen geen medewerker met deze naam.",
    Why.WHICH_PERSON: "Meer medewerkers heten zo. Schrijf de hele naam.",
    Why.PERSON_AWAY: "Deze medewerker is afwezig.",
    Why.TAKEN: "Een collega behandelt deze vraag al. Schrijf #geef met uw eigen naam als u hem toch overneemt.",
    Why.NOT_LATER: "De nieuwe datum moet na vandaag liggen.",
    Why.CLOSED_DAY: "Op deze dag zijn wij gesloten. Kies een werkdag.",
    Why.CLOCK_STOPPED: "De termijn staat stil, want wij wachten op de vraagsteller.",
    Why.NOT_OPEN: "Deze vraag is al beantwoord of gesloten. Stuur eerst #heropen.",
    Why.NO_SUCH_DESK: "Wij kennen geen loket met deze naam.",
    Why.NO_SUCH_REASON: "Wij kennen deze reden niet. Kies een reden uit de lijst, of schrijf: anders, en dan uw reden.",
    Why.IS_OPEN: "Deze vraag is nog open.",
    Why.NO_SUCH_TICKET: "Er is geen vraag met dit nummer.",
    Why.SAME_TICKET: "Dit is dezelfde vraag.",
    Why.LETTERS_WAIT: "Er wacht nog een e-mail bij deze vraag. Stuur eerst #stop of #nu.",
    Why.NOT_ANSWERED: "Op deze vraag is nog geen antwoord verstuurd.",
    Why.NO_SUCH_FILE: "Er is geen bijlage met dit nummer, of die is al vernietigd.",
    Why.NOTHING_WAITS: "Er wacht niets meer. Een e-mail die weg is, kunnen wij niet terughalen.",
    Why.NOTHING_TO_UNDO: "Deze e-mail wacht niet meer op een besluit.",
    Why.LONG_PAST: "Deze datums liggen in het verleden.",
    Why.NOT_CONFIRMED: "Wij lezen geen ja of nee. Schrijf alleen ja, of alleen nee.",
    Why.CONFIRMED_BEFORE: "Deze opdracht is al bevestigd of ingetrokken. Er is niets gedaan.",
    Why.UNREADABLE: "Het programma kan deze e-mail niet lezen. Vrijgeven helpt niet. Vraag de beheerder om te kijken.",
    Why.CHANGED: "Er is iets veranderd, of u bevestigde te laat. Wilt u de opdracht nog? Geef hem dan opnieuw.",
    Why.SAME_WORDS: "Deze tekst is al verstuurd.",
    Why.TOO_LONG: "Uw e-mail is te lang. Het eind van de tekst ontbreekt. Stuur een kortere tekst, of een bijlage.",
    Why.OTHER_CLOSED: "Die andere vraag is al beantwoord of gesloten. Heropen hem eerst.",
    Why.OWN_ADDRESS: "Opdrachten geeft u vanaf uw eigen adres, niet vanaf dat van het team.",
    Why.FILES_MOVED: "Deze vraag is samengevoegd, en de bijlagen hebben nu andere nummers. Vraag eerst #status.",
    Why.EARLIER: "De nieuwe datum moet na de beloofde datum liggen.",
    Why.CLOSE_BESIDE: "Wie iets vraagt, wacht op een reactie. Sluiten kan dan niet, en na een antwoord niet als spam.",
    Why.NO_SUCH_PARTNER: "Wij kennen geen ministerie met deze afkorting. Kies er een uit de lijst.",
    Why.NO_LIAISON: "Wij kennen geen adres van dit ministerie. De beheerder vult `liaison` in, in partners.toml.",
    Why.NOT_CONSULTED: "Dit ministerie is over deze vraag niet geraadpleegd.",
    Why.NO_POSITION: "Dit ministerie heeft nog niet geantwoord.",
    Why.NOBODY_ELSE: "Over deze vraag is geen ander ministerie geraadpleegd.",
    Why.NOTHING_NEW: "De vraagsteller heeft niets toegevoegd. Schrijf onder de opdracht wat het ministerie moet weten.",
    Why.ONE_DATE: "Er wacht al een nieuwe datum voor de vraagsteller. Geef deze opdracht daarna, of stuur eerst #stop.",
    Why.PARTNER_WAITS: "Er wacht al een e-mail aan dit ministerie. Stuur eerst #stop of #nu.",
    Why.DATE_PASSED: "In de e-mail die wacht, staat een datum die voorbij is. Stuur #stop en geef de opdracht opnieuw.",
    Why.NO_NUMBER: "U beantwoordt een lijst. Schrijf op elke regel eerst het nummer, en dan de opdracht: 3 pak.",
    Why.ORDERED_ABOVE: "Deze opdracht staat voor deze vraag al op een eerdere regel. Die regel telt.",
    Why.JUST_JOINED: "Bij deze vraag is net een andere gevoegd. Geef deze opdracht nu in een nieuwe e-mail.",
    Why.NO_WORDS: "Er staat geen notitie. Schrijf uw woorden achter de opdracht, op dezelfde regel.",
}
_ENGLISH = {
    Why.NO_TICKET: "This order is about a question. Reply to an e-mail about that question.",
    Why.NOT_HELD_MAIL: "This order is about an e-mail that waits for a decision. This one does not wait (any more).",
    Why.MERGED: "This question was put into another one. Give the order there.",
    Why.ALREADY_WAITS: "An e-mail to the asker is waiting already. First send #stop or #now.",
    Why.LEAK: "The text holds something that perhaps must not go out.",
    Why.NO_SUCH_PERSON: "We know no staff member by this name.",
    Why.WHICH_PERSON: "More than one staff member has this name. Write the whole name.",
    Why.PERSON_AWAY: "This staff member is away.",
    Why.TAKEN: "A colleague handles this question already. Write #assign with your own name to take it over.",
    Why.NOT_LATER: "The new date must be after today.",
    Why.CLOSED_DAY: "We are closed on this day. Choose a working day.",
    Why.CLOCK_STOPPED: "The clock has stopped, because we wait for the asker.",
    Why.NOT_OPEN: "This question was answered or closed already. First send #reopen.",
    Why.NO_SUCH_DESK: "We know no desk by this name.",
    Why.NO_SUCH_REASON: "We do not know this reason. Choose one from the list, or write: other, and then your reason.",
    Why.IS_OPEN: "This question is still open.",
    Why.NO_SUCH_TICKET: "There is no question with this number.",
    Why.SAME_TICKET: "This is the same question.",
    Why.LETTERS_WAIT: "An e-mail of this question still waits. First send #stop or #now.",
    Why.NOT_ANSWERED: "No answer has been sent to this question yet.",
    Why.NO_SUCH_FILE: "There is no attachment with this number, or it was destroyed before.",
    Why.NOTHING_WAITS: "Nothing waits any more. We cannot call back an e-mail that has left.",
    Why.NOTHING_TO_UNDO: "This e-mail does not wait for a decision any more.",
    Why.LONG_PAST: "These dates are in the past.",
    Why.NOT_CONFIRMED: "We read neither yes nor no. Write yes and nothing else, or no.",
    Why.CONFIRMED_BEFORE: "This order was confirmed or withdrawn before. Nothing was done.",
    Why.UNREADABLE: "The program cannot read this e-mail. Releasing it does not help. Ask the operator to look.",
    Why.CHANGED: "Something has changed since, or you confirmed too late. Give the order again if you still want it.",
    Why.SAME_WORDS: "This text was sent before.",
    Why.TOO_LONG: "Your e-mail is too long. The end of the text is missing. Send a shorter text, or an attachment.",
    Why.OTHER_CLOSED: "That other question was answered or closed already. First reopen it.",
    Why.OWN_ADDRESS: "Give orders from your own address, not from that of the team.",
    Why.FILES_MOVED: "This question was put into another one. Its attachments have new numbers. First ask for #status.",
    Why.EARLIER: "The new date must be after the promised date.",
    Why.CLOSE_BESIDE: "Who asks something waits for a reply. So it cannot be closed, nor as spam beside an answer.",
    Why.NO_SUCH_PARTNER: "We know no ministry by this code. Choose one from the list.",
    Why.NO_LIAISON: "We have no address of this ministry. The operator fills in `liaison` in partners.toml.",
    Why.NOT_CONSULTED: "This ministry was not consulted about this question.",
    Why.NO_POSITION: "This ministry has not answered yet.",
    Why.NOBODY_ELSE: "No other ministry was consulted about this question.",
    Why.NOTHING_NEW: "The asker has added nothing. Write below the order what the ministry must know.",
    Why.ONE_DATE: "A new date for the asker is waiting already. Give this order after that, or first send #stop.",
    Why.PARTNER_WAITS: "An e-mail to this ministry is waiting already. First send #stop or #now.",
    Why.DATE_PASSED: "The e-mail that waits names a date that has passed. Send #stop and give the order again.",
    Why.NO_NUMBER: "You reply to a list. Write the number first on each line, and then the order: 3 take.",
    Why.ORDERED_ABOVE: "This order stands on an earlier line for this question already. That line counts.",
    Why.JUST_JOINED: "Another question was just put into this one. Give this order in a new e-mail now.",
    Why.NO_WORDS: "There is no note. Write your words behind the order, on the same line.",
}


_LEAKS_NL = {
    LeakKind.TOKEN: "een geheim kenmerk van ons",
    LeakKind.SEALED: "een verzegelde bijlage",
    LeakKind.INTERNAL: "woorden uit een notitie of een ander stuk dat alleen voor medewerkers is",
    LeakKind.PARTNER: "woorden van een ministerie",
    LeakKind.REFERENCE: "het nummer van een andere vraag",
    LeakKind.ADDRESS: "het adres van iemand die niet bij deze vraag hoort",
    LeakKind.TRACKED: "wijzigingen of opmerkingen in een document",
    LeakKind.UNREADABLE: "een document dat wij niet kunnen nakijken",
    LeakKind.MARKING: "een rubricering",
}
_LEAKS_EN = {
    LeakKind.TOKEN: "a secret reference of ours",
    LeakKind.SEALED: "a sealed attachment",
    LeakKind.INTERNAL: "words of a note or of another text that only staff may read",
    LeakKind.PARTNER: "words of a ministry",
    LeakKind.REFERENCE: "the number of another question",
    LeakKind.ADDRESS: "the address of somebody who is not in this question",
    LeakKind.TRACKED: "changes or comments in a document",
    LeakKind.UNREADABLE: "a document that we cannot check",
    LeakKind.MARKING: "a classification marking",
}


def shown(leak: Leak, language: Language) -> str:
    """What was found, and the line in which it stands."""
    return f"{(_LEAKS_EN if language is Language.EN else _LEAKS_NL)[leak.kind]}: {leak.line}"


class Refusal(Exception):
    """Raised while carrying out an order; the one who asked makes a `Refused` of it."""

    def __init__(self, why: Why, *lines: str, override: bool = False) -> None:
        super().__init__(why.value)
        self.why, self.lines, self.override = why, lines, override

    def of(self, order: Order | None, language: Language) -> Refused:
        """What the receipt says about it."""
        verb = f"#{row_of(order.verb).spelling(language)}" if order else ""
        return Refused(
            verb=verb,
            why_nl=_DUTCH[self.why],
            why_en=_ENGLISH[self.why],
            lines=self.lines,
            override=f"{verb}!" if self.override else "",
        )
