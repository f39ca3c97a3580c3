"""A submission server that goes wrong at the phase a test names, and keeps every byte it was sent."""

from __future__ import annotations

from tests.stub import HANG_UP, SILENCE, Line, Stub

PHASES = ("CONNECT", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "DOT", "QUIT")

_USUAL = {
    "CONNECT": "220 stub.example",
    "AUTH": "235 2.7.0 ok",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go ahead",
    "DOT": "250 2.0.0 taken",
    "RSET": "250 2.0.0 ok",
    "NOOP": "250 2.0.0 ok",
    "QUIT": "221 2.0.0 bye",
    "STARTTLS": "220 go ahead",
}


class SmtpStub(Stub):
    """`wire` is what came between 354 and the end, one entry for each mail, dots and all; `taken` those with 250."""

    extensions = "SIZE 1000000\n8BITMIME\nAUTH PLAIN"
    read_mail = True
    injected = b""  # said in the clear, in the same breath as the consent to STARTTLS

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # passed through as it came
        self.wire: list[bytes] = []
        self.taken: list[bytes] = []

    def converse(self, line: Line) -> None:
        if not self._say(line, "CONNECT"):
            return
        while words := line.reader.readline():
            command = words.decode("latin-1").rstrip("\r\n")
            self.commands.append(command)
            if not self._obey(line, command.split(" ")[0].upper()):
                return

    def _obey(self, line: Line, name: str) -> bool:
        if name == "EHLO":
            return self._say(line, "EHLO", self._hello(line))
        if name == "STARTTLS":
            return self._start_tls(line)
        code = self._reply(name)
        if not self._say(line, name, code) or name == "QUIT":
            return False
        return self._take(line) if name == "DATA" and code.startswith("354") else True

    def _take(self, line: Line) -> bool:
        if not self.read_mail:
            self.be_silent()
        data = b""
        while not data.endswith(b"\r\n.\r\n"):
            piece = line.reader.readline()
            if not piece:
                return False
            data += piece
        self.wire.append(data)
        reply = self._reply("DOT")
        if reply.startswith("2"):
            self.taken.append(data)
        return self._say(line, "DOT", reply)

    def _start_tls(self, line: Line) -> bool:
        reply = self._reply("STARTTLS")
        if not reply.startswith("220"):
            return self._say(line, "STARTTLS", reply)
        line.say(f"{reply}\r\n".encode() + self.injected)
        if self.context is None:
            return False
        line.encrypt(self.context)
        return True

    def _hello(self, line: Line) -> str:
        reply = self.rule("EHLO")
        if reply is not None:
            return reply
        encrypted = line.connection.__class__.__name__ == "SSLSocket"
        lines = ["stub.example", *self.extensions.split("\n")]
        if self.context and not encrypted:
            lines.append("STARTTLS")
        return "\r\n".join([*(f"250-{text}" for text in lines[:-1]), f"250 {lines[-1]}"])

    def _reply(self, name: str) -> str:
        return self.rule(name) or _USUAL.get(name, "500 5.5.2 what?")

    def _say(self, line: Line, name: str, reply: str | None = None) -> bool:
        """Whether the conversation goes on."""
        reply = self._reply(name) if reply is None else reply
        if reply == SILENCE:
            self.be_silent()
        if reply in (SILENCE, HANG_UP):
            return False
        reply = self.held_back(reply)
        line.say(f"{reply}\r\n")
        return not reply.startswith("421")
