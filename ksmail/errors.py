"""Errors, by whose fault they are."""


class KsmailError(Exception):
    """The root of our own errors. Its text is a sentence a person can act on, without names or subjects."""


class UnreadableMail(KsmailError):
    """The mail's fault: it goes to quarantine with this text as the reason."""


class Unavailable(KsmailError):
    """The wire's fault (IMAP, SMTP or database away): this round stops, and is tried again.

    `retry_after` is what the server advised, in seconds; None when it said nothing.
    """

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class LoginRefused(Unavailable):
    """The mail server is there and does not take our name or our password."""


class StoreAway(Unavailable):
    """The database is locked, or its disk is."""


class ParserAway(Unavailable):
    """No process can be started that reads mail."""


class ConfigError(KsmailError):
    """The operator's fault: the program refuses to start. The text names the key."""


class CannotDestroy(KsmailError):
    """The server cannot delete this one mail and no other: a person has to. To try again would not help."""
