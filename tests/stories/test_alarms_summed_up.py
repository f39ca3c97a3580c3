"""The digest of the next working day says what failed, for how long, and how the mails to ourselves fared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ksmail.demo.servers import Servers
from tests.door import Door
from tests.stories.rig import TEAM, Rig, text_of
from tests.watching import Watched

TUESDAY = datetime(2026, 6, 2, 5, 31, tzinfo=UTC)  # 07:31 on the desk's clock


def digest_of(rig: Rig, at: datetime) -> str:
    """The text of the digest that is written at this time."""
    rig.clock.moment = at
    rig.works.pass_time()
    rig.send()
    return text_of([letter for letter in rig.letters(TEAM) if str(letter["Subject"]).startswith("[D-")][-1])


def test_the_next_morning_an_outage_and_the_probes_are_told_and_the_day_after_no_more(
    make_rig: Callable[..., Rig], servers: Servers
) -> None:
    with Door(servers.imap_port) as door:
        desk = Watched(make_rig(environ={"KSMAIL_IMAP__PORT": str(door.port)}))
        desk.minutes(70, also=desk.bring_back)
        door.shut()
        desk.minutes(20, also=desk.bring_back)
        door.open()
        desk.minutes(60, also=desk.bring_back)
    assert desk.told == ["Alarm: er komt geen mail binnen", "Voorbij: er komt weer mail binnen"]
    said = digest_of(desk.rig, TUESDAY)
    assert "- 1 alarm sinds het vorige dagbericht.\n" in said
    assert "- Alarm van maandag 1 juni 2026, 11:13, voorbij na 20 minuten: er komt geen mail binnen.\n" in said
    assert "Proefmails: 3 verstuurd, 0 niet terug, de helft binnen 120 seconden." in " ".join(said.split("\n"))
    assert "- Geen alarm sinds het vorige dagbericht.\n" in digest_of(desk.rig, TUESDAY + timedelta(days=1))
