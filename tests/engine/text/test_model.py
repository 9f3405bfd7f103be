from dataclasses import replace

import numpy as np
import pytest

from pharos.engine.text.features import Shape, Vocabulary
from pharos.engine.text.model import DamagedModelError, Language, parse, write

SHAPE = Shape(1, (2, 3), 6, within_words=True)
# Every third feature is unknown.
PLACES = np.flatnonzero(np.arange(SHAPE.places) % 3)


def small(heads=("one", "two")):
    rng = np.random.default_rng(3)
    return Language(
        Vocabulary(SHAPE, PLACES, np.ones(len(PLACES), np.float32)),
        heads,
        rng.integers(-100, 100, (len(PLACES), len(heads))).astype(np.int8),
        np.full(len(heads), 0.01, np.float32),
        np.zeros(len(heads), np.float32),
    )


def test_what_is_written_is_read():
    data = write({"en": small()}, {"decisions": {}})
    model = parse(data)
    assert model.languages["en"].heads == ("one", "two")
    assert (model.languages["en"].weights == small().weights).all()
    assert data == write({"en": small()}, {"decisions": {}})


@pytest.mark.parametrize("place", [0, 5, 20, 400, -1])
def test_a_single_wrong_byte_is_noticed(place):
    data = bytearray(write({"en": small()}, {}))
    data[place] ^= 1
    with pytest.raises(DamagedModelError):
        parse(bytes(data))


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 8, b"\xff" * 100, b"\x02\x00\x00\x00\x00\x00\x00\x00{}", b"PK\x03\x04" * 9]
)
def test_another_file_is_refused(data):
    with pytest.raises(DamagedModelError):
        parse(data)


def test_a_file_cut_off_is_refused():
    data = write({"en": small()}, {})
    for size in (4, 100, len(data) // 2, len(data) - 1):
        with pytest.raises(DamagedModelError):
            parse(data[:size])


def test_texts_score_the_same_alone_and_together():
    language = small()
    texts = ["fire here", "", "no fire", "x" * 50]
    together = language.score(texts).probabilities
    for number, text in enumerate(texts):
        assert np.allclose(language.score([text]).probabilities[0], together[number], atol=1e-6)


def test_blame_is_one_number_a_character():
    language = small()
    scores = language.score(["abc def", "gh"])
    assert len(language.blame(scores, 0, 1)) == 7
    assert len(language.blame(scores, 1, 0)) == 2


def test_places_out_of_order_are_refused():
    known = Vocabulary(SHAPE, PLACES[::-1], np.ones(len(PLACES), np.float32))
    with pytest.raises(DamagedModelError, match="order"):
        parse(write({"en": replace(small(), vocabulary=known)}, {}))


def test_a_text_of_unknown_features_alone_scores_what_the_bias_says():
    nothing = Vocabulary(SHAPE, PLACES[:0], np.ones(0, np.float32))
    language = replace(small(), vocabulary=nothing, weights=small().weights[:0])
    assert (language.score(["fire", ""]).probabilities == 0.5).all()
