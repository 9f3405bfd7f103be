from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pharos.content.loader import load
from pharos.engine.text.features import Shape, Vocabulary
from pharos.engine.text.lexicon import Lexicon
from pharos.engine.text.model import Language, Model
from pharos.engine.text.signals import Context, Reader

LEXICON = Lexicon(load("signal_lexicon"))
ALONE = Reader(LEXICON, None)
SHAPE = Shape(1, (2, 3), 8, within_words=True)


def model(*, danger=0, offensive=0, fear=0):
    """Every feature speaks as strongly as said for each head."""
    weights = np.tile(np.array([danger, offensive, fear], np.int8), (SHAPE.places, 1))
    ones = np.ones(3, np.float32)
    everything = Vocabulary(SHAPE, np.arange(SHAPE.places), np.ones(SHAPE.places, np.float32))
    language = Language(everything, ("danger", "offensive", "fear"), weights, ones, 0 * ones)
    return Model({"en": language}, {"decisions": {"en": {"danger": 2.0, "offensive": 2.0, "fear": 2.0}}})


@pytest.mark.parametrize(
    "text",
    [
        "I'm trapped",
        "we are stuck here",
        "dying to get home",
        "گیر کردیم",
        "我们被困在机场了",
        "մնացել ենք օդանավակայանում",
    ],
)
def test_what_stranded_travellers_say_as_well_interrupts_nobody_alone(text):
    assert not ALONE.read(text).danger.present


@pytest.mark.parametrize(
    "text", ["I'm trapped and there is smoke", "trapped under the rubble", "گیر افتادیم دود همه جاست", "被困在火场里"]
)
def test_it_interrupts_with_its_context(text):
    assert ALONE.read(text).danger.present


def test_it_interrupts_while_an_incident_with_hazard_is_open():
    assert ALONE.read("I'm trapped", context=Context(hazard=True)).danger.present


def test_signals_carry_the_words_that_made_them():
    found = ALONE.read("Please! My mum CAN’T breathe, she is 84 and deaf. I want my money back.")
    assert [span.text for span in found.danger.words] == ["CAN’T breathe"]
    assert found.danger.source == "lexicon"
    assert found.kinds == ("danger_now",)
    assert {need.code for need in found.needs} >= {"hearing"}
    assert found.request is not None
    assert (found.request.code, [span.text for span in found.request.words]) == ("refund", ["money back"])
    assert found.lexicon_only


def test_places_are_those_of_the_original():
    text = "Օգնե՛ք, հայրս չի՞ շնչում"
    found = ALONE.read(text).danger
    assert found.present
    assert all(text[span.start : span.end] == span.text for span in found.words)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("This is ridiculous, third time I call!", "angry"),
        ("I do not understand which button", "confused"),
        ("Thank you so much, you have been kind", "positive"),
        ("refund", "one_liner"),
        ("no rush, take your time", "easygoing"),
        ("My rights under the law are clear", "knowledgeable"),
        ("You must do it now or else", "controlling"),
        ("so the train came and then we sat down and looked out " * 15, "talkative"),
        ("terrible experience", "negative"),
        ("خیلی ممنونم، لطف کردید", "positive"),
        ("հրաշալի է, շատ շնորհակալ եմ", "positive"),
        ("太不像话了，什么态度", "angry"),
    ],
)
def test_style(text, style):
    found = ALONE.read(text).style
    assert found is not None
    assert found.code == style


@pytest.mark.parametrize(
    ("text", "request_type"),
    [
        ("I would like a refund for my cancelled flight", "refund"),
        ("please cancel my booking", "cancellation"),
        ("بلیطم را تغییر بدهید", "change"),
        ("我要投诉", "complaint"),
        ("Ե՞րբ է թռիչքը", "information"),
        ("I need a wheelchair at the gate", "assistance"),
    ],
)
def test_request(text, request_type):
    found = ALONE.read(text).request
    assert found is not None
    assert found.code == request_type


def test_urgency_and_distress():
    found = ALONE.read("I am so scared, I fly tomorrow morning")
    assert found.urgency.present
    assert found.distress.present
    assert not ALONE.read("a quiet afternoon").distress.present


def test_a_head_raises_a_signal_with_its_words():
    found = Reader(LEXICON, model(danger=9)).read("unheard of words")
    assert found.danger.present
    assert found.danger.source == "model"
    assert found.danger.words
    assert not found.lexicon_only


def test_a_head_hears_danger_in_what_is_left_without_harmless_words():
    found = Reader(LEXICON, model(danger=9)).read("unheard of words, girl on the train").danger
    assert found.present
    assert {span.text for span in found.words} == {"unheard", "of", "words"}


def test_the_head_adds_to_the_lexicon():
    found = Reader(LEXICON, model(fear=9)).read("I am crying")
    assert found.distress.source == "both"
    assert found.emotions["fear"] > 0.9


def test_a_language_without_heads_is_lexicon_only():
    assert Reader(LEXICON, model(danger=9)).read("بلیط").lexicon_only


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "😀😀😀",
        "👨‍👩‍👧",
        "\ud800",
        "help 救命 کمک օգնեք",
        "a" * 100_000,
        "I want to die. " * 7_000,
        "死" * 33_000,
    ],
)
def test_any_text_is_fine(text):
    for reader in (ALONE, Reader(LEXICON, model(danger=1, offensive=1, fear=1))):
        found = reader.read(text)
        for span in found.danger.words[:50]:
            assert text[span.start : span.end] == span.text


def test_danger_at_the_end_of_a_long_text_is_heard():
    assert ALONE.read("we waited at the desk and then " * 3_000 + "he wants to kill himself").danger.present


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_scores_lie_between_nothing_and_certain(text):
    found = Reader(LEXICON, model(danger=3, offensive=3, fear=3)).read(text)
    signals = [
        found.danger,
        found.distress,
        found.frustration,
        found.hostility,
        found.confusion,
        found.urgency,
        *found.needs,
    ]
    assert all(0 <= one.score <= 1 for one in signals)


def test_many_are_read_as_each_alone():
    texts = ["I am crying", "", "我不想活了", "refund please", "من می‌ترسم"]
    reader = Reader(LEXICON, model(fear=1))
    assert [asdict(one)["danger"] for one in reader.read_many(texts)] == [
        asdict(reader.read(t))["danger"] for t in texts
    ]
