"""Reasons in words for staff."""

import pytest
from django.utils import translation

from pharos.engine.identity import FIELDS, Reason
from pharos.http.likeness import TEXTS, shown


def test_every_level_has_its_words():
    codes = {f"{of}_{level}" for of, levels in FIELDS.items() for level in levels}
    assert codes - {"handle_other"} == set(TEXTS)


@pytest.mark.parametrize("language", ["en", "fa", "hy", "zh-hans"])
def test_reasons_are_told_in_the_readers_language(language):
    reasons = [Reason("phone_same", 9.0, {"others": 3}), Reason("name_other", -4.0, {}), Reason("later", 1.0, {})]
    with translation.override(language):
        phone, name = shown(reasons, language)
    assert phone.is_for
    assert phone.is_strong
    assert ("۳" if language == "fa" else "3") in phone.text
    assert not name.is_for
    if language != "en":
        assert "name" not in name.text
