"""How many parts a text message goes out in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharos.engine.segments import BASIC, EXTENDED, Segments, segments, shortened


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments("gsm", 0, 1, 160)),
        ("a" * 160, Segments("gsm", 160, 1, 0)),
        ("a" * 161, Segments("gsm", 161, 2, 145)),
        ("a" * 306, Segments("gsm", 306, 2, 0)),
        ("a" * 307, Segments("gsm", 307, 3, 152)),
        ("€" * 80, Segments("gsm", 160, 1, 0)),
        ("€" * 81, Segments("gsm", 162, 2, 143)),  # an escape never ends a part: 76 in the first, one septet lost
        ("a" * 152 + "€" + "a" * 8, Segments("gsm", 162, 2, 143)),
        ("á", Segments("ucs2", 1, 1, 69)),
        ("سلام" * 17 + "سل", Segments("ucs2", 70, 1, 0)),
        ("سلام" * 17 + "سلا", Segments("ucs2", 71, 2, 63)),
        ("退" * 134, Segments("ucs2", 134, 2, 0)),
        ("Ողջույն" * 10, Segments("ucs2", 70, 1, 0)),
        ("😀" * 35, Segments("ucs2", 70, 1, 0)),
        ("😀" * 36, Segments("ucs2", 72, 2, 61)),  # 33 in the first: the halves of the next stay together
        ("a" * 66 + "😀" + "á" * 4, Segments("ucs2", 72, 2, 61)),
        ("ç", Segments("ucs2", 1, 1, 69)),  # the alphabet has its capital alone
        ("Ç", Segments("gsm", 1, 1, 159)),
        ("\n\r", Segments("gsm", 2, 1, 158)),
        ("\f", Segments("gsm", 2, 1, 158)),
        ("’", Segments("ucs2", 1, 1, 69)),
    ],
    ids=lambda value: value[:6] if isinstance(value, str) else "",
)
def test_segments_of_a_text(text, expected):
    assert segments(text) == expected


def test_alphabet_of_the_telephone_is_whole():
    assert (len(BASIC), len(set(BASIC)), len(EXTENDED), set(BASIC) & set(EXTENDED)) == (127, 127, 10, set())


LETTERS = st.one_of(st.sampled_from(BASIC + EXTENDED), st.sampled_from("سلامԲարև退订😀🆘é\u200c"))


@given(st.text(LETTERS, max_size=500))
def test_parts_hold_what_is_in_them(text):
    found = segments(text)
    room = {"gsm": 153, "ucs2": 67}[found.alphabet]
    assert found.parts == 1 or room * (found.parts - 1) - (found.parts - 1) < found.units <= room * found.parts
    assert 0 <= found.left <= {"gsm": 160, "ucs2": 70}[found.alphabet]
    if found.alphabet == "ucs2":
        assert found.units == len(text.encode("utf-16-le")) // 2


@given(st.text(LETTERS, max_size=900), st.integers(1, 4))
def test_shortened_text_fits_and_begins_as_it_did(text, most):
    short = shortened(text, most=most)
    assert segments(short).parts <= most
    assert text.startswith(short)
    assert (short == text) == (segments(text).parts <= most)


def test_text_is_shortened_between_words():
    assert shortened("word " * 40, most=1) == ("word " * 32).rstrip()
    assert shortened("词" * 100, most=1) == "词" * 70
