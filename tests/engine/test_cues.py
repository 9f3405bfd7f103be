"""Signals as suggestions, and the words that made them as quotations."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pharos.engine.cues import CUT, Found, Part, joined, merged, quotations, suggestions
from pharos.engine.text.signals import Signal, Signals, Span

QUIET = Signals(
    language="en",
    language_score=1.0,
    danger=Signal("danger"),
    kinds=(),
    distress=Signal("distress"),
    frustration=Signal("frustration"),
    hostility=Signal("hostility"),
    confusion=Signal("confusion"),
    urgency=Signal("urgency"),
    style=None,
    needs=(),
    request=None,
)
WORDS = (Span(3, 9, "refund"),)


NEED = Found("need", "sight", 0.6, ((0, 3),), (), "lexicon", "en")


def test_a_quiet_text_suggests_nothing():
    assert suggestions(QUIET) == []


def test_each_signal_becomes_a_suggestion_with_its_places():
    signals = replace(
        QUIET,
        request=Signal("refund", 0.7, WORDS, "lexicon"),
        needs=(Signal("sight", 0.6, WORDS, "lexicon"), Signal("mobility", 0.4, WORDS, "lexicon")),
        style=Signal("confused", 0.5, WORDS, "model"),
    )
    assert [(one.sort, one.code, one.places) for one in suggestions(signals, offset=10)] == [
        ("need", "sight", ((13, 19),)),
        ("request", "refund", ((13, 19),)),
        ("style", "confused", ((13, 19),)),
    ]


def test_only_danger_is_told_without_words():
    signals = replace(
        QUIET,
        danger=Signal("danger", 0.6, (), "model"),
        kinds=("danger_now",),
        style=Signal("one_liner", 0.5, (), "lexicon"),
    )
    assert [(one.sort, one.kinds) for one in suggestions(signals)] == [("danger", ("danger_now",))]


def test_the_same_of_several_pieces_is_told_once():
    both = joined([NEED, NEED._replace(score=0.9, places=((5, 8),), source="model"), NEED._replace(code="hearing")])
    assert [(one.code, one.score, one.places, one.source) for one in both] == [
        ("sight", 0.9, ((0, 3), (5, 8)), "both"),
        ("hearing", 0.6, ((0, 3),), "lexicon"),
    ]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 10)).map(lambda pair: (pair[0], sum(pair)))))
def test_merged_places_are_apart_and_cover_the_same(places):
    together = merged(places)
    assert all(first[1] < second[0] for first, second in pairwise(together))
    assert {at for start, end in together for at in range(start, end)} == {
        at for start, end in places for at in range(start, end)
    }


def test_the_words_are_marked_among_a_little_around_them():
    text = "One two three four five six seven eight nine ten"
    assert quotations(text, [(14, 18)], around=8) == [
        [Part(CUT, False), Part("three ", False), Part("four", True), Part(" five", False), Part(CUT, False)]
    ]


def test_places_that_are_near_are_quoted_together_and_few_are_quoted():
    text = "abc " * 100
    assert len(quotations(text, [(0, 3), (8, 11)])) == 1
    assert len(quotations(text, [(0, 3), (100, 103), (200, 203), (300, 303)])) == 3


def test_without_a_place_the_beginning_is_quoted():
    assert quotations("Help\nme", []) == [[Part("Help\nme", False)]]
    assert quotations("", []) == []
    assert quotations("short", [(3, 99)]) == [[Part("short", False)]]


@given(st.text(max_size=300), st.lists(st.tuples(st.integers(-5, 320), st.integers(-5, 320)), max_size=6))
def test_any_places_in_any_text_can_be_quoted(text, places):
    for quotation in quotations(text, places):
        assert all(part.text for part in quotation)
