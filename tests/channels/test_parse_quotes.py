"""What a person wrote stands apart from what they answer; when in doubt it is theirs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharos.channels.email.parse import parse
from pharos.channels.email.parse_quotes import fold
from tests.channels.mails import page, plain

OWN = {"en": "We are safe.", "fa": "ما سالم هستیم.", "hy": "Մենք ապահով ենք։", "zh": "我们平安。"}
ABOVE = {
    "gmail_en": "On Tue, Mar 10, 2026 at 12:00 PM Ko <ko@x.org> wrote:",
    "gmail_en_wrapped": "On Tue, Mar 10, 2026 at 12:00 PM Ko of the Harbour <\nko@x.org> wrote:",
    "gmail_fa": "در تاریخ سه‌شنبه ۱۰ مارس ۲۰۲۶،\u200f ۱۲:۰۰ Ko <\u200fko@x.org> نوشت:",
    "gmail_hy": "Երք, մրտ 10, 2026, 12:00-ին Ko <ko@x.org> գրել է՝",
    "gmail_zh": "Ko <ko@x.org> 于2026年3月10日周二 12:00写道：",
    "gmail_zh_tw": "Ko <ko@x.org> 於 2026年3月10日 週二 下午12:00寫道：",
    "apple_en": "On Mar 10, 2026, at 12:00, Ko <ko@x.org> wrote:",
    "apple_fa": "در ۱۰ مارس ۲۰۲۶، ساعت ۱۲:۰۰، Ko <ko@x.org> نوشت:",
    "apple_hy": "2026թ. մարտի 10-ին, ժամը 12:00-ին, Ko <ko@x.org> գրել է.",
    "apple_zh": "在 2026年3月10日，12:00，Ko <ko@x.org> 写道：",
    "apple_zh_bare": "2026年3月10日 12:00，Ko <ko@x.org> 写道：",
    "thunderbird_en": "On 10/03/2026 12:00, Ko wrote:",
    "thunderbird_fa": "در ۱۴۰۴/۱۲/۱۹ ۱۲:۰۰، Ko نوشته است:",
    "thunderbird_hy": "10.03.2026 12:00-ին Ko-ը գրել է:",
    "thunderbird_zh": "在 2026/3/10 12:00, Ko 写道:",
    "yahoo_en": "On Tuesday, March 10, 2026 at 12:00:00 PM GMT+4, Ko <ko@x.org> wrote:",
    "netease_en": 'At 2026-03-10 12:00:00, "Ko" <ko@x.org> wrote:',
    "netease_zh": '在 2026-03-10 12:00:00，"Ko" <ko@x.org> 写道：',
    "other_language": "Il giorno mar 10 mar 2026 alle ore 12:00 Ko <ko@x.org> ha scritto:",
    "unknown_language": "Ter 10/03/2026 klo 12.00 Ko <ko@x.org> kirjoitti:",
}
BLOCKS = {
    "outlook_en": "From: Ko <ko@x.org>\nSent: Tuesday\nTo: Ani\nSubject: x\n\nold",
    "outlook_rule": "________________________________\nFrom: Ko <ko@x.org>\nSent: Tuesday\nTo: Ani\nSubject: x\n\nold",
    "outlook_bold": "*From:* Ko <ko@x.org>\n*Sent:* Tuesday\n*To:* Ani\n*Subject:* x\n\nold",
    "outlook_old": "-----Original Message-----\nFrom: Ko\nSent: Tuesday\n\nold",
    "outlook_fa": "از: Ko <ko@x.org>\nارسال شده: سه‌شنبه\nبه: آنی\nموضوع: x\n\nold",
    "outlook_hy": "Ումից՝ Ko <ko@x.org>\nՈւղարկված է՝ երեքշաբթի\nՈւմ՝ Անի\nԹեմա՝ x\n\nold",
    "outlook_zh": "发件人: Ko <ko@x.org>\n发送时间: 周二\n收件人: Ani\n主题: x\n\nold",
    "foxmail": "发件人： Ko\n发送时间： 2026-03-10\n收件人： ani\n主题： x\nold",
    "qq": '------------------ 原始邮件 ------------------\n发件人: "Ko" <ko@x.org>;\n发送时间: 2026年3月10日\n\nold',
    "qq_en": "------------------ Original ------------------\nFrom: Ko\nDate: Tue\n\nold",
    "netease_old": "-------- 原始邮件 --------\n主题：x\n\nold",
    "original_fa": "----- پیام اصلی -----\nold",
    "original_hy": "----- Սկզբնական հաղորդագրություն -----\nold",
    "yahoo_without_marks": "On Tuesday, March 10, 2026 at 12:00 PM, Ko <ko@x.org> wrote:\n\nold, not marked",
}


@pytest.mark.parametrize("language", OWN)
@pytest.mark.parametrize("programme", ABOVE)
def test_fold_finds_the_own_words_above_a_marked_quotation(programme, language):
    quoted = f"{ABOVE[programme]}\n\n> old\n>\n> older"
    assert fold(f"{OWN[language]}\n\n{quoted}\n") == (OWN[language], quoted)


@pytest.mark.parametrize("language", OWN)
@pytest.mark.parametrize("programme", BLOCKS)
def test_fold_finds_the_own_words_above_an_old_mail_without_marks(programme, language):
    assert fold(f"{OWN[language]}\n\n{BLOCKS[programme]}\n") == (OWN[language], BLOCKS[programme])


WHOLE = {
    "nothing_quoted": "We are safe.\n\nAni",
    "own_heading": "From: the harbour\nwe walked for two days.",
    "own_colon": "My doctor wrote on 10 March:\nshe needs insulin",
    "own_list": "We need:\n- water\n- insulin",
    "own_rule": "one\n----------\ntwo",
    "own_thanks": "Hello,\n\nThanks, but my mother still has no insulin.\nPlease call.",
    "own_dated": "On 10 March 2026 they wrote:",
    "between_quotations": "> Where are you?\nGate 4.\n> Are you well?\nNo.",
    "only_quotation": "> Where are you?\n> Gate 4?",
    "passed_on": "See\n\n---------- Forwarded message ---------\nFrom: Ko <ko@x.org>\nDate: Tue\nSubject: x\n\nTwo",
    "passed_on_apple": "See below\n\nBegin forwarded message:\n\n> From: Dr Ko <ko@x.org>\n> Subject: x\n>\n> Two pens",
    "passed_on_qq": "请看\n\n---------- 转发的邮件 ----------\n发件人: Ko\n收件人: a\n主题: x\n\n两支",
    "passed_on_fa": "ببینید\n\n---------- پیام فوروارد شده ---------\nاز: Ko <ko@x.org>\nتاریخ: x\nموضوع: x\n\nدو",
    "passed_on_hy": "Տեսեք\n\n---------- Փոխանցված հաղորդագրություն ---------\nՈւմից՝ Ko\nՈւմ՝ a\nԹեմա՝ x\n\nերկու",
    "own_smile": "we are angry >:(",
}


@pytest.mark.parametrize("case", WHOLE)
def test_fold_leaves_whole_what_may_be_the_persons_own(case):
    assert fold(WHOLE[case]) == (WHOLE[case], "")


def test_fold_finds_words_below_a_quotation():
    assert fold("On Tue, 10 Mar 2026 12:00, Ko wrote:\n> where?\n\nGate 4.") == (
        "Gate 4.",
        "On Tue, 10 Mar 2026 12:00, Ko wrote:\n> where?",
    )


def test_fold_finds_words_around_one_quotation():
    assert fold("Hello,\n\n> where?\n\nGate 4.") == ("Hello,\n\nGate 4.", "> where?")


def test_fold_lets_an_old_mail_stand_when_it_is_passed_on_without_a_mark():
    text = f"See below\n\n{BLOCKS['outlook_en']}"
    assert parse(plain(text, "Subject: FW: Insulin")).text == text
    assert parse(plain(text, "Subject: Re: Insulin")).text == "See below"


GMAIL = "<div class='gmail_quote'><div dir='ltr'>{}<br></div><blockquote>where?</blockquote></div>"
KO = "Ko &lt;<a href='mailto:ko@x.org'>ko@x.org</a>&gt;"
PAGES = {
    "gmail": GMAIL.format(f"On Tue, Mar 10, 2026 at 12:00 PM {KO} wrote:"),
    "gmail_fa": GMAIL.format(f"در تاریخ سه‌شنبه ۱۰ مارس ۲۰۲۶، ۱۲:۰۰ {KO} نوشت:"),
    "apple": f"<blockquote type='cite'><div>On 10 Mar 2026, at 12:00, {KO} wrote:</div><div>where?</div></blockquote>",
    "yahoo": f"<div class='yahoo_quoted'><div>On Tuesday, March 10, 2026 at 12:00 PM, {KO} wrote:</div>where?</div>",
    "outlook": (
        f"<div style='border-top:solid'><p><b>From:</b> {KO}<br><b>Sent:</b> Tuesday<br><b>To:</b> Ani<br>"
        "<b>Subject:</b> x</p></div><p>where?</p>"
    ),
    "outlook_zh": (
        f"<hr><div id='divRplyFwdMsg'><b>发件人:</b> {KO}<br><b>发送时间:</b> 周二<br><b>收件人:</b> Ani</div>where?"
    ),
    "qq": "<div>----------------&nbsp;原始邮件&nbsp;----------------</div><div>发件人: Ko</div><div>where?</div>",
}


@pytest.mark.parametrize("programme", PAGES)
def test_parse_folds_what_a_page_quotes(programme):
    found = parse(page(f"<div>Gate 4.</div>{PAGES[programme]}"))
    assert found.text == "Gate 4."
    assert "where?" in found.folded


LINES = st.sampled_from(
    ["", "own", "> old", ">> older", "On Tue, 10 Mar 2026 12:00, Ko <k@x.org> wrote:", "From: Ko <k@x.org>",
     "Sent: x", "To: y", "-- ", "-----Original Message-----", "________________",
     "于2026年3月10日 12:00写道：", "> On 10.10.2020 10:00 x wrote:"]
)  # fmt: skip


@given(st.lists(LINES | st.text(max_size=20), max_size=30))
def test_fold_loses_no_word(lines):
    text = "\n".join(lines)
    own, folded = fold(text)
    assert sorted((own + "\n" + folded).split()) == sorted(text.split())
    assert own or not text.strip()
