"""Orders as mail programs write them: the verb is found, its text is whole, and nothing of the quotation goes along."""

from __future__ import annotations

import quopri
from datetime import date

import pytest

from ksmail.desk.order import Verb
from ksmail.desk.orders import Orders, read_orders
from ksmail.incoming.limits import Limits
from ksmail.incoming.parse import parse
from ksmail.incoming.reply import trim

CANARY = "kanarie van een collega"
QUOTED = f"Nieuwe vraag<br>\n<br>\n{CANARY}<br>\nantwoord uiterlijk donderdag 4 juni 2026"
WORD = (
    '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta name=Generator content="Microsoft Word 15">'
    "<style><!-- p.MsoNormal {margin:0cm; font-size:11.0pt;} --></style></head><body lang=NL><div class=WordSection1>"
    "<p class=MsoNormal><span style='mso-fareast-language:EN-US'>VERB<o:p></o:p></span></p>"
    "<p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Dat mag.<o:p></o:p></p>"
    "<p class=MsoNormal><o:p>&nbsp;</o:p></p>"
    "<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal>"
    "<b>Van:</b> Contactpunt &lt;desk@desk.example&gt;<br><b>Verzonden:</b> maandag 1 juni 2026 10:03<br>"
    "<b>Aan:</b> team@desk.example<br><b>Onderwerp:</b> [KV-2026-0001] Nieuwe vraag<o:p></o:p></p></div></div>"
    f"<p class=MsoNormal>{QUOTED}</p></div></body></html>"
)
OUTLOOK_WEB = (
    '<html><body dir="ltr"><div class="elementToProof">VERB</div><div class="elementToProof"><br></div>'
    '<div class="elementToProof">Dat mag.</div><div id="Signature"><div>Sam Jansen</div></div>'
    '<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1">'
    '<div id="divRplyFwdMsg" dir="ltr"><b>Van:</b> Contactpunt &lt;desk@desk.example&gt;<br>'
    "<b>Verzonden:</b> maandag 1 juni 2026 10:03<br><b>Onderwerp:</b> [KV-2026-0001] Nieuwe vraag</div>"
    f'<div class="BodyFragment"><div class="PlainText">{QUOTED}</div></div></body></html>'
)
OUTLOOK_PHONE = (
    '<html><body><div dir="auto">VERB</div><div dir="auto"><br></div><div dir="auto">Dat mag.</div>'
    '<div id="ms-outlook-mobile-signature">Outlook voor iOS <a href="https://phone.example">downloaden</a></div>'
    '<div id="mail-editor-reference-message-container"><hr><div id="divRplyFwdMsg">'
    "<strong>Van:</strong> Contactpunt &lt;desk@desk.example&gt;<br><strong>Verzonden:</strong> Monday, June 1, 2026"
    f"<br><strong>Onderwerp:</strong> [KV-2026-0001] Nieuwe vraag<br></div>{QUOTED}</div></body></html>"
)
GMAIL_PHONE = (
    '<div dir="auto">VERB<div dir="auto"><br></div><div dir="auto">Dat mag.</div></div><br>'
    '<div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">Op ma 1 jun 2026 10:03 schreef '
    'Contactpunt &lt;<a href="mailto:desk@desk.example">desk@desk.example</a>&gt;:<br></div>'
    f'<blockquote class="gmail_quote">{QUOTED}</blockquote></div>'
)
SAMSUNG = (
    '<html><body dir="auto"><div dir="auto">VERB</div><div dir="auto"><br></div><div dir="auto">Dat mag.</div>'
    '<div id="composer_signature" dir="auto"><div dir="auto">Verzonden vanaf mijn Galaxy</div></div><div><br></div>'
    '<div align="left" dir="auto"><div>-------- Oorspronkelijk bericht --------</div>'
    "<div>Van: Contactpunt &lt;desk@desk.example&gt; </div><div>Datum: 01-06-2026  10:03  (GMT+01:00) </div>"
    f"<div>Aan: team@desk.example </div><div>Onderwerp: [KV-2026-0001] Nieuwe vraag </div></div>{QUOTED}</body></html>"
)
IPHONE = (
    '<html><body dir="auto"><div dir="ltr">VERB</div><div dir="ltr"><br></div><div dir="ltr">Dat mag.</div>'
    '<div dir="ltr"><br></div><div dir="ltr">Verstuurd vanaf mijn iPhone</div><div dir="ltr"><br>'
    '<blockquote type="cite">Op 1 jun 2026 om 10:03 heeft Contactpunt &lt;desk@desk.example&gt; het volgende '
    f'geschreven:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">{QUOTED}</div></blockquote></body>'
    "</html>"
)
PROGRAMS = {
    "Outlook desktop": WORD,
    "Outlook on the web": OUTLOOK_WEB,
    "Outlook on a phone": OUTLOOK_PHONE,
    "Gmail on a phone": GMAIL_PHONE,
    "Samsung Email": SAMSUNG,
    "iPhone": IPHONE,
}
VERBS = ("#antwoord", "# Antwoord", "#Antwoord:", "#&nbsp;antwoord&nbsp;", "&nbsp;#antwoord", "<b>#</b>antwoord")


def in_html(body: str) -> bytes:
    """An HTML-only mail, in quoted-printable as phones send it."""
    encoded = quopri.encodestring(body.encode()).decode("ascii")
    return written("text/html; charset=utf-8", encoded, "quoted-printable")


def written(content_type: str, body: str, encoding: str = "8bit") -> bytes:
    head = (
        "From: Sam <sam@agency.example>\nTo: desk@desk.example\nSubject: Re: [KV-2026-0001]\n"
        "Message-ID: <a@agency.example>\nDate: Mon, 1 Jun 2026 10:02:00 +0200\nMIME-Version: 1.0\n"
        f"Content-Type: {content_type}\nContent-Transfer-Encoding: {encoding}\n\n"
    )
    return (head + body).replace("\n", "\r\n").encode()


def ordered(raw: bytes) -> Orders:
    own = trim(parse(raw, Limits()).text, strict=True).own
    orders = read_orders(own, today=date(2026, 6, 1))
    assert isinstance(orders, Orders)
    return orders


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_an_order_in_an_html_mail_is_found_and_its_quotation_is_cut(program: str, verb: str) -> None:
    orders = ordered(in_html(PROGRAMS[program].replace("VERB", verb)))
    assert [order.verb for order in orders.orders] == [Verb.ANSWER]
    assert orders.text == "Dat mag."


@pytest.mark.parametrize(
    ("content_type", "encoding", "body"),
    [
        ("text/plain; charset=utf-8", "quoted-printable", "#antw=\noord\n\nDat ma=\ng.\n"),
        ("text/plain; charset=utf-8", "quoted-printable", "=C2=A0#=C2=A0Antwoord=C2=A0\n=C2=A0\nDat mag.\n"),
        ("text/plain; charset=utf-8; format=flowed", "8bit", "#antwoord \n\nDat mag.\n-- \nSam\n"),
        ("text/plain; charset=utf-8; format=flowed", "8bit", "#antwoord \nDat mag.\n"),
        ("text/plain; charset=utf-8; format=flowed", "8bit", " #antwoord\n\nDat mag.\n"),
    ],
)
def test_an_order_survives_how_plain_text_travels(content_type: str, encoding: str, body: str) -> None:
    orders = ordered(written(content_type, body, encoding))
    assert [order.verb for order in orders.orders] == [Verb.ANSWER]
    assert orders.text == "Dat mag."
