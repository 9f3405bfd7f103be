"""Whose turn is whose in a transcript."""

from itertools import pairwise

import pytest

from pharos.engine.transcripts import of_the_person, turns


def said(text: str, ours: tuple[str, ...] = ()) -> list[str]:
    return [text[turn.start : turn.end].strip() for turn in of_the_person(text, ours)]


@pytest.mark.parametrize(
    ("agent", "person"),
    [
        ("Agent: How are you?", "Caller: Not well"),
        ("[00:12] Operator 2: How are you?", "[00:14] Speaker 1: Not well"),
        ("کارشناس: حالتان چطور است؟", "تماس‌گیرنده: خوب نیستم"),
        ("Օպերատոր։ Ինչպե՞ս եք", "Զանգող։ Լավ չեմ"),
        ("客服：您好", "客户：我不好"),
    ],
)
def test_only_the_persons_turns_count(agent, person):
    assert said(f"{agent}\n{person}\n{agent}\n") == [person]


def test_a_line_without_a_name_belongs_to_the_person():
    assert said("Caller: It is cold\nand dark\nAgent: I see\n\nI cannot breathe\nAgent: Yes\nCaller: Come") == [
        "Caller: It is cold\nand dark",
        "I cannot breathe",
        "Caller: Come",
    ]
    assert said("客服：您好\n我要自杀") == ["我要自杀"]


@pytest.mark.parametrize(
    "text", ["a" + " " * 100_000 + "!", " " * 100_000 + "!", "a\t" * 50_000, ("a" + " " * 90 + "\n") * 1000 + "!"]
)
def test_runs_of_spaces_are_read_like_others(text):
    assert said(text) == [text.strip()]


def test_a_name_stands_at_the_beginning_of_its_line():
    text = f"{'Agent' + ' ' * 100}: Hello"
    assert said(text) == [text]
    assert said("Agent (00:12): Hello\nCaller (2): Hi") == ["Caller (2): Hi"]


def test_a_colleague_may_be_known_by_name():
    text = "Samuel: Hello\nAni: Hello"
    assert said(text) == [text]
    assert said(text, ("samuel",)) == ["Ani: Hello"]


@pytest.mark.parametrize(
    "text", ["I want to die: please help", "Ես ուզում եմ մեռնել։ Օգնեք", "no names at all", "12:30"]
)
def test_words_that_are_no_name_are_not_lost(text):
    assert said(text) == [text]


@pytest.mark.parametrize("text", ["", "\n \n", "Agent: Hello", "Agent:\nAgent: Hello"])
def test_nobody_but_us_speaks(text):
    assert said(text) == []


def test_turns_are_in_order_and_apart():
    text = "Hello\nAgent: One\nCaller: Two\nAgent: Three"
    found = turns(text)
    assert [one.is_ours for one in found] == [False, True, False, True]
    assert all(first.end <= second.start for first, second in pairwise(found))
