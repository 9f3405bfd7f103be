import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharos.engine.references import ALPHABET, normal_reference, page_token, reference


@given(st.binary(min_size=8, max_size=8))
def test_reference_is_six_letters_that_cannot_be_misread(random):
    found = reference(random)
    assert found[3] == "-"
    letters = found.replace("-", "")
    assert len(letters) == 6
    assert set(letters) <= set(ALPHABET)
    assert not set(letters) & set("0O1ILAEU")


@given(st.binary(min_size=8, max_size=8))
def test_reference_is_understood_however_it_is_typed(random):
    found = reference(random)
    for typed in (found, found.lower(), found.replace("-", ""), f" {found[:3]} {found[4:]} ", found.replace("-", "–")):
        assert normal_reference(typed) == found


def test_reference_is_understood_in_other_digits_and_wide_letters():
    persian = str.maketrans("23456789", "۲۳۴۵۶۷۸۹")
    assert normal_reference("K7M-4QD".translate(persian)) == "K7M-4QD"
    assert normal_reference("Ｋ７Ｍ－４ＱＤ") == "K7M-4QD"
    assert normal_reference("\u200fK7M-4QD\u200f") == "K7M-4QD"


@pytest.mark.parametrize("typed", ["", "K7M-4Q", "K7M-4QDD", "K7M-4Q0", "K7M-4QO", "K7M/4QD", "K7M-4QA", "ԿևՄ-4QD"])
def test_other_text_is_no_reference(typed):
    assert normal_reference(typed) is None


def test_references_spread_over_the_whole_alphabet():
    found = {reference(number.to_bytes(8, "big")) for number in range(0, 2**64, 2**64 // 5000)}
    assert len(found) > 4990
    assert {letter for one in found for letter in one} == {*ALPHABET, "-"}


def test_too_few_random_bytes_are_refused():
    with pytest.raises(ValueError, match="8 random bytes"):
        reference(b"1234567")
    with pytest.raises(ValueError, match="16 random bytes"):
        page_token(b"123456789012345")


@given(st.binary(min_size=16, max_size=32))
def test_page_token_keeps_every_bit_and_is_safe_in_a_url(random):
    token = page_token(random)
    assert token.replace("-", "").replace("_", "").isalnum()
    assert base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)) == random
