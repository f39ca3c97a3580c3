"""The words of a mail: of each alternative the plain one, or else the HTML; files left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ksmail.incoming.headers import charset_codec
from ksmail.incoming.leaves import Leaf, disposition, is_body, transfer_decoded
from ksmail.incoming.limits import Limits
from ksmail.incoming.markup import tidy
from ksmail.incoming.outline import Outline

Decode = Callable[[bytes, str], tuple[str, bool]]  # bytes and codec; text, and whether all bytes were in it
Plain = Callable[[str], tuple[str, str]]  # HTML; text and a remark

TEXT_CUT = "text cut"  # how the remark about a text that is too long begins


class Text:
    """`text` is what there is to read, `from_html` whether some of it was HTML, `remarks` what was lost."""

    def __init__(
        self, raw: bytes, outline: Outline, found: Sequence[Leaf], limits: Limits, decode: Decode, plain: Plain
    ) -> None:
        self._raw = raw
        self._outline = outline
        self._limits = limits
        self._decode = decode
        self._plain = plain
        self._leaves = {leaf.part.place: leaf for leaf in found}
        self._inside: dict[int, list[int]] = {}
        for part in outline.parts[1:]:
            self._inside.setdefault(part.parent, []).append(part.place)
        self._known: dict[int, str] = {}
        self.remarks: list[str] = []
        chosen = self._bodies(0) or self._named()
        self.from_html = any(leaf.content_type == "text/html" for leaf in chosen)
        self.text = self._joined(chosen)

    def _bodies(self, place: int) -> list[Leaf]:
        """The leaves to read, below this part. No deeper than the limit of the pre-scan."""
        if leaf := self._leaves.get(place):
            return [leaf] if is_body(leaf) and self._words(leaf) else []
        choices = [self._bodies(inner) for inner in self._inside.get(place, [])]
        if self._outline.parts[place].content_type != "multipart/alternative":
            return [leaf for choice in choices for leaf in choice]
        # RFC 2046 5.1.4 puts the richest last. We want the plainest.
        plain = [choice for choice in choices if any(leaf.content_type == "text/plain" for leaf in choice)]
        return next(iter(plain or [choice for choice in reversed(choices) if choice]), [])

    def _named(self) -> list[Leaf]:
        """A text with a file name, when there is nothing else to read."""
        texts = [leaf for leaf in self._leaves.values() if leaf.content_type in ("text/plain", "text/html")]
        return [leaf for leaf in texts if disposition(leaf.part)[0] != "attachment" and self._words(leaf)][:1]

    def _joined(self, chosen: Sequence[Leaf]) -> str:
        text = "\n\n".join(filter(None, (self._words(leaf) for leaf in chosen)))
        if len(data := text.encode()) <= self._limits.text:
            return text
        self._cut()
        return data[: self._limits.text].decode("utf-8", "ignore")

    def _words(self, leaf: Leaf) -> str:
        place = leaf.part.place
        if place not in self._known:
            text = self._characters(leaf)
            if leaf.content_type == "text/html":
                text, remark = self._plain(text[: self._limits.text])
                self.remarks.append(remark)
            self._known[place] = tidy(text).strip("\n").rstrip()
        return self._known[place]

    def _characters(self, leaf: Leaf) -> str:
        """In the character set that the part claims; where that fails UTF-8, and where that fails cp1252."""
        claimed = leaf.part.parameters.get("charset", "")
        body = self._body(leaf)
        text, whole = self._decode(body, charset_codec(claimed) or "utf-8")
        if not whole and _mostly_wrong(text):
            text, _ = self._decode(body, "cp1252")
        if not whole or (claimed and charset_codec(claimed) is None):
            self.remarks.append("lossy: a text that is not in the character set it claims")
        if len(text) > self._limits.text:
            self._cut()
        return tidy(text)

    def _body(self, leaf: Leaf) -> bytes:
        """The decoded bytes; of a very long text, the beginning, up to a line end far beyond what is kept of it."""
        start, end, most = leaf.part.start, leaf.part.end, 4 * self._limits.text
        if end - start > most:
            self._cut()
            line_end = self._raw.rfind(b"\n", start, start + most)
            end = line_end if line_end > start else start + most
        return transfer_decoded(self._raw[start:end], leaf.part.encoding)[0]

    def _cut(self) -> None:
        self.remarks.append(f"{TEXT_CUT} at {self._limits.text} octets (limit text)")


def _mostly_wrong(text: str) -> bool:
    """Whether more letters beyond ASCII were replaced than read: then the text was in another character set."""
    wrong = text.count("\ufffd")
    return wrong > sum(char > "\x7f" for char in text) - wrong
