"""Reading the words of many messages, and of a call."""

import pytest

from pharos.engine import transcripts
from pharos.queries import hearing, signals
from pharos.queries.hearing import Said


def said(id_: int, text: str, **fields) -> Said:
    return Said(id_, text, **{"language": "en", "is_call": False, "hazard": False, **fields})


def sorts(found) -> set[str]:
    return {one.sort for one in found}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I want to die"),
        ("fa", "می‌خواهم بمیرم"),
        ("hy", "Ես ուզում եմ մեռնել"),
        ("zh-hans", "我不想活了"),
    ],
)
def test_danger_is_found_in_every_language_with_its_words(language, text):
    (found,) = (one for one in hearing.hear([said(1, text, language=language)])[1] if one.sort == "danger")
    assert all(text[start:end].strip() for start, end in found.places)
    assert found.places


def test_each_message_is_read_for_itself():
    found = hearing.hear([said(1, "I want my money back"), said(2, "Thank you"), said(3, "I want to die")])
    assert [("danger" in sorts(found[number]), "request" in sorts(found[number])) for number in (1, 2, 3)] == [
        (False, True),
        (False, False),
        (True, False),
    ]


def test_words_that_travellers_use_are_danger_where_people_are_enclosed():
    text = "We are trapped on the ferry"
    calm, hazard = hearing.hear([said(1, text), said(2, text, hazard=True)]).values()
    scores = [max((one.score for one in found if one.sort == "danger"), default=0) for found in (calm, hazard)]
    assert scores[0] == 0 < scores[1]


def test_of_a_call_only_the_persons_turns_count():
    call = "Agent: I want my money back, you said?\nCaller: I cannot hear on the phone"
    whole, turns = hearing.hear([said(1, call), said(2, call, is_call=True)]).values()
    assert [("refund" in {one.code for one in found}) for found in (whole, turns)] == [True, False]


@pytest.mark.parametrize(
    ("language", "call"),
    [
        ("en", "Agent: hello… Caller: I want to die"),
        ("en", "Agent: hello\nI want to die"),
        ("zh-hans", "客服：您好\n我要自杀"),
        ("en", "System: I took all my pills to die"),
    ],
)
def test_danger_in_a_call_is_heard_whoever_is_written_down_as_speaking(language, call):
    found = hearing.hear([said(1, call, is_call=True, language=language)])[1]
    (danger,) = (one for one in found if one.sort == "danger")
    assert all(call[start:end] for start, end in danger.places)


def test_a_transcript_has_places_in_the_whole_of_it():
    call = "Samuel: Hello\nAni: I want to die\nSamuel: I want my money back, you say?"
    found = hearing.read_transcript(call, ours=("Samuel",), language="en")
    (danger,) = (one for one in found if one.sort == "danger")
    assert "refund" not in {one.code for one in found}
    first, last = call.index("Ani"), call.index("Samuel: I")
    assert all(first <= start < end <= last for start, end in danger.places)
    assert hearing.read_transcript("Agent: Do you want your money back?") == []


def test_a_call_that_cannot_be_parted_is_heard_as_it_stands(monkeypatch, caplog):
    def breaks(*_):
        raise ZeroDivisionError("secret words")

    monkeypatch.setattr(transcripts, "of_the_person", breaks)
    assert "danger" in sorts(hearing.hear([said(7, "I want to die", is_call=True)])[7])
    assert "message 7 cannot be told apart: ZeroDivisionError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("is_call", [False, True])
def test_a_hundred_thousand_spaces_are_answered(is_call):
    text = "a" + " " * 100_000 + "!"
    found = hearing.hear([said(1, text, is_call=is_call), said(2, "I want to die")])
    assert (sorts(found[1]), "danger" in sorts(found[2])) == (set(), True)


@pytest.mark.parametrize("text", ["", "😀" * 5000, "\x00\ufffd", "a" * 100_000, "مرگ die 死 " * 3000])
def test_odd_texts_are_read_without_complaint(text):
    assert set(hearing.hear([said(1, text), said(2, "I want to die")])) == {1, 2}


def test_a_text_that_breaks_the_reader_stops_no_other(monkeypatch, caplog):
    class Broken:
        def read_many(self, texts, **_):
            if any("break" in text for text in texts):
                raise ZeroDivisionError("secret words")
            return whole.read_many(texts)

        def read(self, text, **_):
            return self.read_many([text])[0]

    whole = signals.reader()
    monkeypatch.setattr(signals, "reader", Broken)
    found = hearing.hear([said(7, "break"), said(8, "I want to die")])
    assert (sorts(found[7]), "danger" in sorts(found[8])) == (set(), True)
    assert "message 7 cannot be read: ZeroDivisionError" in caplog.text
    assert "secret" not in caplog.text


def test_a_damaged_model_says_so_and_the_lexicon_goes_on(monkeypatch, tmp_path):
    hearing.model_fault.cache_clear()
    assert hearing.model_fault() == ""
    damaged = tmp_path / "model"
    damaged.write_bytes(b"nothing")
    monkeypatch.setattr(signals, "MODEL", damaged)
    hearing.model_fault.cache_clear()
    signals.reader.cache_clear()
    try:
        assert "lexicon only" in hearing.model_fault()
        found = hearing.hear([said(1, "I want to die")])[1]
        assert [(one.sort, one.source) for one in found if one.sort == "danger"] == [("danger", "lexicon")]
    finally:
        hearing.model_fault.cache_clear()
        signals.reader.cache_clear()
