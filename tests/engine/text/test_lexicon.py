import pytest

from pharos import content
from pharos.content.loader import load
from pharos.engine.text.folding import fold
from pharos.engine.text.lexicon import Lexicon

SHIPPED = load("signal_lexicon")
LEXICON = Lexicon(SHIPPED)


def codes(text):
    return {hit.category.code for hit in LEXICON.find(fold(text)).hits}


def test_every_phrase_can_be_read_and_every_code_is_known():
    flags = content.safeguarding_flags().keys()
    for category in LEXICON.categories:
        assert category.suggests.get("need", "hearing") in content.needs()
        assert category.suggests.get("flag", "child_at_risk") in flags
        assert category.suggests.get("request", "refund") in content.request_types()


def test_every_need_has_cues():
    assert {category.suggests["need"] for category in LEXICON.categories if "need" in category.suggests} >= {
        code for code in content.needs() if code != "acute_distress"
    }


def test_no_code_is_used_twice():
    assert len({category.code for category in LEXICON.categories}) == len(LEXICON.categories)


def test_negation_takes_away_what_is_not_danger():
    assert "distress" in codes("I am crying")
    assert "distress" not in codes("I am not crying")
    assert "distress" not in codes("我不害怕")
    assert "distress" not in codes("Չեմ վախենում")


def test_negation_never_hides_danger_nor_medical_equipment():
    assert "suicide_risk" in codes("I am not going to kill myself")
    assert {"medical_loss", "medical_dependency"} <= codes("without oxygen")
    assert {"medical_loss", "medical_dependency"} <= codes("առանց թթվածնի եմ")
    assert {"medical_loss", "medical_dependency"} <= codes("بدون اکسیژن")
    assert {"medical_loss", "medical_dependency"} <= codes("没有氧气")


def test_harmless_words_take_only_danger_with_them():
    assert codes("stuck at the airport") == {"stranded"}
    assert "suicide_risk" not in codes("I am dying to get home")
    assert "danger_now" in codes("I am dying")
    assert "danger_now" in codes("火车着火了")


@pytest.mark.parametrize(
    "text",
    [
        "I cannot hear on the phone. I want to die",
        "I cannot hear on the phone I want to die",
        "No answer on my mobile, I will kill myself",
        "پشت گوشی نمی‌شنوم. می‌خواهم بمیرم",
        "Հեռախոսով չեմ լսում։ Ուզում եմ մեռնել",
        "手机听不清，我想死",
    ],
)
def test_harmless_words_take_nothing_from_other_clauses(text):
    assert "suicide_risk" in codes(text)


@pytest.mark.parametrize("text", ["My phone battery is about to die", "the phone has just died", "我想死你了"])
def test_what_dies_of_things_is_harmless(text):
    assert not codes(text) & {"suicide_risk", "danger_now", "danger_possible"}


@pytest.mark.parametrize(
    "text", ["my boss will kill me if I am late", "خفه شدم از بس زنگ زدم", "ծիծաղից պայթում եմ", "没电快死机了等下再聊"]
)
def test_everyday_idioms_are_harmless(text):
    assert not codes(text) & {"suicide_risk", "danger_now", "danger_possible", "violence_now"}


def test_cues_are_one_private_letter_each():
    cues = LEXICON.find(fold("I am crying and want my money back")).cues
    assert all(len(cue) == 1 and "\ue000" <= cue <= "\uf8ff" for cue in cues.split())
    assert LEXICON.find(fold("xyz")).cues == ""
