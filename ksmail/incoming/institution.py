"""What a mail domain tells about who writes: a hint for staff, never a gate."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from ksmail.errors import ConfigError
from ksmail.incoming.identity import Institution

_COLUMNS = ("name", "kind", "domains")

# Where anybody can have an address, so that the domain says nothing about the employer.
_FREEMAIL = """
126.com 163.com aol.com caiway.nl casema.nl chello.nl daum.net fastmail.com foxmail.com free.fr freedom.nl gmail.com
gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hanmail.net hetnet.nl home.nl hotmail.be hotmail.co.uk hotmail.com
hotmail.de hotmail.fr hotmail.nl hushmail.com icloud.com kpnmail.nl kpnplanet.nl laposte.net libero.it live.be
live.co.uk live.com live.nl mac.com mail.com mail.ru mailbox.org me.com msn.com naver.com online.nl orange.fr
outlook.be outlook.com outlook.de outlook.fr planet.nl pm.me posteo.de posteo.net proton.me protonmail.ch
protonmail.com qq.com quicknet.nl rediffmail.com rocketmail.com sina.com skynet.be solcon.nl soverin.net startmail.com
t-online.de tele2.nl telenet.be telfort.nl tuta.com tuta.io tutanota.com tutanota.de upcmail.nl wanadoo.fr
wanadoo.nl web.de xs4all.nl yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.de yahoo.es yahoo.fr yahoo.it
yahoo.nl yandex.com yandex.ru ymail.com zeelandnet.nl ziggo.nl zoho.com
"""


class Institutions:
    """Mail domains, and whose they are."""

    def __init__(self, domains: Mapping[str, Institution]) -> None:
        self._domains = {folded: found for domain, found in domains.items() if (folded := _fold(domain))}

    @classmethod
    def load(cls, path: Path, government: Iterable[str] = ()) -> Institutions:
        """Read a CSV file with the columns name, kind and domains (separated by ";"); more columns are ignored.

        `government` names domains of the state; a domain in the file goes before both them and free mail.
        Raises ConfigError.
        """
        domains = dict.fromkeys(_FREEMAIL.split(), Institution(name="free mail", kind="freemail"))
        domains |= dict.fromkeys(government, Institution(name="government", kind="government"))
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                return cls(domains | _read(file))
        except (OSError, UnicodeError, csv.Error) as error:
            raise ConfigError(f"institutions: the file cannot be read ({type(error).__name__})") from error

    @property
    def domains(self) -> tuple[str, ...]:
        """Every domain there is, without those where anybody can have an address."""
        return tuple(domain for domain, found in self._domains.items() if found.kind != "freemail")

    def find(self, domain: str) -> Institution | None:
        """Whose `domain` is. Subdomains count (cs.ru.nl is ru.nl's, notru.nl is not) and the longest match wins."""
        labels = _fold(domain).split(".")
        tails = (".".join(labels[at:]) for at in range(len(labels)))
        return next((self._domains[tail] for tail in tails if tail in self._domains), None)


def _read(file: Iterable[str]) -> dict[str, Institution]:
    rows = csv.DictReader(file)
    missing = [column for column in _COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise ConfigError(f"institutions: the file has no column {missing[0]!r}")
    return {
        domain: Institution(name=(row["name"] or "").strip(), kind=(row["kind"] or "").strip())
        for row in rows
        for domain in (row["domains"] or "").split(";")
    }


def _fold(domain: str) -> str:
    """A-labels in lower case (RFC 5890 2.3.2.1), or "" for what is no domain."""
    try:
        return domain.strip().rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
