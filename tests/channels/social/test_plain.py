"""Words of networks, and ours as they take them."""

import pytest

from pharos.channels.social import plain
from tests.channels.mastodon_server import as_html


@pytest.mark.parametrize(
    "text",
    [
        "My ferry is cancelled.\nWhat now?\n\nWe are four.",
        "1 < 2 & 3 > 2",
        "سلام، می\u200cخواهم\u200f بدانم ۱۲۳",
        "Look: https://lines.example/en/i/storm/?a=1&b=2",
        "Բարե՛ւ Ձեզ։ 您好 🆘👩‍👧",
    ],
)
def test_words_are_as_they_were_written(text: str) -> None:
    assert plain.words(as_html(text)) == text


def test_link_is_its_whole_address_and_a_mention_its_name() -> None:
    html = as_html("@help see https://lines.example/a/very/long/address/that/is/cut #storm")
    assert plain.words(html) == "@help see https://lines.example/a/very/long/address/that/is/cut #storm"


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("", ""),
        ("<p>open <b>tag", "open tag"),
        ("<script>alert(1)</script><p>safe</p>", "safe"),
        ('<p><a href="javascript:alert(1)">press</a></p>', "press"),
        ("<ul><li>one</li><li>two</li></ul>", "one\n\ntwo"),
        ("a\0b\ud800c", "ab?c"),
        ("<p>&lt;b&gt; &amp;amp;</p>", "<b> &amp;"),
    ],
)
def test_html_that_is_broken_or_hostile(html: str, words: str) -> None:
    assert plain.words(html) == words


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("@help my ferry", "my ferry"),
        ("@Help@lines.example, @help: my ferry", "my ferry"),
        ("@helper my ferry", "@helper my ferry"),
        ("my ferry @help", "my ferry @help"),
        ("@help", ""),
    ],
)
def test_our_own_name_is_left_out_at_the_beginning(text: str, rest: str) -> None:
    assert plain.without_own_name(text, "@help@lines.example") == rest


@pytest.mark.parametrize("text", ["@ani", "ask @ani@other.example", ".@ani", "(@ani)", "a\n@ani", "，@ani"])
def test_names_in_our_words_tell_nobody(text: str) -> None:
    assert "@\u200bani" in plain.naming_nobody(text)


@pytest.mark.parametrize("text", ["help@lines.example", "https://m.example/@ani", "5 @ 3"])
def test_addresses_stay_as_they_are(text: str) -> None:
    assert plain.naming_nobody(text) == text


def test_long_text_is_cut_between_words() -> None:
    text = "\n\n".join(f"Paragraph {number} has a few words in it." for number in range(40))
    parts = plain.parts(text, most=200)
    assert all(len(part) <= 200 for part in parts)
    assert [part.rpartition(" ")[2] for part in parts] == [f"({n}/{len(parts)})" for n in range(1, len(parts) + 1)]
    assert " ".join(part.rpartition(" ")[0] for part in parts).split() == text.split()


def test_text_without_spaces_is_cut_all_the_same() -> None:
    parts = plain.parts("请" * 1000, most=400)
    assert all(len(part) <= 400 for part in parts)
    assert "".join(part.rpartition(" ")[0] for part in parts) == "请" * 1000


def test_short_text_stays_whole() -> None:
    assert plain.parts("short", most=20) == ["short"]


@pytest.mark.parametrize(
    ("tag", "language"), [("fa", "fa"), ("zh-CN", "zh-hans"), ("zh", "zh-hans"), ("de", ""), ("", ""), ("en_GB", "en")]
)
def test_language_tags_of_networks(tag: str, language: str) -> None:
    assert plain.language_of(tag) == language
