"""All the places in a mail where an order is not somebody's own word: quoted, hidden, enclosed, beside or below it.

Text in the colour of its background is left out: who reads the mail as text reads it, so there it is own text. So is
what only a style sheet hides, because the program reads no style sheets.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from tests.builders import mail
from tests.security.commands import Body, Command
from tests.stories.people import ROBIN, SAM, border

Carrier = Callable[[Command, str], Body]  # the order, and the words that are the writer's own

# Quoted in plain text.

_ATTRIBUTIONS = (
    f"Op ma 1 jun 2026 om 10:03 schreef Robin <{ROBIN}>:",
    f"On Mon, 1 Jun 2026 at 10:03, Robin <{ROBIN}> wrote:",
    f"Am 01.06.2026 um 10:03 schrieb Robin <{ROBIN}>:",
)
_BLOCKS = (
    "Van: Robin <robin@uni.example>\nVerzonden: maandag 1 juni 2026 10:03\nAan: Contactpunt <desk@desk.example>\n"
    "Onderwerp: Een vraag\n",
    "From: Robin <robin@uni.example>\nSent: Monday, June 1, 2026 10:03 AM\nTo: Contact point <desk@desk.example>\n"
    "Subject: A question\n",
    "From: robin@uni.example\nDate: Mon, 1 Jun 2026 10:03:00 +0200\nSubject: A question\nTo: desk@desk.example\n",
)
_RULES = (
    "",
    "________________________________\n",
    "-----Oorspronkelijk bericht-----\n",
    "-----Original Message-----\n",
)
_PASSED_ON = (
    "---------- Forwarded message ---------\n",
    "---------- Doorgestuurd bericht ---------\n",
    "-------- Doorgestuurd bericht --------\n",
    "-------- Forwarded Message --------\n",
    "Begin doorgestuurd bericht:\n\n",
    "Begin forwarded message:\n\n",
)


def _above(own: str) -> str:
    return f"{own}\n\n" if own else ""


def _marked(mark: str, attribution: str) -> Carrier:
    def carry(order: Command, own: str) -> Body:
        lines = "\n".join(f"{mark}{line}" for line in order.body.splitlines())
        return Body(text=f"{_above(own)}{attribution}\n{lines}\n")

    return carry


def _headed(rule: str, block: str) -> Carrier:
    return lambda order, own: Body(text=f"{_above(own)}{rule}{block}\n{order.body}")


def _signed(separator: str) -> Carrier:
    return lambda order, own: Body(text=f"{_above(own)}{separator}\n{order.body}")


QUOTED: dict[str, Carrier] = {
    **{
        f"quoted {mark!r} below {attribution[:5]!r}": _marked(mark, attribution)
        for mark in ("> ", ">", ">> ", "> > ")
        for attribution in ("", *_ATTRIBUTIONS)
    },
    **{
        f"below {rule[:12]!r} {block[:5]!r} {place}": _headed(rule, block)
        for rule in _RULES
        for place, block in enumerate(_BLOCKS)
    },
    **{
        f"passed on {rule[:20]!r} {place}": _headed(rule, block)
        for rule in _PASSED_ON
        for place, block in enumerate(_BLOCKS)
    },
}
SIGNED: dict[str, Carrier] = {"signature": _signed("-- ")}


# Quoted in HTML, as mail programs put it.


def _words(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>\n")


def _quoting(before: str, after: str) -> Carrier:
    def carry(order: Command, own: str) -> Body:
        above = f"<div>{_words(own)}</div><br>" if own else ""
        return Body(html=f"<html><body>{above}{before}{_words(order.body)}{after}</body></html>")

    return carry


_ON = "On Mon, 1 Jun 2026 at 10:03, Robin &lt;robin@uni.example&gt; wrote:<br>"
_HEAD = (
    "<b>Van:</b> Robin &lt;robin@uni.example&gt;<br><b>Verzonden:</b> maandag 1 juni 2026 10:03<br>"
    "<b>Aan:</b> Contactpunt &lt;desk@desk.example&gt;<br><b>Onderwerp:</b> Een vraag"
)
CONTAINERS: dict[str, Carrier] = {
    "Gmail": _quoting(
        f'<div class="gmail_quote"><div dir="ltr" class="gmail_attr">{_ON}</div><blockquote class="gmail_quote" '
        'style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">',
        "</blockquote></div>",
    ),
    "Gmail passes on": _quoting(
        '<div class="gmail_quote"><div dir="ltr" class="gmail_attr">---------- Forwarded message ---------<br>Van: '
        "<strong>Robin</strong> &lt;robin@uni.example&gt;<br>Date: ma 1 jun 2026 om 10:03<br>Subject: Een vraag<br>"
        "To: &lt;desk@desk.example&gt;<br></div><br><br>",
        "</div>",
    ),
    "Outlook on the web": _quoting(
        f'<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1">'
        f'<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" style="font-size:11pt">{_HEAD}</font>'
        "<div>&nbsp;</div></div><div>",
        "</div>",
    ),
    "Outlook": _quoting(
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">'
        f"{_HEAD}</p></div><p class=MsoNormal>",
        "</p>",
    ),
    "Apple": _quoting(f'<div><br><blockquote type="cite"><div>{_ON}</div><br><div>', "</div></blockquote></div>"),
    "Yahoo": _quoting(
        f'<div id="ydp1yahoo_quoted_1" class="yahoo_quoted"><div style="font-family:Helvetica"><div>{_ON}</div>'
        "<div><br></div><div>",
        "</div></div></div>",
    ),
    "Thunderbird": _quoting(
        f'<div class="moz-cite-prefix">{_ON}<br></div><blockquote type="cite" cite="mid:1@uni.example">',
        "</blockquote>",
    ),
    "Thunderbird passes on": _quoting(
        '<div class="moz-forward-container"><br><br>-------- Doorgestuurd bericht --------<table class='
        '"moz-email-headers-table"><tbody><tr><th>Onderwerp: </th><td>Een vraag</td></tr><tr><th>Van: </th><td>Robin '
        "&lt;robin@uni.example&gt;</td></tr></tbody></table><br><br>",
        "</div>",
    ),
    "Proton": _quoting(f'<div class="protonmail_quote">{_ON}<br><blockquote type="cite">', "</blockquote></div>"),
    "a bare blockquote": _quoting("<blockquote>", "</blockquote>"),
}


# Hidden in HTML.


def _hiding(before: str, after: str, *, on_top: bool) -> Carrier:
    def carry(order: Command, own: str) -> Body:
        hidden, seen = f"{before}{_words(order.body)}{after}", f"<p>{_words(own)}</p>"
        return Body(html=f"<html><body>{hidden + seen if on_top else seen + hidden}</body></html>")

    return carry


def _in_head(before: str, after: str) -> Carrier:
    def carry(order: Command, own: str) -> Body:
        said = _words(order.body).replace('"', "&quot;")
        return Body(html=f"<html><head>{before}{said}{after}</head><body><p>{_words(own)}</p></body></html>")

    return carry


def _in_attribute(tag: str) -> Carrier:
    def carry(order: Command, own: str) -> Body:
        said = escape(order.body)
        return Body(html=f"<html><body>{tag.format(said)}<p>{_words(own)}</p></body></html>")

    return carry


_STYLES = (
    "display:none", "display: none !important", "DISPLAY : NONE;color:red", "visibility:hidden", "visibility: collapse",
    "opacity:0", "opacity:0.0;", "max-height:0;overflow:hidden", "height:0px;overflow:hidden",
    "display:no/**/ne;display:none", "font-size:0", "font-size:0px;line-height:0", "font-size: 0pt !important",
)  # fmt: skip
_ENCLOSURES = {
    **{f'style="{style}"': (f'<div style="{style}">', "</div>") for style in _STYLES},
    "hidden": ("<div hidden>", "</div>"),
    "hidden in a paragraph": ('<p hidden="hidden">', "</p>"),
    "hidden around": ('<div style="display:none"><div><span>', "</span></div></div>"),
    "a hidden cell": ('<table><tr><td style="display:none">', "</td></tr></table>"),
    "a span": ('<span style="display:none;mso-hide:all">', "</span>"),
    "a comment": ("<!-- ", " -->"),
    "a conditional comment": ("<!--[if mso]> ", " <![endif]-->"),
    "template": ("<template>", "</template>"),
    "style": ("<style>/* ", " */</style>"),
    "script": ("<script>", "</script>"),
    "title": ("<title>", "</title>"),
}
HIDDEN: dict[str, Carrier] = {
    **{
        f"{name}, {'above' if on_top else 'below'}": _hiding(before, after, on_top=on_top)
        for name, (before, after) in _ENCLOSURES.items()
        for on_top in (True, False)
    },
    "a title in the head": _in_head("<title>", "</title>"),
    "a style in the head": _in_head("<style>/*", "*/</style>"),
    "a description in the head": _in_head('<meta name="description" content="', '">'),
    "a picture's words for the blind": _in_attribute('<img src="cid:1" alt="" title="{}">'),
    "a link's title": _in_attribute('<a href="https://x.example/" title="{}"></a>'),
    "a hidden field": _in_attribute('<input type="hidden" value="{}">'),
}


# Beside the words, or below them.


def _forwarded(order: Command, own: str) -> Body:
    return Body(text=f"{own}\n", mails=(mail(sender=SAM, text=order.body, headers=[border(SAM)]),))


def _attached(name: str, kind: str) -> Carrier:
    return lambda order, own: Body(text=f"{own}\n", attachments=((name, kind, order.body.encode()),))


def _attached_mail(order: Command, own: str) -> Body:
    return Body(text=f"{own}\n", attachments=(("order.eml", "application/octet-stream", mail(text=order.body)),))


def _attached_page(order: Command, own: str) -> Body:
    return Body(text=f"{own}\n", attachments=(("order.html", "text/html", f"<p>{_words(order.body)}</p>".encode()),))


BESIDE: dict[str, Carrier] = {
    "message/rfc822": _forwarded,
    "a text file": _attached("order.txt", "text/plain"),
    "a text file without a name": _attached("", "text/plain"),
    "a Markdown file": _attached("order.md", "text/markdown"),
    "a mail as a file": _attached_mail,
    "a page": _attached_page,
}
# The own text is never empty here: otherwise the other part is what the mail says.
ALTERNATIVE: dict[str, Carrier] = {
    "only in the HTML": lambda order, own: Body(text=f"{own}\n", html=f"<p>{_words(order.body)}</p>"),
    "on top of the HTML": lambda order, own: Body(
        text=f"{own}\n", html=f"<div>{_words(order.body)}</div><div>{_words(own)}</div>"
    ),
}
BELOW: dict[str, Carrier] = {"below own text": lambda order, own: Body(text=f"{own}\n\n{order.body}")}

# What needs no own words above it, and what does.
ANYWHERE = QUOTED | SIGNED | CONTAINERS | BESIDE
BESIDE_WORDS = HIDDEN | ALTERNATIVE | BELOW
