import pytest

from pharos.engine.text.folding import fold
from pharos.engine.text.phrases import PhraseError, Phrases

LISTS = {"cannot": ("cannot", "can't", "unable to")}


def found(phrase, text):
    phrases = Phrases()
    phrases.add(1, phrase, LISTS)
    folded = fold(text).text
    return [folded[hit.start : hit.end] for hit in phrases.find(folded)]


@pytest.mark.parametrize(
    ("phrase", "text", "hits"),
    [
        ("help", "Help! helpers HELP", ["help", "help"]),
        ("help*", "helping, unhelpful", ["helping"]),
        (
            "<cannot> [even] breathe",
            "I can't even breathe; unable to breathe.",
            ["cant even breathe", "unable to breathe"],
        ),
        ("(smell|smells) .. gas", "it smells really very much of gas here", ["smells really very much of gas"]),
        ("smell .. gas", "smell one two three four five gas", []),
        ("trapped ... smoke", "trapped in the lift and there is a lot of smoke", None),
        ("没有..氧气", "这里没有一点氧气了", ["没有一点氧气"]),
        ("(打|叫)[了] 电话", "请打了电话", ["打了电话"]),
        ("救命", "救命救命", ["救命", "救命"]),
        ("می‌خوا* بمیرم", "من میخوام بمیرم", ["میخوام بمیرم"]),
        ("بی‌حال*", "بچه بی حاله", ["بی حاله"]),
        ("չեմ .. ապրել", "Չե՞մ ուզում ապրել", ["չեմ ուզում ապրել"]),
    ],
)
def test_hits(phrase, text, hits):
    assert found(phrase, text) == ([fold(text).text] if hits is None else hits)


@pytest.mark.parametrize("phrase", ["(help", "help)", "[help]", "ab*", "<nobody>", "..", ""])
def test_a_phrase_that_cannot_be_read_is_refused(phrase):
    with pytest.raises(PhraseError):
        Phrases().add(0, phrase, LISTS)


def test_owners_keep_apart():
    phrases = Phrases()
    for owner, phrase in enumerate(["fire", "on fire", "fire*"]):
        phrases.add(owner, phrase)
    assert [(hit.owner, hit.start, hit.end) for hit in phrases.find("on fire")] == [(1, 0, 7), (0, 3, 7), (2, 3, 7)]
