"""Passwords: from the environment or from a file that only we can read."""

from __future__ import annotations

from ksmail import log
from ksmail.settings.origin import Origin, variable
from ksmail.settings.servers import ImapSection, RelaySection, SmtpSection

_LONGEST = 4096
_WRITABLE_BY_OTHERS = 0o022
_READABLE_BY_OTHERS = 0o044


def read_password(name: str, section: ImapSection | RelaySection | SmtpSection, origin: Origin) -> str:
    """The password of section `name`. The environment goes before the file. Raises ConfigError."""
    given = section.password.get_secret_value()
    if given:
        return given
    key = f"{name}.password_file"
    if not section.password_file:
        raise origin.fault(key, f"must be filled in, or set the environment variable {variable(name, 'password')}")
    return _from_file(key, section.password_file, origin)


def _from_file(key: str, text: str, origin: Origin) -> str:
    file = origin.path(text)
    try:
        mode = file.stat().st_mode
        with file.open("rb") as opened:
            secret = opened.read(_LONGEST + 1).decode("utf-8").rstrip("\r\n")
    except OSError as error:
        raise origin.fault(key, f"the file cannot be read ({type(error).__name__})") from None
    except UnicodeDecodeError:
        raise origin.fault(key, "the file is not text in UTF-8") from None
    if mode & _WRITABLE_BY_OTHERS:
        raise origin.fault(key, "others can write into the file; take that right away (chmod 600)")
    if not secret or len(secret) > _LONGEST or any(ord(letter) < 32 for letter in secret):
        raise origin.fault(key, "the file must hold one line, the password")
    if mode & _READABLE_BY_OTHERS:
        log.get().warning("secret_readable_by_others", key=key, advice="chmod 600")
    return secret
