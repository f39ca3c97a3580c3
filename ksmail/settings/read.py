"""From a TOML file and the environment to checked sections."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from ksmail.errors import ConfigError
from ksmail.settings.origin import NESTED, PREFIX, Origin, variable
from ksmail.settings.refusal import refusal
from ksmail.settings.sections import (
    AcknowledgeSection,
    CalendarSection,
    ConsultSection,
    DeskSection,
    FormSection,
    InstitutionsSection,
    LettersSection,
    LimitsSection,
    MarkingsSection,
    OfficeSection,
    OpsSection,
    OrdersSection,
    PartnersSection,
    PromiseSection,
    ScheduleSection,
    StaffSection,
    StoreSection,
    SuggestSection,
    TeamSection,
    TicketsSection,
    TrustSection,
)
from ksmail.settings.servers import ImapSection, RelaySection, SmtpSection
from ksmail.settings.words import Needed

_SECRETS = (("imap", "password"), ("smtp", "password"), ("alarm_relay", "password"))


class Settings(BaseSettings):
    """The whole of ksmail.toml, the environment laid over it. Not yet looked at across keys."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTED,
        extra="forbid",
        strict=True,
        frozen=True,
        hide_input_in_errors=True,
    )

    state_directory: Needed = "/var/lib/ksmail"
    desk: DeskSection = DeskSection()
    team: TeamSection = TeamSection()
    staff: list[StaffSection] = []
    orders: OrdersSection = OrdersSection()
    tickets: TicketsSection = TicketsSection()
    office: OfficeSection = OfficeSection()
    ops: OpsSection = OpsSection()
    imap: ImapSection = ImapSection()
    smtp: SmtpSection = SmtpSection()
    alarm_relay: RelaySection = RelaySection()
    promise: PromiseSection = PromiseSection()
    consult: ConsultSection = ConsultSection()
    calendar: CalendarSection = CalendarSection()
    acknowledge: AcknowledgeSection = AcknowledgeSection()
    trust: TrustSection = TrustSection()
    markings: MarkingsSection = MarkingsSection()
    form: list[FormSection] = []
    letters: LettersSection = LettersSection()
    institutions: InstitutionsSection = InstitutionsSection()
    partners: PartnersSection = PartnersSection()
    suggest: list[SuggestSection] = []
    store: StoreSection = StoreSection()
    schedule: ScheduleSection = ScheduleSection()
    limits: LimitsSection = LimitsSection()


class _Environment(EnvSettingsSource):
    """pydantic reads os.environ by itself; ours is handed in."""

    def __init__(self, settings: type[BaseSettings], environ: Mapping[str, str]) -> None:
        self._given = {name.lower(): value for name, value in environ.items()}
        super().__init__(settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return dict(self._given)

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: str) -> Any:
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            name = next(
                (name for name, given in self._given.items() if given is value and name.endswith(field_name)),
                field_name,
            )
            raise ConfigError(f"{name.upper()}: must be a list or a table, written as JSON") from None


def read_settings(origin: Origin) -> Settings:
    """Read the configuration file and lay the KSMAIL_ variables over it. Raises ConfigError, one sentence."""
    data = read_toml(origin.file)
    _no_secrets_in(data, origin)
    _no_strange_variables(origin.environ)

    class Sourced(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (_Environment(settings_cls, origin.environ), init_settings)

    try:
        return Sourced(**data)
    except ValidationError as error:
        raise refusal(error, Settings, origin) from None


def read_toml(file: Path) -> dict[str, Any]:
    """A file as TOML has it. Raises ConfigError, one sentence."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file}: not a text in UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({type(error).__name__})") from None


def _no_secrets_in(data: Mapping[str, Any], origin: Origin) -> None:
    for section, key in _SECRETS:
        table = data.get(section)
        if isinstance(table, Mapping) and key in table:
            raise ConfigError(
                f"{section}.{key}: a password does not belong in this file; use {section}.{key}_file or the "
                f"environment variable {variable(section, key)} ({origin.file})"
            )


def _no_strange_variables(environ: Mapping[str, str]) -> None:
    """A mistyped section in a variable would otherwise be passed over in silence."""
    for name in sorted(environ):
        head, nested, _ = name.upper().partition(NESTED)
        if nested and head.startswith(PREFIX) and head.removeprefix(PREFIX).lower() not in Settings.model_fields:
            raise ConfigError(f"{name}: the configuration has no section [{head.removeprefix(PREFIX).lower()}]")
