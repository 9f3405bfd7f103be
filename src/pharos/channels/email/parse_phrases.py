"""What mail programmes write by themselves, in our languages and some neighbours' own."""

import re
from typing import Final


def any_of(*phrases: str) -> str:
    """A pattern of these phrases; a blank in one stands for a blank or a zero-width non-joiner."""
    return "(?:" + "|".join(re.escape(one).replace(r"\ ", "[ \u200c]") for one in phrases) + ")"


COLON: Final = "[:\uff1a\u055d\u0589\u2024.]"
LINE: Final = r"[-_=\s]{2,60}"
# "... wrote:" at the end of a line.
WROTE: Final = re.compile(
    "(?:"
    + any_of(
        "wrote", "writes", "写道", "寫道", "写到", "寫到", "来信说",
        "نوشت", "نوشته", "نوشته است", "نوشته اند", "نوشتند", "می نویسد", "كتب", "کتب",
        "գրել է", "գրել են", "գրեց", "գրում է", "написал", "написала", "написал(а)", "пишет",
        "a écrit", "escribió", "escreveu", "ha scritto", "yazdı", "şunu yazdı",
    )
    + rf"|(?:schrieb|schreef) [^:]{{1,200}})\s?{COLON}?$",
    re.IGNORECASE,
)  # fmt: skip
# How such a line can end, for a look before the pattern.
ENDS: Final = (
    *":\uff1a\u055d\u0589\u2024.",
    "道",
    "到",
    "说",
    "نوشت",
    "نوشته",
    "است",
    "اند",
    "تند",
    "ویسد",
    "كتب",
    "کتب",
    "է",
    "են",
    "գրեց",
)
# Drawn above an old mail.
DRAWN: Final = re.compile(
    LINE
    + any_of(
        "original message", "original appointment", "original", "原始邮件", "原始郵件", "原邮件", "原始信件",
        "邮件原件", "回复的原邮件",
        "پیام اصلی", "نامه اصلی", "نامهٔ اصلی", "ایمیل اصلی",
        "Սկզբնական նամակ", "Սկզբնական հաղորդագրություն", "Բնօրինակ հաղորդագրություն", "Բնօրինակ նամակ",
        "исходное сообщение", "mensaje original", "message d'origine", "ursprüngliche nachricht",
    )
    + f"{LINE}$",
    re.IGNORECASE,
)  # fmt: skip
# Drawn above a mail that is passed on.
FORWARDED: Final = re.compile(
    "(?:"
    + LINE
    + any_of(
        "forwarded message", "转发的邮件", "转发邮件信息", "转发邮件", "已转发邮件", "轉寄郵件", "轉寄的郵件",
        "پیام فوروارد شده", "پیام بازارسال شده", "پیام هدایت شده", "پیام ارجاع شده",
        "Փոխանցված հաղորդագրություն", "Վերահասցեագրված հաղորդագրություն", "Վերահասցեագրված նամակ",
    )
    + LINE
    + "|"
    + any_of(
        "begin forwarded message", "以下是转发的邮件", "开始转发的邮件",
        "شروع پیام فوروارد شده", "شروع پیام هدایت شده", "شروع پیام بازارسال شده", "Վերահասցեագրված նամակի սկիզբ",
    )
    + f"{COLON})$",
    re.IGNORECASE,
)  # fmt: skip
# The first line of the header that Outlook and others put above an old mail, and the lines that follow it.
FROM: Final = re.compile(
    any_of(
        "from", "发件人", "寄件者", "寄件人", "发信人", "از", "از طرف", "فرستنده", "ում կողմից", "ումից", "ուղարկող",
        "от", "de", "von", "da", "van", "kimden",
    )
    + r"\s?[:\uff1a\u055d]",
    re.IGNORECASE,
)  # fmt: skip
OTHER: Final = re.compile(
    any_of(
        "sent", "date", "to", "cc", "subject", "reply-to",
        "发送时间", "发送日期", "时间", "日期", "收件人", "抄送", "主题", "發送時間", "收件者", "主旨", "副本",
        "寄件日期",
        "ارسال", "ارسال شده", "تاریخ", "تاریخ ارسال", "به", "گیرنده", "رونوشت", "موضوع",
        "ուղարկված է", "ուղարկված", "ուղարկվել է", "ամսաթիվ", "ում", "ստացող", "պատճեն", "թեմա",
        "дата", "отправлено", "кому", "тема", "копия", "envoyé", "à", "objet", "gesendet", "an",
        "betreff", "inviato",
        "oggetto", "enviado", "para", "asunto",
    )
    + r"\s?[:\uff1a\u055d]",
    re.IGNORECASE,
)  # fmt: skip
# How the subject of a mail begins that is passed on.
FORWARDS: Final = re.compile(
    r"\s{0,9}"
    + any_of(
        "fw",
        "fwd",
        "wg",
        "tr",
        "rv",
        "转发",
        "轉寄",
        "转寄",
        "ارجاع",
        "فوروارد",
        "هدایت",
        "بازارسال",
        "փխ",
        "վերահասցեագրված",
    )
    + r"\s?[:\uff1a\u055d]",
    re.IGNORECASE,
)
# The subject of an answer while somebody is away.
AWAY: Final = re.compile(
    any_of(
        "automatic reply", "auto reply", "auto-reply", "autoreply", "auto response", "automatic response",
        "out of office",
        "out of the office", "abwesen", "réponse automatique", "respuesta automática", "автоответ",
        "自动回复", "自動回覆", "自动答复",
        "پاسخ خودکار", "جواب خودکار", "خارج از دفتر", "ինքնապատասխան", "ավտոմատ պատասխան", "ինքնաշխատ պատասխան",
    ),
    re.IGNORECASE,
)  # fmt: skip
# The subject of a report that mail did not arrive.
UNDELIVERED: Final = re.compile(
    any_of(
        "undeliver", "not delivered", "delivery status", "delivery failure", "delivery has failed",
        "delivery failed",
        "delivery problem", "returned mail", "returned to sender", "failure notice",
        "could not be delivered", "mail failure",
        "non remis", "unzustellbar", "退信", "无法投递", "投递失败", "تحویل داده نشد", "عدم تحویل",
        "չի առաքվել", "չհաջողվեց առաքել",
    ),
    re.IGNORECASE,
)  # fmt: skip
LATE: Final = re.compile(any_of("delayed", "will be retried", "will keep trying", "延迟", "延遲"), re.IGNORECASE)
