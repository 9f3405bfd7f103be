import pytest

from pharos.engine.text.languages import identify


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my refund?", "en"),
        ("پولم را پس می‌خواهم", "fa"),
        ("Ուզում եմ հետ ստանալ գումարս", "hy"),
        ("我要退款", "zh-hans"),
        ("把我的 booking ABC123 改签", "zh-hans"),
        ("پرواز KL1234 من کنسل شده", "fa"),
        ("salam mikham parvaz ro avaz konam lotfan", "fa"),
        ("barev dzez, uzum em tomss hedo tal", "hy"),
        ("😀😀😀", ""),
        ("", ""),
        ("\x00\x00", ""),
        ("я не понимаю", ""),
    ],
)
def test_language(text, language):
    assert identify(text).language == language


def test_what_is_expected_counts_only_where_the_text_says_nothing():
    assert identify("12345", "hy").language == "hy"
    assert identify("refund please", "hy").language == "en"
    assert identify("12345", "hy").score == 0
