"""The words of headers and of headings that mail programs put above an older mail, in the languages they speak."""

from __future__ import annotations

# Of each sort of field its names: single words, and after "|" names of more words.
_FIELDS = {
    "from": (
        "from van von de da fra från od afzender absender expéditeur mittente remitente remetente lähettäjä "
        "odesílatel odosielateľ nadawca feladó kimden gönderen expeditor šalje pošiljatelj saatja nuo от від "
        "από מאת من dari từ 发件人 寄件者 寄件人 差出人 送信元|de la|보낸 사람|보낸사람"
    ),
    "date": (
        "sent date verzonden datum gesendet envoyé fecha enviado enviada data inviato sendt dato skickat "
        "wysłano lähetetty päivä päiväys päivämäärä odesláno odoslané dátum elküldve gönderilen gönderildi "
        "tarih trimis dată poslano enviat kuupäev saadetud išsiųsta отправлено дата відправлено надіслано "
        "στάλθηκε ημερομηνία נשלח תאריך التاريخ terkirim tanggal ngày 发送时间 日期 傳送日期 送信日時 日付 날짜|"
        "sent on|date sent|message du|message of|verzonden op|verzonden om|gesendet am|envoyé le|enviado el|enviado "
        "em|enviada em|data da|تم الإرسال|보낸 날짜"
    ),
    "to": (
        "to aan an à a para til till do komu pour vastaanottaja adresat címzett kime către prima primatelj za "
        "saaja kam kepada đến кому προς אל إلى 收件人 收件者 宛先 送信先|받는 사람|받는사람|per a"
    ),
    "subject": (
        "subject onderwerp betreff thema objet sujet asunto assunto oggetto emne ämne temat předmět predmet "
        "aihe tárgy konu assumpte judul perihal subiect naslov zadeva teema tema тема θέμα נושא الموضوع 主题 主旨 "
        "主題 件名 제목|chủ đề"
    ),
    "copy": (
        "cc bcc kopie kopi kopia kopio copie copia dw kópia másolat копія копия koopia نسخة 抄送 副本 참조|copie "
        "à|cópia|cópia para"
    ),
    "reply": "reply-to risposta|antwoord aan|beantwoorden aan|antwort an|répondre à|responder a|rispondi a",
}
ROLES = {
    key: role
    for role, keys in _FIELDS.items()
    for at, group in enumerate(keys.split("|"))
    for key in ([group] if at else group.split())
}
_MAIL_WORDS = (
    "besked message bericht nachricht mail e-mail email mensaje mensagem messaggio meddelelse meddelande melding "
    "viesti wiadomość zpráva сообщение повідомлення üzenet ileti d'origine d’origine antwoord antwort"
)
MAILS = frozenset(_MAIL_WORDS.split())
MAIL_ENDINGS = tuple(word for word in MAILS if len(word) > 5)  # of compounds: "Originalnachricht"
_FORWARD_STEMS = (
    "forward doorgestuurd doorgezonden weitergeleit transféré transmis réexpédié reenviad encaminhad "
    "inoltrat videresend vidarebefordra przekazan пересыл пересла přeposlan preposlan továbbít "
    "redirecționat edelleenlähet iletil перенаправ переадрес пересила proslijeđ välitet προωθ "
    "転送 转发 轉寄 전달 توجيه הועבר"
)
FORWARDED = tuple(_FORWARD_STEMS.split())
BEGINS = ("begin ", "anfang ", "début ", "inicio ", "início ", "inizio ", "start ", "forwarded message", "original mes")
