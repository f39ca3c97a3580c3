"""A folder of mails and a script, played by a desk with these settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ksmail.address import parse_address
from ksmail.config import Config
from ksmail.errors import ConfigError
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.transport import Bounced, Outcome
from ksmail.simulate.arrivals import read_arrivals
from ksmail.simulate.people import Confirming, Pen, Several, Staff
from ksmail.simulate.rules import Rules
from ksmail.simulate.run import Plan, Simulation
from ksmail.simulate.script import RefuseSection, Script, SpanSection, read_script, shift
from ksmail.simulate.timeline import Timeline, timeline
from ksmail.simulate.times import PACE, Course, Span, WrongClock, local_moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to see: mails in a folder, a script or None, and a folder for the letters or None."""

    period: Span
    mails: Path
    script: Path | None = None
    letters: Path | None = None
    pace: timedelta = PACE
    own_process: bool = False


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it; `left_out` names the mails that do not lie in the period."""

    timeline: Timeline
    left_out: tuple[str, ...]


def play(wish: Wish, config: Config) -> Played:
    """Simulate. Raises ConfigError for a script, a mail or a folder that cannot be used."""
    script = read_script(wish.script) if wish.script else Script()
    zone = config.policy.timezone
    arrivals = read_arrivals(wish.mails, script.mail, wish.script, wish.period, zone)
    plan = Plan(period=wish.period, mails=arrivals.mails, course=_course(script, config), pace=wish.pace)
    if wish.letters is not None:
        _empty(wish.letters)
    staff = _staff(script, config)
    with Simulation(config, plan, staff, letters=wish.letters, own_process=wish.own_process) as simulation:
        simulation.postman.refusal = _Refusals(script.refuse)
        simulation.run()
        return Played(timeline(simulation), arrivals.left_out)


def _staff(script: Script, config: Config) -> Staff:
    pen = Pen(config.authserv_id)
    rules = Rules(tuple(script.reply), config.policy, pen)
    return rules if config.policy.has_border else Several(rules, Confirming(pen))


def _course(script: Script, config: Config) -> Course:
    def span(section: SpanSection) -> Span:
        zone = config.policy.timezone
        return Span(local_moment(section.begins, zone), local_moment(section.ends, zone))

    return Course(
        down=tuple(map(span, script.down)),
        mailbox_away=tuple(span(each) for each in script.away if each.what == "mailbox"),
        sending_away=tuple(span(each) for each in script.away if each.what == "sending"),
        wrong_clocks=tuple(WrongClock(span(each), shift(each)) for each in script.clock),
    )


class _Refusals:
    """What the servers of the askers say against some addresses."""

    def __init__(self, sections: list[RefuseSection]) -> None:
        self._reasons = {parse_address(each.address): each.reason for each in sections}

    def __call__(self, mail: OutgoingMail, recipient: str) -> Outcome | None:
        reason = self._reasons.get(parse_address(recipient))
        return Bounced(reason) if reason else None


def _empty(folder: Path) -> None:
    """The folder, made if need be. Nothing of anybody is written over. Raises ConfigError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ConfigError(f"--out: the folder {folder} is not empty")
    except OSError as fault:
        raise ConfigError(f"--out: {folder} cannot be used ({type(fault).__name__})") from None
