"""The configuration: what is accepted, what is refused, and with which words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from structlog.testing import capture_logs

from ksmail.address import Address
from ksmail.config import Config, Schedule, load
from ksmail.defaults import defaults_directory
from ksmail.desk.alarm import AlarmSettings
from ksmail.desk.markings import MARKINGS
from ksmail.desk.people import Person
from ksmail.desk.policy import Caps, Coordination, Notify, OtherDesk, Policy, Suggestion
from ksmail.desk.workdays import Calendar
from ksmail.errors import ConfigError
from ksmail.incoming.form import Form
from ksmail.incoming.imap import ImapSettings
from ksmail.incoming.limits import Limits
from ksmail.incoming.message import Language
from ksmail.outgoing.compose import ComposeSettings, Source
from ksmail.outgoing.smtp import SmtpSettings
from ksmail.settings.nations import names_a_nation
from ksmail.settings.origin import find
from ksmail.settings.read import Settings
from ksmail.store.store import StoreSettings

CANARY = "canary-7f3a"
SHIPPED = defaults_directory("config") / "ksmail.toml"
BAD = Path(__file__).parent / "bad_configs"
PASSWORD = {"KSMAIL_IMAP__PASSWORD": CANARY}
FILLED_IN = {
    **PASSWORD,
    "KSMAIL_DESK__ADDRESS": "desk@example.org",
    "KSMAIL_TEAM__ADDRESS": "team@example.org",
    "KSMAIL_IMAP__HOST": "imap.example.org",
    "KSMAIL_SMTP__HOST": "smtp.example.org",
}
MINIMAL = """\
[desk]
address = "desk@example.org"
[team]
address = "team@example.org"
[imap]
host = "imap.example.org"
{imap}
[smtp]
host = "smtp.example.org"
{smtp}
{more}
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a configuration that is whole but for what a test is about."""

    def written(imap: str = "", smtp: str = "", more: str = "") -> Path:
        file = tmp_path / "ksmail.toml"
        file.write_text(MINIMAL.format(imap=imap, smtp=smtp, more=more), "utf-8")
        return file

    return written


def secret_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "secret"
    file.write_text(text, "utf-8")
    file.chmod(mode)
    return file


# -- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(file.stem for file in BAD.glob("*.toml")))
def test_a_bad_configuration_is_refused_with_its_sentence(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)
    with pytest.raises(ConfigError) as refused:
        load(Path(f"{name}.toml"), PASSWORD)
    assert str(refused.value) == (BAD / f"{name}.txt").read_text("utf-8").strip()


def test_every_bad_configuration_has_its_sentence() -> None:
    assert {file.stem for file in BAD.glob("*.toml")} == {file.stem for file in BAD.glob("*.txt")}


@pytest.mark.parametrize("name", sorted(file.stem for file in BAD.glob("*.txt")))
def test_no_sentence_repeats_a_secret(name: str) -> None:
    sentence = (BAD / f"{name}.txt").read_text("utf-8")
    assert CANARY not in sentence
    assert sentence.count("\n") == 1


def keys() -> list[tuple[str, ...]]:
    """Every key of the file, as a path."""
    sections = Settings().model_dump()
    tables = [(name, key) for name, value in sections.items() if isinstance(value, dict) for key in value]
    return [*tables, *((name,) for name, value in sections.items() if not isinstance(value, dict))]


WRONG_VALUES = {
    "text": f'"{CANARY} x@"',
    "number": "-1",
    "fraction": "-0.5",
    "list": f'["{CANARY} x@"]',
    "table": f'{{ {CANARY} = "{CANARY}" }}',
    "date": "2026-05-15",
}


@pytest.mark.parametrize("wrong", WRONG_VALUES)
@pytest.mark.parametrize("path", keys(), ids=".".join)
def test_a_wrong_value_never_shows_in_the_sentence(path: tuple[str, ...], wrong: str, tmp_path: Path) -> None:
    file = tmp_path / "ksmail.toml"
    file.write_text(f"{'.'.join(path)} = {WRONG_VALUES[wrong]}\n")
    given = {**FILLED_IN, "KSMAIL_SMTP__PASSWORD": CANARY}
    environ = {name: value for name, value in given.items() if name != "KSMAIL_" + "__".join(path).upper()}
    try:
        load(file, environ)
    except ConfigError as refused:
        assert str(refused).startswith(".".join(path))
        assert "canary" not in str(refused).replace(f".{CANARY}: unknown key", "")
    else:
        free = path in (("calendar", "closed"), ("markings", "words"))
        assert wrong == "text" or free, "only a free text may be anything"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "KSMAIL_IMAP__PORT",
            "imap.port: must be a whole number without quotes (environment variable KSMAIL_IMAP__PORT)",
        ),
        (
            "KSMAIL_IMAP__PROT",
            "imap.prot: unknown key; did you mean imap.port? (environment variable KSMAIL_IMAP__PROT)",
        ),
        ("KSMAIL_IMPA__PORT", "KSMAIL_IMPA__PORT: the configuration has no section [impa]"),
        ("KSMAIL_CALENDAR__CLOSED", "KSMAIL_CALENDAR__CLOSED: must be a list or a table, written as JSON"),
        ("KSMAIL_STAFF", "KSMAIL_STAFF: must be a list or a table, written as JSON"),
        ("KSMAIL_IMAP", "KSMAIL_IMAP: must be a list or a table, written as JSON"),
        (
            "KSMAIL_CALENDAR__COUNTRY",
            "calendar.country: must be a country with known holidays, such as NL "
            "(environment variable KSMAIL_CALENDAR__COUNTRY)",
        ),
    ],
)
def test_a_wrong_variable_is_named(name: str, sentence: str, write: Write) -> None:
    with pytest.raises(ConfigError) as refused:
        load(write(), {**PASSWORD, name: CANARY})
    assert str(refused.value) == sentence


def test_a_missing_password_names_both_ways_to_give_it(write: Write) -> None:
    with pytest.raises(ConfigError, match=r"^imap\.password_file: .*KSMAIL_IMAP__PASSWORD .*ksmail\.toml\)$"):
        load(write(), {})


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ksmail.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"ksmail\.toml: not a text in UTF-8"):
        load(tmp_path / "ksmail.toml", {})


def test_the_traceback_of_a_refusal_holds_no_values(write: Write) -> None:
    with pytest.raises(ConfigError) as refused:
        load(write(imap=f'tls = "{CANARY}"'), PASSWORD)
    assert refused.value.__suppress_context__
    assert CANARY not in repr(refused.value.__context__)


# -- where it is looked for -----------------------------------------------------------------------------------------


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "here" / "ksmail.toml", tmp_path / "etc" / "ksmail.toml"


def put(file: Path) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.touch()
    return file


def test_the_option_goes_first(places: tuple[Path, Path], tmp_path: Path) -> None:
    option, variable = put(tmp_path / "option.toml"), put(tmp_path / "variable.toml")
    put(places[0])
    assert find(option, {"KSMAIL_CONFIG": str(variable)}, places) == option


def test_the_variable_goes_before_the_usual_places(places: tuple[Path, Path], tmp_path: Path) -> None:
    variable = put(tmp_path / "variable.toml")
    put(places[0])
    assert find(None, {"KSMAIL_CONFIG": str(variable)}, places) == variable


def test_the_usual_places_are_tried_in_order(places: tuple[Path, Path]) -> None:
    second = put(places[1])
    assert find(None, {}, places) == second
    first = put(places[0])
    assert find(None, {"KSMAIL_CONFIG": ""}, places) == first


def test_a_named_file_that_is_missing_is_not_replaced_by_another(places: tuple[Path, Path], tmp_path: Path) -> None:
    put(places[0])
    with pytest.raises(ConfigError, match=r"^--config: there is no file"):
        find(tmp_path / "option.toml", {}, places)
    with pytest.raises(ConfigError, match=r"^KSMAIL_CONFIG: there is no file"):
        find(None, {"KSMAIL_CONFIG": str(tmp_path / "variable.toml")}, places)


def test_when_nothing_is_found_the_places_are_listed(places: tuple[Path, Path]) -> None:
    with pytest.raises(ConfigError) as refused:
        find(None, {}, places)
    assert all(str(place) in str(refused.value) for place in places)
    assert "KSMAIL_CONFIG" in str(refused.value)


def test_the_usual_places_are_the_checkout_and_etc() -> None:
    assert find.__defaults__ == ((Path("config/ksmail.toml"), Path("/etc/ksmail/ksmail.toml")),)


# -- the shipped file -----------------------------------------------------------------------------------------------


def test_the_shipped_file_loads_once_hosts_addresses_and_secrets_are_given() -> None:
    assert load(SHIPPED, FILLED_IN).imap.host == "imap.example.org"


LISTS = {"source", "referral"}


def test_the_shipped_file_holds_every_key_with_its_default() -> None:
    shown = tomllib.loads(SHIPPED.read_text("utf-8"))
    expected = Settings().model_dump(
        exclude={"imap": {"password"}, "smtp": {"password"}, "alarm_relay": {"password"}, "desk": LISTS}
    )
    for lists in ("staff", "form", "suggest"):
        assert expected.pop(lists) == []
    assert shown == expected


def test_the_defaults_of_the_file_are_those_of_the_rooms() -> None:
    config = load(SHIPPED, FILLED_IN)
    assert config.limits == Limits()
    assert config.schedule == Schedule()
    assert config.policy.caps == Caps()
    assert config.policy == Policy(
        team=Address("team", "example.org"),
        ops=Address("team", "example.org"),
        own_addresses=(Address("desk", "example.org"),),
        workdays=config.policy.workdays,
        partners=config.partners,
        markings=MARKINGS,
    )
    assert config.policy.coordination == Coordination()
    assert config.policy.workdays.calendar == Calendar()
    assert config.imap == ImapSettings(host="imap.example.org", user="desk@example.org", password=CANARY)
    assert config.smtp == SmtpSettings(host="smtp.example.org")
    assert config.compose == ComposeSettings(message_id_domain="example.org")
    assert (config.alarm, config.relay) == (AlarmSettings(), None)
    assert (config.certificate_notice, config.probe_every) == (timedelta(days=14), timedelta(hours=1))


def documented(text: str) -> Iterator[tuple[str, str]]:
    """Every key of a TOML file with the line above it."""
    above = ""
    for line in text.splitlines():
        key = re.match(r"([a-z_]+) = ", line)
        if key:
            yield key[1], above
        above = line


def uncommented(text: str) -> str:
    """The file with its examples ([[staff]] and the like) switched on."""
    lines, inside = [], False
    for line in text.splitlines():
        inside = line.startswith("# [[") or (inside and line.startswith("# "))
        lines.append(line.removeprefix("# ") if inside else line)
    return "\n".join(lines)


def test_every_key_of_the_shipped_file_has_a_line_of_why() -> None:
    found = list(documented(uncommented(SHIPPED.read_text("utf-8"))))
    assert len(found) > 80
    assert [key for key, above in found if not re.match(r"# [A-Z0-9\"a-z].*[.\])]$", above)] == []


def test_the_examples_in_the_shipped_file_load_too(tmp_path: Path) -> None:
    file = tmp_path / "ksmail.toml"
    file.write_text(uncommented(SHIPPED.read_text("utf-8")), "utf-8")
    config = load(file, FILLED_IN)
    assert [source.title_en for source in config.desk.sources] == ["Knowledge security guidelines"]
    assert config.forms == (Form(Address("noreply", "example.org")),)
    assert [person.name for person in config.policy.staff] == ["A. Voorbeeld"]
    assert [other.name for other in config.policy.other_desks] == ["export"]
    assert [rule.partners for rule in config.policy.suggestions] == [("EZ", "Defensie")]


def test_every_section_that_can_repeat_has_an_example() -> None:
    text = uncommented(SHIPPED.read_text("utf-8"))
    known = ["desk.source", "desk.referral", "staff", "form", "suggest"]
    assert re.findall(r"^\[\[([a-z.]+)\]\]$", text, re.MULTILINE) == known


@pytest.mark.parametrize(
    ("section", "room", "elsewhere"),
    [
        ("imap", ImapSettings, {"password_file"}),
        ("smtp", SmtpSettings, {"password_file"}),
        ("limits", Limits, set()),
        ("consult", Coordination, set()),
        ("schedule", Schedule, set()),
    ],
)
def test_a_setting_of_a_room_is_a_key(section: str, room: type[Any], elsewhere: set[str]) -> None:
    known = set(Settings().model_dump()[section])
    assert known - elsewhere == {field.name for field in fields(room)}


def test_the_defaults_that_ship_are_found() -> None:
    assert (defaults_directory("config") / "partners.toml").is_file()
    assert (defaults_directory("templates") / "nl").is_dir()


# -- what the rooms get ---------------------------------------------------------------------------------------------


def test_the_environment_goes_before_the_file(write: Write) -> None:
    environ = {**PASSWORD, "KSMAIL_IMAP__HOST": "other.example.org", "ksmail_imap__port": "143"}
    config = load(write(imap='mailbox = "Vragen"'), environ)
    assert (config.imap.host, config.imap.port, config.imap.mailbox) == ("other.example.org", 143, "Vragen")


def test_the_environment_may_hold_lists_as_json(write: Write) -> None:
    environ = {
        **PASSWORD,
        "KSMAIL_CALENDAR__CLOSED": '["2026-05-15"]',
        "KSMAIL_STAFF": '[{"name": "A. Voorbeeld", "address": "a@example.org"}]',
        "KSMAIL_IMAP__LEAVE_IN_PLACE": "true",
    }
    config = load(write(), environ)
    assert config.policy.workdays.calendar.closed == {date(2026, 5, 15)}
    assert Address("a", "example.org") in config.roster.staff
    assert config.imap.leave_in_place


def test_other_variables_are_nobodys_business(write: Write) -> None:
    assert load(write(), {**PASSWORD, "KSMAIL_VERSION": "1", "PATH": "/bin", "IMAP__PORT": "1"}).imap.port == 993


def test_os_environ_is_not_looked_at(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KSMAIL_IMAP__PORT", "143")
    assert load(write(), PASSWORD).imap.port == 993


def test_the_policy_is_that_of_the_file(write: Write) -> None:
    more = """
[promise]
days = 5
cutoff = "16:30"
[calendar]
good_friday_closed = false
weekend = ["friday", "saturday"]
closed = [2026-05-15, "2026-12-24"]
open = [2026-12-26]
[acknowledge]
address_hour = 2
oldest_hours = 48
duplicate_hours = 12
"""
    policy = load(write(more=more), PASSWORD).policy
    assert (policy.response_days, policy.cutoff, policy.caps.address_hour) == (5, time(16, 30), 2)
    assert (policy.oldest_answered, policy.duplicate_window) == (timedelta(hours=48), timedelta(hours=12))
    assert policy.workdays.calendar == Calendar(
        good_friday_closed=False,
        weekend=frozenset({4, 5}),
        closed=frozenset({date(2026, 5, 15), date(2026, 12, 24)}),
        open=frozenset({date(2026, 12, 26)}),
    )


def test_the_facts_of_the_desk_are_those_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "ksmail.toml"
    file.write_text("""
[desk]
prefix = "AB"
timezone = "Europe/Brussels"
staff_language = "en"
phone = "02 000 00 00"
page_nl = "https://www.example.org/nl"
[[desk.source]]
title_nl = "Leidraad"
title_en = "Guidelines"
url = "https://www.example.org/"
""")
    config = load(file, FILLED_IN)
    assert (config.desk.prefix, config.policy.prefix, config.desk.phone) == ("AB", "AB", "02 000 00 00")
    assert str(config.desk.timezone) == str(config.policy.timezone) == "Europe/Brussels"
    assert config.policy.staff_language is Language.EN
    assert config.desk.page_nl == "https://www.example.org/nl"
    assert config.desk.sources == (Source(title_nl="Leidraad", title_en="Guidelines", url="https://www.example.org/"),)


def test_the_roster_knows_us_staff_and_partners(write: Write, tmp_path: Path) -> None:
    (tmp_path / "partners.toml").write_text(
        '[[partner]]\ncode = "BZ"\nname_nl = "Buitenlandse Zaken"\nname_en = "Foreign Affairs"\n'
        'liaison = "liaison@example.org"\n'
    )
    more = '[trust]\nauthserv_id = "mx.example.org"\nown_hops = 2\n[[staff]]\nname = "A"\naddress = "a@example.org"\n'
    config = load(write(more=more), PASSWORD)
    roster = config.roster
    assert roster.ourselves == (Address("desk", "example.org"),)
    assert roster.staff == (Address("team", "example.org"), Address("a", "example.org"))
    assert roster.partners == (Address("liaison", "example.org"),)
    assert (roster.authserv_id, config.authserv_id, roster.own_hops) == ("mx.example.org", "mx.example.org", 2)


def staff(*people: str) -> str:
    """The staff list as it stands in the file; each text is what one person has besides a name and an address."""
    return "".join(
        f'[[staff]]\nname = "Person {at}"\naddress = "p{at}@example.org"\n{more}\n' for at, more in enumerate(people)
    )


def test_a_person_has_what_the_file_says(write: Write) -> None:
    more = staff('role = "coordinator"\nlanguage = "en"\naliases = ["Samira", "s.jansen@example.net", "de baas"]')
    assert load(write(more=more), PASSWORD).policy.staff == (
        Person(
            name="Person 0",
            address=Address("p0", "example.org"),
            coordinator=True,
            language=Language.EN,
            names=("Samira", "de baas"),
            others=(Address("s.jansen", "example.net"),),
        ),
    )


@pytest.mark.parametrize("language", [Language.NL, Language.EN])
def test_a_person_without_a_language_gets_that_of_the_desk(write: Write, language: Language) -> None:
    environ = {**PASSWORD, "KSMAIL_DESK__STAFF_LANGUAGE": language.value}
    (person,) = load(write(more=staff("")), environ).policy.staff
    assert (person.language, person.coordinator) == (language, False)


def test_every_address_of_a_person_is_one_of_staff(write: Write) -> None:
    more = staff('aliases = ["samira@example.net", "Samira"]', "")
    assert [address.spec for address in load(write(more=more), PASSWORD).roster.staff] == [
        "team@example.org",
        "p0@example.org",
        "samira@example.net",
        "p1@example.org",
    ]


@pytest.mark.parametrize("alias", ["", 'aliases = ["p0@example.org", "TEAM@example.org", "person 0"]'])
def test_at_a_desk_of_one_the_teams_address_is_that_of_a_person(write: Write, alias: str) -> None:
    environ = {**PASSWORD, "KSMAIL_TEAM__ADDRESS": "p0@example.org"}
    config = load(write(more=staff(alias)), environ)
    assert config.policy.team == config.policy.staff[0].address
    assert config.roster.staff[0] == config.policy.team
    assert len(config.roster.staff) == len(set(config.roster.staff))


@pytest.mark.parametrize(
    ("second", "key"),
    [
        ('aliases = ["P0@Example.org"]', "aliases"),
        ('aliases = ["x", "PÉRSON  0"]', "aliases"),
        ('aliases = ["samira"]', "aliases"),
    ],
)
def test_nobody_can_be_taken_for_a_colleague(write: Write, second: str, key: str) -> None:
    with pytest.raises(ConfigError, match=rf"^staff\[2\]\.{key}: .*somebody else on the staff list"):
        load(write(more=staff('aliases = ["Samira"]', second)), PASSWORD)


def test_a_first_name_may_be_shared(write: Write) -> None:
    assert (
        len(
            load(
                write(more=staff('aliases = ["Sam Jansen"]', 'aliases = ["Sam de Wit", "Jansen"]')), PASSWORD
            ).policy.staff
        )
        == 2
    )


@pytest.mark.parametrize("taken", ["team@example.org", "p0@example.org", "samira@example.net"])
def test_the_liaison_of_a_partner_is_never_one_of_staff(write: Write, tmp_path: Path, taken: str) -> None:
    (tmp_path / "partners.toml").write_text(
        f'[[partner]]\ncode = "BZ"\nname_nl = "B"\nname_en = "F"\nliaison = "{taken.upper()}"\n'
    )
    with pytest.raises(ConfigError) as refused:
        load(write(more=staff('aliases = ["samira@example.net"]')), PASSWORD)
    sentence = "partner[1].liaison: must not be an address of the team or of its people"
    assert str(refused.value) == f"{sentence} ({tmp_path / 'partners.toml'})"


def test_orders_and_tickets_go_as_the_file_says(write: Write) -> None:
    more = """
[orders]
hold_minutes = 0
notify = "both"
show_names = true
reference_days = 90
receipt_hour = 7
[tickets]
quiet_days = 5
reopen_days = 10
[acknowledge]
silence_after_bounce_days = 20
[store]
keys_grace_days = 45
[trust]
authserv_id = "mx.example.org"
"""
    config = load(write(more=more), PASSWORD)
    policy = config.policy
    assert (policy.hold, policy.notify, policy.hide_names) == (timedelta(0), Notify.BOTH, False)
    assert (policy.reference_life, policy.caps.receipt_hour) == (timedelta(days=90), 7)
    assert config.compose.staff_reference_life == policy.reference_life
    assert (policy.quiet, policy.reopen) == (timedelta(days=5), timedelta(days=10))
    assert (policy.silence_after_bounce, policy.has_border) == (timedelta(days=20), True)
    assert config.keys_grace == timedelta(days=45)


def test_the_policy_knows_the_addresses_of_the_desk(tmp_path: Path) -> None:
    file = tmp_path / "ksmail.toml"
    file.write_text('[desk]\naliases = ["info@example.org"]\n')
    policy = load(file, FILLED_IN).policy
    assert policy.own_addresses == (Address("desk", "example.org"), Address("info", "example.org"))


def test_another_desk_to_refer_to_is_known_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "ksmail.toml"
    other = 'title_nl = "Visa"\ntitle_en = "Visas"\ncontact = "visa@example.net"\n'
    file.write_text("".join(f'[[desk.referral]]\nname = "{name}"\n{other}' for name in ("visa desk", "visa")))
    assert load(file, FILLED_IN).policy.other_desks[0] == OtherDesk(
        name="visa desk", title_nl="Visa", title_en="Visas", contact="visa@example.net"
    )


def test_aliases_are_ours_too(tmp_path: Path) -> None:
    file = tmp_path / "ksmail.toml"
    file.write_text('[desk]\naliases = ["info@example.org"]\n')
    assert Address("info", "example.org") in load(file, FILLED_IN).roster.ourselves


def test_the_letters_go_as_the_file_says(write: Write, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    more = """
[acknowledge]
null_sender = true
require_return_path = true
[letters]
templates = "own"
plus_addressing = true
message_id_domain = "id.example.org"
"""
    config = load(write(more=more), PASSWORD)
    assert config.require_return_path
    assert config.compose == ComposeSettings(
        templates=tmp_path / "own", null_sender=True, plus_addressing=True, message_id_domain="id.example.org"
    )


def test_relative_paths_start_at_the_file(write: Write, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    (tmp_path / "own.csv").touch()
    file = write(imap='ca_file = "ca.pem"', more='[institutions]\nfile = "own.csv"')
    file.write_text('state_directory = "state"\n' + file.read_text())
    config = load(file, PASSWORD)
    assert config.imap.ca_file == tmp_path / "ca.pem"
    assert config.institutions == tmp_path / "own.csv"
    assert config.state_directory == tmp_path / "state"


def test_state_lives_in_its_own_folder(write: Write) -> None:
    config = load(write(more='[store]\nkeys_file = "/etc/ksmail/keys"'), PASSWORD)
    assert config.store == StoreSettings(path=Path("/var/lib/ksmail/ksmail.db"))
    assert config.health_file == Path("/var/lib/ksmail/health.json")
    assert config.keys_file == Path("/etc/ksmail/keys")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1"])
def test_a_server_on_this_machine_needs_no_encryption(write: Write, host: str) -> None:
    environ = {**PASSWORD, "KSMAIL_IMAP__HOST": host, "KSMAIL_IMAP__TLS": "none"}
    assert load(write(), environ).imap.tls == "none"


@pytest.mark.parametrize("host", ["localhost.example.org", "0.0.0.0", "10.0.0.1", "127.0.0.1.example.org"])
def test_a_server_elsewhere_does(write: Write, host: str) -> None:
    environ = {**PASSWORD, "KSMAIL_IMAP__HOST": host, "KSMAIL_IMAP__TLS": "none"}
    with pytest.raises(ConfigError, match=r"^imap\.tls: "):
        load(write(), environ)


@pytest.mark.parametrize("key", ["plus_addressing", "bounce_addresses"])
@pytest.mark.parametrize(("local", "fits"), [("a" * 8, True), ("a" * 9, False)])
def test_a_reference_in_an_address_needs_room_in_the_local_part(write: Write, local: str, fits: bool, key: str) -> None:
    environ = {**PASSWORD, "KSMAIL_DESK__ADDRESS": f"{local}@example.org", f"KSMAIL_LETTERS__{key.upper()}": "true"}
    if fits:
        assert getattr(load(write(), environ).compose, key)
    else:
        with pytest.raises(ConfigError, match=rf"^letters\.{key}: .*more than 8 characters"):
            load(write(), environ)


# -- secrets --------------------------------------------------------------------------------------------------------


def test_a_password_comes_from_its_file(write: Write, tmp_path: Path) -> None:
    secret_file(tmp_path, f"{CANARY} with spaces \n")
    assert load(write(imap='password_file = "secret"'), {}).imap.password == f"{CANARY} with spaces "


def test_the_environment_goes_before_the_password_file(write: Write, tmp_path: Path) -> None:
    secret_file(tmp_path, "from the file\n")
    assert load(write(imap='password_file = "secret"'), PASSWORD).imap.password == CANARY


def test_a_server_without_a_user_gets_no_password(write: Write) -> None:
    assert load(write(), {**PASSWORD, "KSMAIL_SMTP__PASSWORD": CANARY}).smtp.password == ""


def test_a_server_with_a_user_gets_its_password(write: Write) -> None:
    config = load(write(smtp='user = "desk"'), {**PASSWORD, "KSMAIL_SMTP__PASSWORD": "other"})
    assert (config.smtp.user, config.smtp.password) == ("desk", "other")


@pytest.mark.parametrize(
    ("text", "mode", "problem"),
    [
        ("", 0o600, "the file must hold one line, the password"),
        ("\n", 0o600, "the file must hold one line, the password"),
        (f"{CANARY}\n{CANARY}\n", 0o600, "the file must hold one line, the password"),
        (CANARY * 1000, 0o600, "the file must hold one line, the password"),
        (CANARY, 0o620, "others can write into the file; take that right away (chmod 600)"),
        (CANARY, 0o606, "others can write into the file; take that right away (chmod 600)"),
    ],
)
def test_a_password_file_that_cannot_be_right_is_refused(
    write: Write, tmp_path: Path, text: str, mode: int, problem: str
) -> None:
    secret_file(tmp_path, text, mode)
    file = write(imap='password_file = "secret"')
    with pytest.raises(ConfigError) as refused:
        load(file, {})
    assert str(refused.value) == f"imap.password_file: {problem} ({file})"


def test_a_password_file_in_another_encoding_is_refused(write: Write, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"caf\xe9\n")
    (tmp_path / "secret").chmod(0o600)
    with pytest.raises(ConfigError, match="not text in UTF-8"):
        load(write(imap='password_file = "secret"'), {})


def test_a_folder_is_no_password_file(write: Write, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        load(write(imap='password_file = "secret"'), {})


def test_a_password_file_that_others_can_read_is_a_warning(write: Write, tmp_path: Path) -> None:
    secret_file(tmp_path, CANARY, 0o644)
    with capture_logs() as lines:
        load(write(imap='password_file = "secret"'), {})
    assert [(line["event"], line["key"]) for line in lines] == [("secret_readable_by_others", "imap.password_file")]


def test_a_private_password_file_is_no_warning(write: Write, tmp_path: Path) -> None:
    secret_file(tmp_path, CANARY, 0o600)
    with capture_logs() as lines:
        load(write(imap='password_file = "secret"'), {})
    assert lines == []


def test_a_configuration_does_not_show_its_passwords(write: Write) -> None:
    config = load(write(smtp='user = "desk"'), {**PASSWORD, "KSMAIL_SMTP__PASSWORD": CANARY})
    assert config.imap.password == config.smtp.password == CANARY
    assert CANARY not in repr(config)


# -- partners and institutions --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> Config:
    return load(SHIPPED, FILLED_IN)


def test_the_seven_ministries_ship(shipped: Config) -> None:
    codes = [partner.code for partner in shipped.partners]
    assert codes == ["BZK", "BZ", "Defensie", "EZ", "JenV", "LVVN", "OCW"]


def test_no_partner_can_be_written_to_before_the_operator_says_where(shipped: Config) -> None:
    assert all(partner.liaison is None for partner in shipped.partners)
    assert shipped.roster.partners == ()


def test_ministries_are_known_under_their_former_codes(shipped: Config) -> None:
    aliases: Mapping[str, tuple[str, ...]] = {partner.code: partner.aliases for partner in shipped.partners}
    assert "EZK" in aliases["EZ"]
    assert "LNV" in aliases["LVVN"]


def test_the_domains_of_the_ministries_are_government(shipped: Config) -> None:
    domains = {domain for partner in shipped.partners for domain in partner.domains}
    assert domains <= set(shipped.government_domains)
    assert {"minbzk.nl", "minbuza.nl", "mindef.nl", "minezk.nl", "minjenv.nl", "minlvvn.nl", "minocw.nl"} <= domains


def test_a_partner_has_a_name_in_both_languages(shipped: Config) -> None:
    assert all(partner.name_nl.startswith("Ministerie van ") for partner in shipped.partners)
    assert all(partner.name_en.startswith("Ministry of ") for partner in shipped.partners)


def test_lists_of_ones_own_lie_beside_the_configuration(write: Write, tmp_path: Path) -> None:
    (tmp_path / "partners.toml").write_text("")
    (tmp_path / "institutions.csv").write_text("name,kind,domains\n")
    config = load(write(), PASSWORD)
    assert (config.partners, config.institutions) == ((), tmp_path / "institutions.csv")


def test_without_lists_of_ones_own_the_shipped_ones_are_used(write: Write) -> None:
    config = load(write(), PASSWORD)
    assert len(config.partners) == 7
    assert config.institutions == defaults_directory("config") / "institutions.csv"


# -- consulting partners --------------------------------------------------------------------------------------------


NOWHERE = {"001", "ZZ", "XA", "XB"}  # the world, an unknown region, and two that test programs
PARTNERS = """
[[partner]]
code = "BZ"
name_nl = "Buitenlandse Zaken"
name_en = "Foreign Affairs"
liaison = "bz@example.org"
language = "en"
outcome = true
[[partner]]
code = "EZ"
name_nl = "Economische Zaken"
name_en = "Economic Affairs"
aliases = ["EZK"]
"""


@pytest.fixture
def consulting(write: Write, tmp_path: Path) -> Callable[[str], Policy]:
    """The policy of a desk with two partners, one of which has a liaison, and these lines."""
    (tmp_path / "partners.toml").write_text(PARTNERS)
    return lambda more: load(write(more=more), PASSWORD).policy


def rule(words: str = '"export"', partners: str = '"BZ"', more: str = "") -> str:
    return f"[[suggest]]\nwords = [{words}]\npartners = [{partners}]\n{more}\n"


def test_the_policy_knows_the_partners(write: Write, tmp_path: Path) -> None:
    (tmp_path / "partners.toml").write_text(PARTNERS)
    config = load(write(), PASSWORD)
    assert config.policy.partners == config.partners
    assert [partner.outcome for partner in config.partners] == [True, False]


@pytest.mark.parametrize("language", [Language.NL, Language.EN])
def test_a_partner_without_a_language_gets_that_of_staff(write: Write, tmp_path: Path, language: Language) -> None:
    (tmp_path / "partners.toml").write_text(PARTNERS)
    config = load(write(), {**PASSWORD, "KSMAIL_DESK__STAFF_LANGUAGE": language.value})
    assert [partner.language for partner in config.partners] == [Language.EN, language]


def test_partners_are_asked_as_the_file_says(consulting: Callable[[str], Policy]) -> None:
    policy = consulting(
        "[consult]\npromise_days = 15\npartner_days = 8\nmargin_days = 0\nsilence_days = 1\nname_partners = true\n"
    )
    assert policy.coordination == Coordination(
        promise_days=15, partner_days=8, margin_days=0, silence_days=1, name_partners=True
    )


def test_rules_suggest_partners_by_their_codes(consulting: Callable[[str], Policy]) -> None:
    more = rule('"Satelliet*", "dual use"', '"ezk", "EZ", "bz"') + rule(more="copy = true")
    assert consulting(more).suggestions == (
        Suggestion(words=("Satelliet*", "dual use"), partners=("EZ", "BZ")),
        Suggestion(words=("export",), partners=("BZ",), copy=True),
    )


def test_a_desk_suggests_nobody_unless_told(write: Write) -> None:
    assert load(write(), PASSWORD).policy.suggestions == ()


def test_a_copy_by_itself_needs_somebody_to_send_it_to(consulting: Callable[[str], Policy]) -> None:
    with pytest.raises(ConfigError, match=r"^suggest\[2\]\.copy: .*EZ has no liaison"):
        consulting(rule() + rule(partners='"BZ", "ezk"', more="copy = true"))


def test_an_unknown_partner_is_refused_with_the_nearest_ones(consulting: Callable[[str], Policy]) -> None:
    with pytest.raises(ConfigError, match=r"^suggest\[1\]\.partners: .*did you mean EZ\?"):
        consulting(rule(partners='"EZZ"'))


@pytest.mark.parametrize("word", ["*", "**", "ab*", "a*b", "ex port *", "...", " ", "export *", "*export"])
def test_a_topic_is_a_word_or_the_beginning_of_one(consulting: Callable[[str], Policy], word: str) -> None:
    with pytest.raises(ConfigError, match=r"^suggest\[1\]\.words\[1\]: must be a word or a few"):
        consulting(rule(f'"{word}"'))


TOPICS = """
satelliet, satelliet*, ruimtevaart, kernenergie, uranium, uranium enrichment, promovendus, promovendi,
gastonderzoeker, guest researcher, samenwerking, samenwerkingsovereenkomst, financiering, beurs, beurzen, visum, visa,
students, studenten, PhD candidates, Ph.D., scholarship, sanctions, sanctielijst, export, export in bulk, dual use,
dual-use, exportcontrole, biotechnology, biosecurity, virologie, toxine, malware, malicious software, cryptography,
encryptie, nanotechnologie, semiconductors, chips, halfgeleiders, photonics, lithografie, quantum, quant*, drones,
drone*, AI, AI Act, IT, machine learning, kunstmatige intelligentie, germanium, gallium, indium, Li-ion batterijen,
groene waterstof, pH meter, gas, zee-ijs, oceaan, ocean engineering, atlas, canary release, sandwich panel,
man in the middle, Reed-Solomon, server, pers, honger, normen, tomaten, malic acid, cubic crystal, scooters,
mariniers, joint degree, hoogleraar, spionage, octrooi, patent*, nieuw*, noordelijk, university, universiteit*,
human rights, ethiek, defence, lasers, radar, sensoren, robotica, robot*, polymeer, person*, perovskite, telecom, 5G,
CO2, cloud, datasets, be careful
""".replace("\n", " ")

NATIONS = """
Iran, IRAN, Iranian, Iraniër, Iraans, Iraanse, Irak, Iraakse, Iraqi, China, Chinees, Chinese, Chinezen, Rusland,
Russia, Russisch, Russische, Rus, Russen, Pakistan, Pakistani, Pakistaanse, Syrië, Syrian, Syrische, Syriërs, Cuba,
Cuban, Cubaanse, Noord-Korea, Noord-Koreaanse, North Korea, Korean, Turkije, Türkiye, Turkey, Turkish delight, Turk,
Turken, Israël, Israëli, Israeli, Israelische, Afghanistan, Afghaanse, Afghan students, Egyptenaar, Egyptische, Belg,
België, Belgische, Nederland, Nederlander, Nederlandse, Dutch, Dutchman, Holland, Hollandse, Amerika, Amerikaan,
Amerikaanse, American, Brit, British, Britse, Engelsman, Engelse, English, Fransman, Franse, French, Duitser, Duitse,
German, Griek, Greek, Spanjaard, Spanish, Italiaan, Italian, Poolse, Polen, Polish, Zweden, Zweedse, Swede,
Oekraïense, Ukrainian, Vietnamees, Vietnamese, Taiwan, Taiwanees, Taiwanese, Venezolaan, Venezuelan, Peruaanse,
Peruvian, Colombiaans, Mexican, Braziliaan, Brazilian, Argentijnse, Marokkaan, Moroccan, Algerijns, Tunisian,
Libische, Soedanees, Sudanese, Ethiopiër, Kenyan, Keniaanse, Nigerian, Congolese, Congolees, Ghanese, Zuid-Afrikaanse,
South African, Saoedi-Arabië, Saoedisch, Saudi, Arabisch, Emirati, Jemenitisch, Yemeni, Libanees, Lebanese, Jordaniër,
Palestijnse, Palestinian, Koerdische, Kurdish, Tibetan, Oeigoeren, Uyghur, Indiaas, Indian, Indonesische, Maleisiër,
Malaysian, Filipijnse, Filipino, Japanner, Japanse, Mongolian, Thaise, Europa, European, Afrika, Africa, Azië,
Aziatische, Asian, Oceanië, Antarctica, Caribbean, Europese Unie, European Union, Verenigde Staten, United States,
United Kingdom, Isle of Man, Hong Kong, Hongkong, Sri Lanka, Côte d'Ivoire, Ivoorkust, Nieuw-Zeeland, New Zealander,
Costa Rican, Cook Islands, NL, nl, US, U.S., US export, IR, student uit IR, CN, EU, UK, U.K., USA, U.S.A., VS, V.S.,
Ruslandsancties, Iranbeleid, China-strategie, iran*, chin*, russ*, geo*, nederl*, united st*, I\u00adran,
\uff29\uff32\uff21\uff2e
""".replace("\n", " ")


def listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(", ")]


@pytest.mark.parametrize("topic", listed(TOPICS))
def test_an_ordinary_topic_names_no_nation(topic: str) -> None:
    assert not names_a_nation(topic)


@pytest.mark.parametrize("name", listed(NATIONS))
def test_a_country_or_a_nationality_is_known_in_its_many_forms(name: str) -> None:
    assert names_a_nation(name)
    assert names_a_nation(f"samenwerking met {name}")


@pytest.mark.parametrize("code", ["IN", "in", "is", "to"])
def test_a_code_that_is_also_a_small_word_counts_when_it_stands_alone(code: str) -> None:
    assert names_a_nation(code)
    assert not names_a_nation(f"export {code} bulk")


@pytest.mark.parametrize("locale", ["nl", "en"])
def test_every_name_that_babel_has_for_a_place_is_known(locale: str) -> None:
    places = {code: name for code, name in Locale.parse(locale).territories.items() if code not in NOWHERE}
    assert [name for name in places.values() if not names_a_nation(str(name))] == []
    assert [name for name in places.values() if not names_a_nation(f"samenwerking met {str(name).upper()}")] == []


def test_a_rule_with_a_country_stops_the_start(consulting: Callable[[str], Policy]) -> None:
    with pytest.raises(ConfigError) as refused:
        consulting(rule() + rule('"export", "Iraanse studenten"'))
    sentence = "suggest[2].words: word 2 must not name a country or a nationality; rules go by topic"
    assert str(refused.value).startswith(f"{sentence} (")


def test_a_rule_of_the_environment_is_looked_at_too(write: Write) -> None:
    environ = {**PASSWORD, "KSMAIL_SUGGEST": '[{"words": ["Cuba"], "partners": ["BZ"]}]'}
    with pytest.raises(ConfigError, match=r"^suggest\[1\]\.words: .*environment variable KSMAIL_SUGGEST"):
        load(write(), environ)


@pytest.mark.parametrize(("words", "expected"), [("[]", ()), ('["VS-NfD"]', ("VS-NfD",))])
def test_markings_are_those_of_the_file(write: Write, words: str, expected: tuple[str, ...]) -> None:
    assert load(write(more=f"[markings]\nwords = {words}\n"), PASSWORD).policy.markings == expected


# -- the service ----------------------------------------------------------------------------------------------------


def directives() -> list[tuple[str, str]]:
    lines = (defaults_directory("config") / "ksmail.service").read_text("utf-8").splitlines()
    return [(name, value) for line in lines if line[:1].isalpha() for name, _, value in [line.partition("=")]]


def test_the_service_reads_its_passwords_as_credentials() -> None:
    environment = [value for name, value in directives() if name == "Environment"]
    credentials = [value.partition(":")[0] for name, value in directives() if name == "LoadCredential"]
    assert [value.partition("=")[2].removeprefix("%d/") for value in environment if "%d/" in value] == credentials


def test_the_variables_of_the_service_are_keys(write: Write, tmp_path: Path) -> None:
    secret_file(tmp_path, CANARY)
    given = [value for name, value in directives() if name == "Environment" and "%d/" in value]
    environ = {name: str(tmp_path / "secret") for name, _, _ in (value.partition("=") for value in given)}
    config = load(write(smtp='user = "desk"'), environ)
    assert config.imap.password == config.smtp.password == CANARY


def test_the_service_gives_the_program_time_to_stop() -> None:
    assert int(dict(directives())["TimeoutStopSec"]) > 30


def test_the_service_may_write_only_where_the_state_lives() -> None:
    found = dict(directives())
    assert (found["ProtectSystem"], found["StateDirectory"], found["DynamicUser"]) == ("strict", "ksmail", "yes")
    assert Settings().state_directory == f"/var/lib/{found['StateDirectory']}"
