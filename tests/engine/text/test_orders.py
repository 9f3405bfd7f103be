"""Words to the number itself, and words of people that only look like them."""

import pytest

from pharos import content
from pharos.engine.text.orders import order


@pytest.mark.parametrize(
    ("message", "means"),
    [
        *((word, "stop") for word in ("STOP", "stop", "Stop.", " “STOP” ", "STOPALL", "Unsubscribe!", "END", "quit")),
        *((word, "stop") for word in ("CANCEL", "ＳＴＯＰ", "stop\n", "\u202aSTOP\u202c", "opt  out")),
        *((word, "stop") for word in ("لغو", "لغو۱۱", "لغو11", "توقف.", "لغو\u200cاشتراك", "انصراف")),
        *((word, "stop") for word in ("Ստոպ", "ԴԱԴԱՐԵՑՆԵԼ", "Դադարե՛ցրեք։", "退订", "TD", "T", "Ｔ", "退订。", "退訂")),
        *((word, "start") for word in ("START", "unstop", "شروع", "آغاز", "Սկսել", "开始", "恢复")),
        *((word, "help") for word in ("HELP", "info", "Help!!", "?", "؟", "؟؟", "کمک", "كمك", "Օգնություն", "帮助")),
    ],
)
def test_word_that_is_the_whole_message(message, means):
    if message == "؟؟":
        means = ""
    assert order(message, content.sms_words()) == means


@pytest.mark.parametrize(
    "message",
    [
        "",
        "   ",
        "...",
        "please stop him",
        "STOP he has a knife",
        "stop stop",
        "I can't stop bleeding",
        "cancel my ferry",
        "the end",
        "ttt",
        "STOP\nhelp",
        "لطفا لغو کنید بلیت من را",
        "لغو پرواز",
        "退订不了",
        "请帮助我",
        "help me",
        "دیگر تمام شد",
        "st op",
        "STOP" + " " * 60 + "STOP",
    ],
)
def test_words_of_a_person_are_no_order(message):
    assert order(message, content.sms_words()) == ""


def test_every_language_can_stop_start_and_ask():
    scripts = {"en": "a", "fa": "ا", "hy": "ա", "zh": "\u4e00"}
    spelled = content.sms_words()
    for means in ("stop", "start", "help"):
        words = "".join(word for word, what in spelled.items() if what == means)
        blocks = {ord(letter) >> 8 for letter in words if letter.isalpha()}
        assert {0x00, 0x06, 0x05} <= blocks, (means, scripts)
        assert any(block >= 0x4E for block in blocks)
