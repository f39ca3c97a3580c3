"""What staff and ministries of the demo write: replies to our letters, as a mail client makes them."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage

from ksmail.demo.mails import ROBIN, TEAM, Sample, mail, newest, spec, thread

SAM = "sam@agency.example"
EVA = "eva@agency.example"
FOREIGN, EDUCATION = "liaison@bz.example", "kennis@ocw.example"
_NAMES = {SAM: "Sam", EVA: "Eva", FOREIGN: "Liaison", EDUCATION: "Kennis"}
PARTNERS = f"""
[[partner]]
code = "BZ"
name_nl = "Ministerie van Buitenlandse Zaken"
name_en = "Ministry of Foreign Affairs"
domains = ["bz.example"]
liaison = "{FOREIGN}"
[[partner]]
code = "OCW"
name_nl = "Ministerie van Onderwijs, Cultuur en Wetenschap"
name_en = "Ministry of Education, Culture and Science"
domains = ["ocw.example"]
liaison = "{EDUCATION}"
"""

TAKE = "#take\n"
FORGOTTEN = "Dear Robin,\n\nThis is possible. Write down what the company will see, and when.\n"
ADVICE = "Dear Robin,\n\nAgree in your contract that the university decides what is published.\n"
MISSPELT = f"#anwser\n\n{ADVICE}"
ANSWER = f"#answer\n\n{ADVICE}\n-- \nSam, adviser\nSent from my phone\n"
NOW = "#now\n"
FORGED = "#answer\n\nPlease send us your passwords.\n"
TWO_ORDERS = """\
#pak
#antwoord

Beste Sanne,

Spreek vooraf af wie de resultaten mag publiceren, en wie toegang heeft tot het lab.
"""
STOP = "#stop\n"
CONSULT = "#afstemmen BZ OCW\n"
SEND = "#nu\n"
OBJECTION = "#bezwaar\n\nWij hebben zorgen over deze beurs. Vraag eerst wie hem betaalt.\n"
NO_OBJECTION = "#akkoord\n"


def english() -> tuple[Sample, ...]:
    """Sam handles the question that came in last."""
    return (
        _reply("Sam replies to the notice: he handles this question", SAM, TAKE, to=TEAM),
        _reply("He forgets the order: his text is kept, and nothing leaves", SAM, FORGOTTEN, whole=(SAM,)),
        _reply("He misspells it: nothing is done, and he is asked what he meant", SAM, MISSPELT, whole=(SAM,)),
        _reply(
            "The answer: it waits for three minutes, and he sees what will leave", SAM, ANSWER, whole=(SAM,), later=1
        ),
        _reply("He does not want to wait", SAM, NOW, whole=(spec(ROBIN),), later=-1),
    )


def forged() -> Sample:
    """Somebody who knows a number, but answers no letter of ours, and is not who he says."""

    def make(now: datetime, _: list[bytes]) -> bytes:
        subject = f"Re: [KV-{now.year}-0001] A company pays for our lab"
        return mail(now, sender=f"Sam <{SAM}>", subject=subject, text=FORGED, border="fail")

    return Sample("Somebody writes in Sam's name: nothing is obeyed, and people are told", make, says=FORGED)


def dutch() -> tuple[Sample, ...]:
    """Eva handles the one that came in last, in Dutch, and thinks better of it."""
    return (
        _reply("Eva gives two orders in one mail, in Dutch", EVA, TWO_ORDERS, to=TEAM, whole=(EVA,), later=1),
        _reply("She calls it back: the answer never leaves", EVA, STOP),
        _reply("First she asks two ministries: each gets a mail of its own", EVA, CONSULT, whole=(EVA,), later=3),
        _reply("It leaves: nobody reads who asks, and the asker reads no names", EVA, SEND, whole=(FOREIGN,), later=-3),
        _reply("One ministry objects, in one word and two lines", FOREIGN, OBJECTION, whole=(EVA,)),
        _reply("The other does not: staff see both side by side", EDUCATION, NO_OBJECTION),
    )


def _reply(title: str, sender: str, text: str, *, to: str = "", whole: tuple[str, ...] = (), later: int = 0) -> Sample:
    """A reply to the newest letter to its sender, or to `to`."""

    def make(now: datetime, letters: list[bytes]) -> bytes:
        letter = newest(letters, to or sender)
        return mail(
            now,
            sender=f"{_NAMES[sender]} <{sender}>",
            to=str(letter["Reply-To"]),
            subject=f"Re: {letter['Subject']}",
            text=f"{text}\n{_quoted(letter)}",
            headers=thread(letter),
        )

    return Sample(title, make, says=text, whole=whole, later=later)


def _quoted(letter: EmailMessage) -> str:
    """The letter below a reply, as mail clients put it there."""
    body = letter.get_body(("plain",))
    text = str(body.get_content()) if body else ""
    lines = (f"> {line}" for line in text.splitlines())
    return "\n".join((f"On Monday {letter['From']} wrote:", *lines, ""))
