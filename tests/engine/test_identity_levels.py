"""How far names, addresses, numbers and words agree, in every script that we answer in."""

import pytest

from pharos.engine import identity_levels as levels
from pharos.engine.identity_forms import folded, name, sound


def named(one: str, other: str) -> str:
    forth, back = levels.names([one], [other]), levels.names([other], [one])
    assert forth == back
    return levels.NAME[forth] if forth >= 0 else "missing"


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Sara Ahmadi", "AHMADI Sara", "same"),
        ("Petrosyan, Ani", "Ani Petrosyan", "same"),
        ("José García", "Jose Garcia", "same"),
        ("Dr. John Smith", "john smith", "same"),
        ("Bob Smith", "Robert Smith", "same"),
        ("O'Brien Pat", "Patrick OBrien", "same"),
        ("محمد رضا حسینی", "محمدرضا حسيني", "same"),
        ("آقای علی‌اکبر کریمی", "علي اكبر كريمي", "same"),
        ("Անի Պետրոսյան", "Ani Petrosyan", "same"),
        ("ՍԱՐԳՍՅԱՆ Կարեն", "Կարեն Սարգսյան", "same"),
        ("张伟明", "Weiming Zhang", "same"),
        ("李偉", "Li Wei", "same"),
        ("سارا احمدی", "Sara Ahmadi", "near"),
        ("Fatemeh Mohammadi", "فاطمه محمدی", "near"),
        ("Yousef Ghasemi", "یوسف قاسمی", "near"),
        ("Ani Petrosian", "Ani Petrosyan", "near"),
        ("歐陽娜娜", "欧阳娜娜", "near"),
        ("Jackson Cmielewski", "Jacksen Cmielewsky", "near"),
        ("John Smith", "J. Smith", "part"),
        ("Sara", "Sara Ahmadi", "part"),
        ("Sara", "Sara", "part"),
        ("John Smith", "Mary Smith", "one_word"),
        ("Sara Ahmadi", "Sahar Ahmadi", "one_word"),
        ("Anna Brown", "Caleb Radic", "other"),
        ("李明", "王芳", "other"),
        ("", "Ani", "missing"),
        ("Mr.", "Ani", "missing"),
    ],
)
def test_names(one, other, level):
    assert named(one, other) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Sara@Example.org", "sara@example.org", "same"),
        ("sara.ahmadi+boat@gmail.com", "saraahmadi@googlemail.com", "same_box"),
        ("sara.ahmadi@example.org", "sara.ahmedi@example.org", "near"),
        ("sara.ahmadi@example.org", "sara.ahmadi@example.com", "near"),
        ("anna.li7@example.org", "anna.li8@example.org", "other"),
        ("ben@example.org", "sara@example.org", "other"),
    ],
)
def test_addresses(one, other, level):
    assert levels.EMAIL[levels.email([one], [other])] == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("+447700900871", "+447700900871", "same"),
        ("+447700900871", "07700900871", "tail"),
        ("+447700900871", "+447700900872", "slip"),
        ("+447700900871", "+12025550184", "other"),
    ],
)
def test_numbers(one, other, level):
    assert levels.PHONE[levels.phone([one], [other])] == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("KC5283", "KC5283", "same"),
        ("KC52O3", "KC5203", "slip"),
        ("KC5283", "KC583", "slip"),
        ("KC5283", "AA1111", "other"),
    ],
)
def test_bookings(one, other, level):
    assert levels.BOOKING[levels.booking([one], [other])] == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("My ferry was cancelled, what now?", "my ferry was CANCELLED what now", "alike"),
        ("پرواز من لغو شد، چه کنم؟", "پرواز من لغو شد، چه كنم؟", "same"),
        ("我的渡轮取消了，想退票，请帮忙", "我的渡轮取消了，想退票，请帮忙", "same"),
        ("My ferry was cancelled. No thanks", "no thanks", "within"),
        ("My ferry was cancelled", "A coach to the harbour never came", "other"),
    ],
)
def test_words(one, other, level):
    assert levels.TEXT[levels.text(one, other)] == level


@pytest.mark.parametrize(
    ("who", "address", "level"),
    [
        ("Caleb Radic", "caleb.radic67@example.org", "fits"),
        ("Caleb Radic", "cradic@example.org", "fits"),
        ("سارا احمدی", "sara.ahmadi@example.org", "fits"),
        ("李伟", "liwei88@example.org", "fits"),
        ("Caleb Radic", "caleb@example.org", "part"),
        ("Anna Brown", "caleb.radic67@example.org", "other"),
    ],
)
def test_address_made_of_a_name(who, address, level):
    assert levels.MAIL_NAME[levels.mail_name([who], [address])] == level


def test_nothing_to_compare_is_missing():
    assert levels.email([], ["a@example.org"]) == levels.MISSING
    assert levels.text("", "words") == levels.MISSING
    assert levels.language(["en"], []) == levels.MISSING
    assert levels.handle(["@a"], ["@b"]) == levels.MISSING


@pytest.mark.parametrize("text", ["", "\0", "‌‌‌", "🙂🙂", "ـ", "a" * 500, "123", "٠١٢", "Ⅷ ﷺ"])
def test_any_text_has_forms(text):
    name(text)
    sound(folded(text))
    levels.names([text], [text])
