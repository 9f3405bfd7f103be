import logging
from pathlib import Path

import pytest

from pharos import content
from pharos.content.loader import load
from pharos.engine.text.lexicon import Lexicon
from pharos.engine.text.signals import Reader
from pharos.queries import signals

ALONE = Reader(Lexicon(load("signal_lexicon")), None)
PHRASINGS = Path(__file__).parents[1] / "engine/text"


def phrasings(language, folder="danger"):
    lines = (PHRASINGS / folder / f"{language.partition('-')[0]}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("language", content.LANGUAGES)
def test_danger_is_heard(language):
    said = phrasings(language)
    heard = [found.danger.present for found in signals.reader().read_many(said)]
    assert len(said) >= 150
    assert sum(heard) / len(said) >= 0.98


@pytest.mark.parametrize("language", content.LANGUAGES)
def test_danger_is_heard_without_the_model(language):
    said = phrasings(language)
    assert sum(found.danger.present for found in ALONE.read_many(said)) / len(said) >= 0.98


@pytest.mark.parametrize("language", content.LANGUAGES)
@pytest.mark.parametrize("unseen", ["danger_unseen", "danger_held", "danger_blind"])
def test_danger_is_heard_in_words_that_nothing_was_made_with(language, unseen):
    said = phrasings(language, unseen)
    assert len(said) >= 60
    assert sum(found.danger.present for found in signals.reader().read_many(said)) / len(said) >= 0.8


@pytest.mark.parametrize("language", ["fa", "hy", "zh-hans"])
def test_distress_is_heard_in_words_that_nothing_was_made_with(language):
    said = [line.split("\t") for line in phrasings(language, "feelings_blind")]
    distressed = [not {"FEAR", "SAD", "fear", "sadness"}.isdisjoint(labels.split(",")) for labels, _ in said]
    heard = [found.distress.present for found in signals.reader().read_many([text for _, text in said])]
    assert sum(map(min, heard, distressed)) / sum(distressed) >= 0.7
    assert sum(map(min, heard, distressed)) / sum(heard) >= 0.5


@pytest.mark.parametrize("language", content.LANGUAGES)
@pytest.mark.parametrize("unseen", ["ordinary_held", "ordinary_blind"])
def test_people_under_strain_mostly_interrupt_nobody(language, unseen):
    said = phrasings(language, unseen)
    assert len(said) >= 60
    assert sum(found.danger.present for found in signals.reader().read_many(said)) / len(said) <= 0.35


@pytest.mark.parametrize("language", content.LANGUAGES)
def test_ordinary_messages_in_nearly_the_same_words_interrupt_nobody(language):
    said = load("danger_phrasings")["harmless"][language]
    assert sum(found.danger.present for found in signals.reader().read_many(said)) / len(said) <= 0.1


@pytest.mark.parametrize(
    ("language", "harmless"),
    [
        ("en", " My phone is dying."),
        ("fa", " در فرودگاه گیر کردیم."),
        ("hy", " Մնացել ենք օդանավակայանում։"),
        ("zh-hans", "手机快死机了。"),
    ],
)
def test_danger_is_heard_beside_harmless_words(language, harmless):
    said = [f"{one}{harmless}" for one in phrasings(language, "danger_blind")]
    assert sum(found.danger.present for found in signals.reader().read_many(said)) / len(said) >= 0.8


@pytest.mark.parametrize("language", content.LANGUAGES)
def test_danger_is_heard_among_calm_sentences(language):
    calm = " ".join(load("danger_phrasings")["ordinary"][language][:3])
    said = [f"{calm} {one} {calm}" for one in phrasings(language, "danger_blind")]
    assert not signals.read(calm).danger.present
    assert sum(found.danger.present for found in signals.reader().read_many(said)) / len(said) >= 0.7


@pytest.mark.parametrize(
    "text", ["thank you", "I want my money back", "hello, i want to check my seat", "退票", "谢谢你"]
)
def test_ordinary_words_are_not_hostile(text):
    assert not signals.read(text).hostility.present
    assert not signals.read(text).frustration.present


def test_the_shipped_model_is_whole_and_small():
    model = signals.load_model(signals.MODEL)
    assert model is not None
    assert set(model.languages) == set(content.LANGUAGES)
    assert signals.MODEL.stat().st_size <= 10_000_000
    assert not signals.read("I am fine").lexicon_only


def test_a_damaged_model_leaves_the_lexicon_and_says_so(tmp_path, caplog):
    broken = tmp_path / "signal_model.safetensors"
    broken.write_bytes(signals.MODEL.read_bytes()[:-100])
    with caplog.at_level(logging.ERROR):
        assert signals.load_model(broken) is None
        assert signals.load_model(tmp_path / "missing.safetensors") is None
    assert [record.getMessage().split(":")[0] for record in caplog.records] == [
        "signals are read with the lexicon only"
    ] * 2
