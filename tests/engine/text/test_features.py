import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pharos.engine.text.features import Shape, Vocabulary, extract

SHAPE = Shape(2, (2, 3), 12, within_words=True)


def by_text(texts, shape=SHAPE):
    found = extract(texts, shape)
    return [sorted(found.place[found.row == number].tolist()) for number in range(len(texts))]


def test_the_same_text_has_the_same_features_wherever_it_stands():
    first, second, third = by_text(["help me", "the house", "help me"])
    assert first == third != second


def test_words_and_runs_of_characters_are_counted():
    found = extract(["ab cd"], SHAPE)
    words = found.place < 1 << SHAPE.bits
    assert words.sum() == 3
    # Pairs and threes of " ab cd ", none across the space in the middle.
    assert (~words).sum() == 6 + 4


def test_a_feature_knows_its_stretch():
    found = extract(["one", "two"], SHAPE)
    joined = " one  two "
    word = found.place < 1 << SHAPE.bits
    assert [joined[s:e] for s, e in zip(found.start[word], found.end[word], strict=True)] == ["one", "two"]


def test_each_group_has_length_one():
    everything = Vocabulary(SHAPE, np.arange(SHAPE.places), np.ones(SHAPE.places, np.float32))
    row, place, value = everything.weigh(everything.find(["fire in the house", "", "x"]))
    for number, group in ((0, 0), (0, 1), (2, 0)):
        chosen = (row == number) & (place >> SHAPE.bits == group)
        assert np.isclose((value[chosen] ** 2).sum(), 1)


def test_a_vocabulary_finds_what_it_knows_and_nothing_else():
    places = np.unique(extract(["fire"], SHAPE).place)
    known = Vocabulary(SHAPE, places, np.ones(len(places), np.float32))
    found = known.find(["fire", "xq", "fire"])
    assert set(found.row.tolist()) == {0, 2}
    assert (places[found.place] == np.tile(extract(["fire"], SHAPE).place, 2)).all()


@given(st.lists(st.text(max_size=30), max_size=4))
def test_any_texts(texts):
    found = extract(texts, SHAPE)
    assert found.texts == len(texts)
    assert (np.diff(found.row) >= 0).all()
    assert ((found.place >= 0) & (found.place < SHAPE.places)).all()
