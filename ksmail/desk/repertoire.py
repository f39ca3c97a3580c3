"""Everything that staff and partners can order by mail: one table, from which the help is made too."""

from __future__ import annotations

from dataclasses import dataclass

from ksmail.capability import Audience
from ksmail.desk.order import Kind, Option, Text, Verb
from ksmail.desk.verbs import Row
from ksmail.incoming.message import Language


@dataclass(frozen=True, slots=True)
class HelpLine:
    usage: str
    what: str


def row_of(verb: Verb) -> Row:
    """The row of one verb."""
    return _ROWS[verb]


def rows_for(audience: Audience) -> tuple[Row, ...]:
    """What this audience can order; nothing for askers and strangers, whose `#` is plain text."""
    return tuple(row for row in ORDERS if audience in row.audiences)


def help_lines(language: Language, audience: Audience) -> tuple[HelpLine, ...]:
    """What `#help` and a refusal show; Dutch unless `language` is English."""
    english = language is Language.EN
    return tuple(HelpLine(row.usage(language), row.help_en if english else row.help_nl) for row in rows_for(audience))


_PARTNER = (Audience.PARTNER,)

ORDERS: tuple[Row, ...] = (
    Row(
        verb=Verb.ANSWER,
        en=("answer",),
        nl=("antwoord",),
        options=(Option.SOURCES,),
        text=Text.REQUIRED,
        leaves=True,
        overridable=True,
        help_en="Sends the text below to the asker.",
        help_nl="Stuurt de tekst eronder naar de vraagsteller.",
    ),
    Row(
        verb=Verb.ASK,
        en=("ask",),
        nl=("vraag",),
        text=Text.REQUIRED,
        leaves=True,
        overridable=True,
        help_en="Asks the asker something. The clock stops until the reply.",
        help_nl="Vraagt de vraagsteller iets. De termijn staat stil tot de reactie.",
    ),
    Row(
        verb=Verb.NOTE,
        en=("note",),
        nl=("notitie",),
        text=Text.OPTIONAL,
        help_en="Keeps the text below for staff only.",
        help_nl="Bewaart de tekst eronder, alleen voor medewerkers.",
    ),
    Row(
        verb=Verb.TAKE,
        en=("take",),
        nl=("pak",),
        help_en="You handle this question.",
        help_nl="U behandelt deze vraag.",
    ),
    Row(
        verb=Verb.ASSIGN,
        en=("assign",),
        nl=("geef",),
        takes=(Kind.PERSON,),
        help_en="Hands this question to a colleague, or to you with “me”.",
        help_nl="Geeft deze vraag aan een collega, of met “mij” aan uzelf.",
    ),
    Row(
        verb=Verb.CONSULT,
        en=("consult",),
        nl=("afstemmen",),
        takes=(Kind.PARTNERS,),
        may_take=(Kind.UNTIL,),
        options=(Option.IDENTITY, Option.ATTACHMENTS),
        text=Text.OPTIONAL,
        leaves=True,
        overridable=True,
        help_en="Puts the question, or the text below, to each ministry. More goes along only with a plus word.",
        help_nl="Legt de vraag, of de tekst eronder, voor aan elk ministerie. Meer gaat alleen mee met een pluswoord.",
    ),
    Row(
        verb=Verb.SHARE,
        en=("share",),
        nl=("deel",),
        takes=(Kind.PARTNER,),
        leaves=True,
        help_en="Shows the position of one ministry to the others.",
        help_nl="Laat het standpunt van één ministerie aan de andere zien.",
    ),
    Row(
        verb=Verb.UPDATE,
        en=("update",),
        nl=("bijpraten",),
        takes=(Kind.PARTNERS,),
        options=(Option.IDENTITY, Option.ATTACHMENTS),
        text=Text.OPTIONAL,
        leaves=True,
        overridable=True,
        help_en="Passes on to a ministry what the asker added, or the text below.",
        help_nl="Geeft aan een ministerie door wat de vraagsteller toevoegde, of de tekst eronder.",
    ),
    Row(
        verb=Verb.WITHDRAW,
        en=("withdraw",),
        nl=("intrekken",),
        takes=(Kind.PARTNERS,),
        leaves=True,
        help_en="Tells a ministry that it need not answer any more.",
        help_nl="Laat een ministerie weten dat het niet meer hoeft te antwoorden.",
    ),
    Row(
        verb=Verb.EXTEND,
        en=("extend",),
        nl=("uitstel",),
        takes=(Kind.DATE, Kind.TOLD_REASON),
        leaves=True,
        help_en="Gives the asker a new date. The reason goes along only if it starts with a colon.",
        help_nl="Geeft de vraagsteller een nieuwe datum. De reden gaat alleen mee als er een dubbele punt voor staat.",
    ),
    Row(
        verb=Verb.REDIRECT,
        en=("redirect",),
        nl=("doorverwijzen",),
        takes=(Kind.PERSON,),
        leaves=True,
        help_en="Tells the asker which desk can help, and closes the question.",
        help_nl="Vertelt de vraagsteller welk loket kan helpen, en sluit de vraag.",
    ),
    Row(
        verb=Verb.CLOSE,
        en=("close",),
        nl=("sluit",),
        takes=(Kind.REASON,),
        leaves=True,
        help_en="Closes the question: answered, withdrawn, out-of-scope, spam, press, woo, or other and your reason.",
        help_nl="Sluit de vraag: beantwoord, ingetrokken, niet voor ons, spam, pers, woo, of anders en uw reden.",
    ),
    Row(
        verb=Verb.REOPEN,
        en=("reopen",),
        nl=("heropen",),
        may_take=(Kind.REASON,),
        leaves=True,
        help_en="Opens a closed question again.",
        help_nl="Opent een gesloten vraag weer.",
    ),
    Row(
        verb=Verb.MERGE,
        en=("merge",),
        nl=("samenvoegen",),
        takes=(Kind.REFERENCE,),
        leaves=True,
        discloses=True,
        help_en="Puts this question into that one.",
        help_nl="Voegt deze vraag bij die andere.",
    ),
    Row(
        verb=Verb.SPLIT,
        en=("split",),
        nl=("splits",),
        text=Text.REQUIRED,
        leaves=True,
        overridable=True,
        help_en="Makes a second question of the text below, with its own date.",
        help_nl="Maakt van de tekst eronder een tweede vraag, met een eigen datum.",
    ),
    Row(
        verb=Verb.CORRECT,
        en=("correct",),
        nl=("rectificatie",),
        options=(Option.SOURCES,),
        text=Text.REQUIRED,
        leaves=True,
        overridable=True,
        help_en="Sends the text below as a correction of our answer.",
        help_nl="Stuurt de tekst eronder als rectificatie van ons antwoord.",
    ),
    Row(
        verb=Verb.RELEASE,
        en=("release",),
        nl=("vrijgeven",),
        leaves=True,
        help_en="Takes an e-mail out of quarantine.",
        help_nl="Haalt een e-mail uit quarantaine.",
    ),
    Row(
        verb=Verb.DROP,
        en=("drop",),
        nl=("weg",),
        may_take=(Kind.REASON,),
        help_en="Leaves an e-mail in quarantine and records it as refused.",
        help_nl="Laat een e-mail in quarantaine en legt vast dat wij hem weigeren.",
    ),
    Row(
        verb=Verb.PURGE,
        en=("purge",),
        nl=("wis",),
        takes=(Kind.NUMBERS,),
        leaves=True,
        destroys=True,
        help_en="Destroys these attachments for ever.",
        help_nl="Vernietigt deze bijlagen voor altijd.",
    ),
    Row(
        verb=Verb.STOP,
        en=("stop",),
        nl=("stop",),
        may_take=(Kind.REASON,),
        help_en="Calls back what has not left yet.",
        help_nl="Houdt tegen wat nog niet weg is.",
    ),
    Row(
        verb=Verb.NOW,
        en=("now",),
        nl=("nu",),
        leaves=True,
        help_en="Sends at once what is waiting.",
        help_nl="Verstuurt meteen wat nog wacht.",
    ),
    Row(
        verb=Verb.AWAY,
        en=("away",),
        nl=("afwezig",),
        takes=(Kind.SPAN,),
        help_en="You are away from the first date up to and including the second.",
        help_nl="U bent weg van de eerste tot en met de tweede datum.",
    ),
    Row(
        verb=Verb.STATUS,
        en=("status",),
        nl=("status",),
        may_take=(Kind.REFERENCE,),
        help_en="Mails you this question, that question, or the list of open questions.",
        help_nl="Mailt u deze vraag, die vraag, of de lijst van open vragen.",
    ),
    Row(
        verb=Verb.OK,
        en=("ok",),
        nl=("akkoord",),
        text=Text.OPTIONAL,
        audiences=_PARTNER,
        help_en="You have no objection.",
        help_nl="U hebt geen bezwaar.",
    ),
    Row(
        verb=Verb.OBJECT,
        en=("object",),
        nl=("bezwaar",),
        text=Text.OPTIONAL,
        audiences=_PARTNER,
        help_en="You object. Please tell us why below it.",
        help_nl="U hebt bezwaar. Schrijf eronder waarom.",
    ),
    Row(
        verb=Verb.INPUT,
        en=("input",),
        nl=("aanvulling",),
        text=Text.OPTIONAL,
        audiences=_PARTNER,
        help_en="You want to add something. Write it below.",
        help_nl="U wilt iets aanvullen. Schrijf het eronder.",
    ),
    Row(
        verb=Verb.NOT_OURS,
        en=("notours",),
        nl=("nietvanons",),
        text=Text.OPTIONAL,
        audiences=_PARTNER,
        help_en="This question is not for you. Tell us below for whom it is, if you know.",
        help_nl="Deze vraag is niet voor u. Schrijf eronder voor wie wel, als u dat weet.",
    ),
    Row(
        verb=Verb.HELP,
        en=("help",),
        nl=("hulp",),
        help_en="Mails you this list.",
        help_nl="Mailt u deze lijst.",
    ),
)
_ROWS = {row.verb: row for row in ORDERS}
