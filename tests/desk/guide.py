"""The page for a new colleague, docs/staff.md: its prose, and around it what the program itself knows of orders."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ksmail.capability import Audience
from ksmail.desk.orders import help_lines
from ksmail.desk.policy import Policy
from ksmail.incoming.message import Language

GUIDE = Path(__file__).parents[2] / "docs" / "staff.md"

# What somebody types on a phone, and what it does.
EXAMPLES: Mapping[Language, tuple[tuple[str, str], ...]] = {
    Language.NL: (
        ("#pak", "Deze vraag is nu van u."),
        ("#antwoord\n\nBeste Sanne,\n\nDat kan. Spreek vooraf af wie publiceert.", "Dit antwoord gaat weg."),
        ("#vraag Met welke instelling wilt u samenwerken?", "De tekst mag ook op dezelfde regel staan."),
        ("#pak\n#vraag\nWanneer begint het project?", "Twee opdrachten onder elkaar."),
        ("#uitstel vrijdag Er is iemand ziek.", "De vraagsteller krijgt de datum, en de reden niet."),
        ("#uitstel 2026-12-14 :Wij overleggen nog.", "Met een dubbele punt gaat de reden mee."),
        ("#sluit spam", "De afzender hoort niets."),
    ),
    Language.EN: (
        ("#take", "This question is yours now."),
        ("#answer\n\nDear Robin,\n\nYou may. First agree on who publishes.", "This answer leaves."),
        ("#ask Which institution do you want to work with?", "The text may stand on the same line too."),
        ("#take\n#ask\nWhen does the project begin?", "Two orders under each other."),
        ("#extend Friday Somebody is ill.", "The asker gets the date, and not the reason."),
        ("#extend 2026-12-14 :We are still consulting.", "With a colon the reason goes along."),
        ("#close spam", "The sender hears nothing."),
    ),
}

# An answer to a numbered list.
LISTS: Mapping[Language, str] = {
    Language.NL: "1 sluit ingetrokken\n3 pak\n5, 6 sluit spam\n7 uitstel 2026-12-14 Er is iemand ziek.\n8 vrijgeven",
    Language.EN: "1 close withdrawn\n3 take\n5, 6 close spam\n7 extend 2026-12-14 Somebody is ill.\n8 release",
}

_HEAD = """\
# Voor medewerkers / For staff

Geef deze uitleg aan een nieuwe collega. / Give this to a new colleague.

[Nederlands](#nederlands), [English](#english)
"""

_DUTCH = """\
## Nederlands

### Zo werkt het

1. Iemand mailt een vraag, en krijgt meteen een nummer en de datum waarop ons antwoord er uiterlijk is.
2. U krijgt een e-mail over die vraag.
3. U beantwoordt die e-mail, en zet op de eerste regel wat er moet gebeuren, bijvoorbeeld `#antwoord`.
4. Wij doen dat, en u krijgt bericht terug: wat er gedaan is, en wat er precies weggaat.
5. Alles blijft bij de vraag bewaard, met de reden erbij.

### Drie dingen om te onthouden

1. **Beantwoord onze e-mail.** Zo weten wij om welke vraag het gaat en dat u het bent. Dat kan {life} dagen lang.
2. **Zet de opdracht op de eerste regel.** Dat is een `#` met een woord uit de lijst hieronder. Daaronder komt uw
   tekst.
3. **Zonder opdracht gaat er niets weg.** Uw tekst wordt dan een notitie. U krijgt bericht, met een link om hem alsnog
   te versturen, ten hoogste tien keer per dag.

### Op uw telefoon

Onze e-mails hebben links. Eén tik, en er staat een reactie klaar met de opdracht erin. Vul uw tekst aan en verstuur.
U kunt ook zelf typen:

{examples}

Hoofdletters en een spatie na de `#` maken niet uit. Wij laten de oude e-mail en uw handtekening weg. De groet en de
naam van het loket komen vanzelf onder uw antwoord. Typ zelf dus geen groet.

Uw bijlagen gaan mee met `#antwoord`, `#vraag` en `#rectificatie`. Wie in de cc van de vraag stond, krijgt ook het
antwoord. Wie u zelf in de cc zet, krijgt van ons niets.

### De opdrachten

Wat tussen haken staat, mag u weglaten. Nederlands en Engels mag u door elkaar gebruiken. Zet u meer opdrachten onder
elkaar? Dan voeren wij ze allemaal uit, of geen. Alleen `#status`, `#hulp` en `#afwezig` mogen ook in een nieuwe
e-mail aan het loket.

{orders}

### {hold} minuten bedenktijd

Een e-mail aan de vraagsteller of een ministerie wacht eerst {hold} minuten. In het bericht terug ziet u wat er
weggaat, naar wie, en wat wij hebben weggelaten. Beantwoord het met `#stop`, en de e-mail gaat niet weg. Met `#nu`
gaat hij meteen weg. Wat weg is, kunnen wij niet terughalen. Berichten over `#samenvoegen`, `#splits` en `#wis`
wachten niet.

### Ministeries raadplegen

`#afstemmen BZ OCW` legt de vraag voor aan elk ministerie, in een eigen e-mail. Schrijft u er tekst onder, dan gaat die
tekst mee in plaats van de vraag. Namen en adressen van de vraagsteller halen wij weg. Kijk in het bericht terug zelf na
of de tekst niet toch laat zien wie het vraagt. Alleen met `+identiteit` (en uw ja) of `+bijlagen` gaat er meer mee. De
vraagsteller krijgt één bericht met een nieuwe datum, zonder namen van ministeries.

U ziet elk antwoord in een tabel, met wie nog zwijgt. Ministeries zien elkaars antwoord niet, tot u `#deel BZ` stuurt.
Is de datum voorbij, dan krijgt het ministerie één herinnering. Blijft het stil, dan wachten wij niet langer, en leest
u dat in de e-mail van 9.00 uur. U mag altijd antwoorden zonder op ministeries te wachten. Heeft de vraagsteller iets
toegevoegd? Dan geeft `#bijpraten BZ` het door.

### Lijsten met nummers

Sommige e-mails van ons zijn een lijst met genummerde regels. Alleen wie de lijst kreeg, kan hem beantwoorden: met op
elke regel een nummer en een opdracht, zonder tekst eronder.

```
{list}
```

Bij elk nummer gebeurt wat er ook gebeurt als u de e-mail over die vraag zelf beantwoordt. Kan iets niet, dan doen wij
de andere regels wel. U krijgt één bericht terug: per regel wat er gedaan is, of waarom niet, en wat er weggaat.
Tegenhouden kan met `1 stop`, in een antwoord op dezelfde lijst of op dat bericht. Meteen versturen kan met `1 nu`.

De nummers blijven gelden, ook als er later een nieuwe lijst komt. Alles wat tekst nodig heeft, zoals `#antwoord`, kan
alleen in een antwoord op de e-mail over de vraag zelf. Alleen een notitie mag kort achter het nummer: `2 notitie Bel
hem eerst.` Een typefout houdt ook hier de hele e-mail tegen. Lege regels tussen de opdrachten maken niet uit. Onder
andere tekst mag geen opdracht meer staan.

### Als wij u niet begrijpen

Een typefout in een opdracht houdt de hele e-mail tegen. Er is dan niets gedaan en niets verstuurd. U krijgt uw tekst
terug, met wat u misschien bedoelde. Wachtte er nog een e-mail? Die houden wij vast, want misschien wilde u hem
tegenhouden. Kies daarna zelf: `#stop` of `#nu`.

### Een laatste blik op uw tekst

Wij kijken of er iets in staat wat niet naar buiten mag: woorden uit een notitie, het nummer van een andere vraag, het
adres van een ander, of wijzigingen en opmerkingen in een document. Dan gaat er niets weg, en u ziet om welke regel
het gaat. Is het toch goed? Stuur uw tekst opnieuw met een uitroepteken: `#antwoord!`. Een geheim kenmerk van ons gaat
nooit mee.

### Bevestigen met ja

Soms vragen wij eerst of u het zeker weet. Beantwoord die e-mail met ja, en wij voeren de opdracht uit. Met nee
vervalt hij. Doet u niets, dan gebeurt er niets. Wij vragen dit:

- altijd bij `#wis`, bij `+identiteit`, en bij `#samenvoegen` van vragen van twee verschillende mensen;
- als het adres waar een e-mail heen gaat er vreemd uitziet, de eerste keer;
- als wij niet zeker weten welk deel van uw e-mail van uzelf is;
- als onze mailserver niet kan zeggen of een e-mail echt van u is. Bij sommige loketten is dat altijd zo.

### Wie krijgt bericht

- Een nieuwe vraag: het team.
- Een nieuw bericht bij een vraag: wie de vraag behandelt. Is dat niemand, of is die persoon weg, dan het team.
- Een antwoord dat niet aankomt: dezelfde mensen en de coördinator. De vraag is dan weer open.
- Een e-mail van u waarvan niemand weet of hij aankwam: wie de vraag behandelt. `#nu` stuurt hem nog eens, `#stop`
  niet.
- Een e-mail in uw naam die misschien niet van u is: het team, de coördinator en u. Er is dan niets uitgevoerd.

### Als een datum nadert

Op werkdagen om 9.00 uur krijgt u één e-mail met alles wat op u wacht. Om 15.00 uur komt er nog een, alleen over de
vragen van die dag. Elke regel zegt wat er gebeurt als u niets doet.

| Wanneer | Wat |
|---|---|
| de werkdag voor de datum, en op de dag zelf | wie de vraag behandelt, anders het team |
| de eerste werkdag daarna | de vraagsteller krijgt vanzelf een excuus en een nieuwe datum. Dat gebeurt één keer |
| elke werkdag daarna | u, tot er een antwoord is of tot u zelf een nieuwe datum geeft |
| vanaf de tweede werkdag | ook de coördinator |
| een e-mail wacht langer dan een werkdag op een besluit, of een van uw berichten | een regel in dezelfde e-mail |
| de vraagsteller antwoordt 10 werkdagen niet op `#vraag` | een herinnering; na nog eens 10 werkdagen sluit de vraag |

### Als u weg bent

Stuur `#afwezig` met uw eerste en uw laatste dag. Berichten over uw vragen gaan dan naar het team. Collega's kunnen u
geen vraag geven, en wel een vraag van u overnemen met `#pak`. Krijgen wij een automatisch antwoord van u? Dan stellen
wij u voor om dit te doen.

### Wat de vraagsteller ziet

| Wanneer | Wat |
|---|---|
| meteen | een bevestiging met nummer en datum |
| u stuurt `#antwoord`, `#vraag` of `#rectificatie` | uw tekst, in dezelfde e-mailwisseling |
| u stuurt `#uitstel` | de nieuwe datum |
| u stuurt `#afstemmen` | dat wij ministeries raadplegen, en de nieuwe datum |
| u stuurt `#doorverwijzen` of `#sluit` | welk loket helpt, of waarom wij sluiten. Bij spam en beantwoord: niets |
| u stuurt `#samenvoegen`, `#splits` of `#heropen` | het nummer dat geldt, en de datum |
| u stuurt `#wis` | hoeveel bijlagen er vernietigd zijn |
| een reactie binnen {reopen} dagen na het antwoord | weer open, met een nieuwe datum. Een bedankje opent niets |
| een latere reactie | het wordt een nieuwe vraag, met een nieuw nummer |
| {quiet} dagen stil na het antwoord | niets: de vraag sluit vanzelf |

### Wat wij nooit doen

- Iets van u versturen zonder opdracht.
- Een opdracht uitvoeren als wij niet weten dat hij van u komt.
- Notities aan de vraagsteller laten zien, of wie de vraag behandelt.
- Een beloofde datum vanzelf verschuiven, behalve één keer: als hij voorbij is en niemand iets deed.
- Iets weggooien. Alleen `#wis` vernietigt, na uw ja.
- Verschil maken tussen landen of nationaliteiten.

De tijden hier zijn de gewone. Uw loket kan andere kiezen.
"""

_ENGLISH = """\
## English

### How it works

1. Somebody mails a question, and at once gets a number and the date by which our answer will be there.
2. You get an e-mail about that question.
3. You reply to that e-mail, and put on the first line what must be done, for example `#answer`.
4. We do that, and you get a receipt: what was done, and what exactly leaves.
5. Everything is kept with the question, with the reason.

### Three things to remember

1. **Reply to our e-mail.** That tells us which question it is about and that it is you. It works for {life} days.
2. **Put the order on the first line.** That is a `#` with a word of the list below. Your text comes under it.
3. **Without an order nothing leaves.** Your text becomes a note. You get a receipt, with a link to send it after all,
   at most ten times a day.

### On your phone

Our e-mails have links. One tap, and there is a reply with the order in it. Add your text and send it. You can type it
yourself too:

{examples}

Capitals and a space after the `#` make no difference. We leave out the old e-mail and your signature. The closing and
the name of the desk are put below your answer for you. So do not type a closing
yourself.

Your attachments go along with `#answer`, `#ask` and `#correct`. Who stood in Cc of the question gets the answer too.
Who you put in Cc yourself gets nothing from us.

### The orders

What stands in brackets may be left out. You may mix Dutch and English. Do you put several orders under each other?
Then we carry out all of them, or none. Only `#status`, `#help` and `#away` may also stand in a new e-mail to the
desk.

{orders}

### {hold} minutes to think

An e-mail to the asker or a ministry first waits for {hold} minutes. The receipt shows what will leave, to whom, and
what we left out. Reply to it with `#stop`, and the e-mail does not leave. With `#now` it leaves at once. What has
left, we cannot call back. Letters about `#merge`, `#split` and `#purge` do not wait.

### Consulting ministries

`#consult BZ OCW` puts the question to each ministry, in an e-mail of its own. If you write text under it, that text
goes instead of the question. We take out names and addresses of the asker. Check in the receipt yourself that the
text does not show after all who asks. Only with `+identity` (and your yes) or `+attachments` more goes along. The
asker gets one message with a new date, without names of ministries.

You see each answer in a table, with who is still silent. Ministries do not see one another's answer until you send
`#share BZ`. When the date has passed, the ministry gets one reminder. If it stays silent we wait no longer, and you
read so in the e-mail of 9:00. You may always answer without waiting for ministries. Has the asker added something?
Then `#update BZ` passes it on.

### Lists with numbers

Some of our e-mails are a list with numbered lines. Only whoever got the list can reply to it: with a number and an
order on each line, and no text below it.

```
{list}
```

Each number gets what a reply to the e-mail about that question would do. If one is not possible, we still carry out
the other lines. You get one receipt: line by line what was done, or why not, and what leaves. Stop it with `1 stop`,
in a reply to the same list or to that receipt. Send it at once with `1 now`.

The numbers stay as they are, also when a newer list comes. Whatever needs a text, such as `#answer`, can only stand
in a reply to the e-mail about the question itself. Only a note may stand behind the number, if it is short: `2 note
Call him first.` A typing error stops the whole e-mail here too. Empty lines between the orders make no difference.
Below other text there must be no more orders.

### When we do not understand you

A typing error in an order stops the whole e-mail. Then nothing was done and nothing was sent. You get your text back,
with what you may have meant. Was another e-mail still waiting? We keep it back, because you may have wanted to stop
it. Then choose yourself: `#stop` or `#now`.

### A last look at your text

We look for things that must not go out: words of a note, the number of another question, the address of somebody
else, or changes and comments in a document. Then nothing leaves, and you see which line it is. Is it all right? Send
your text again with an exclamation mark: `#answer!`. A secret reference of ours never goes along.

### Confirming with yes

Sometimes we first ask whether you are sure. Reply to that e-mail with yes, and we carry out the order. With no it is
dropped. If you do nothing, nothing happens. We ask this:

- always for `#purge`, for `+identity`, and for `#merge` of questions of two different people;
- when the address to which an e-mail goes looks strange, the first time;
- when we are not sure which part of your e-mail is your own;
- when our mail server cannot say whether an e-mail is really yours. At some desks that is always so.

### Who gets notices

- A new question: the team.
- A new message about a question: who handles it. If that is nobody, or that person is away, the team.
- An answer that does not arrive: the same people and the coordinator. The question is open again then.
- An e-mail of yours of which nobody knows whether it arrived: who handles the question. `#now` sends it once more,
  `#stop` does not.
- An e-mail in your name that may not be yours: the team, the coordinator and you. Nothing was carried out then.

### When a date comes near

On working days at 9:00 you get one e-mail with all that waits for you. At 15:00 there is another one, only about the
questions of that day. Each line says what happens when you do nothing.

| When | What |
|---|---|
| the working day before the date, and on the day itself | who handles the question, otherwise the team |
| the first working day after it | the asker gets an apology and a new date by itself. That happens once |
| every working day after that | you, until there is an answer, or until you give a new date yourself |
| from the second working day on | the coordinator too |
| a mail has waited for a decision for more than a working day, or one of your letters has | a line in the same e-mail |
| the asker does not reply to `#ask` for 10 working days | a reminder; after 10 more working days the question closes |

### When you are away

Send `#away` with your first and your last day. Notices about your questions then go to the team. Colleagues cannot
hand you a question, but they can take over one of yours with `#take`. Do we get an automatic reply from you? Then we
suggest this to you.

### What the asker sees

| When | What |
|---|---|
| at once | an acknowledgement with number and date |
| you send `#answer`, `#ask` or `#correct` | your text, in the same conversation |
| you send `#extend` | the new date |
| you send `#consult` | that we ask ministries, and the new date |
| you send `#redirect` or `#close` | which desk helps, or why we close. For spam and answered: nothing |
| you send `#merge`, `#split` or `#reopen` | the number that counts, and the date |
| you send `#purge` | how many attachments were destroyed |
| a reply within {reopen} days after the answer | open again, with a new date. Mere thanks open nothing |
| a later reply | it becomes a new question, with a new number |
| {quiet} days of silence after the answer | nothing: the question closes by itself |

### What we never do

- Send anything of yours without an order.
- Carry out an order when we do not know that it is yours.
- Show the asker notes, or who handles the question.
- Move a promised date by itself, except once: when it has passed and nobody acted.
- Throw anything away. Only `#purge` destroys, after your yes.
- Make a difference between countries or nationalities.

The times here are the usual ones. Your desk may choose others.
"""


def guide() -> str:
    """The whole file, in both languages."""
    return "\n".join((_HEAD, page(Language.NL), page(Language.EN)))


def page(language: Language) -> str:
    """One language. The times are the default ones of a desk."""
    policy = Policy()
    return (_ENGLISH if language is Language.EN else _DUTCH).format(
        examples=_examples(language),
        list=LISTS[language],
        orders=_orders(language),
        hold=int(policy.hold.total_seconds() // 60),
        life=policy.reference_life.days,
        quiet=policy.quiet.days,
        reopen=policy.reopen.days,
    )


def _examples(language: Language) -> str:
    """What fits on a line in a table, and above it the others as they are typed."""
    head = ("You type", "What happens") if language is Language.EN else ("U typt", "Wat er gebeurt")
    longer = [f"{what}\n\n```\n{typed}\n```\n" for typed, what in EXAMPLES[language] if "\n" in typed]
    rows = [f"| `{typed}` | {what} |" for typed, what in EXAMPLES[language] if "\n" not in typed]
    return "\n".join((*longer, f"| {head[0]} | {head[1]} |", "|---|---|", *rows))


def _orders(language: Language) -> str:
    """The table of them, with what each does."""
    head = ("Order", "Does") if language is Language.EN else ("Opdracht", "Doet")
    rows = (f"| `{line.usage}` | {line.what} |" for line in help_lines(language, Audience.STAFF))
    return "\n".join((f"| {head[0]} | {head[1]} |", "|---|---|", *rows))
