"""One spelling for many of the names, addresses and numbers by which people are known, across scripts.

A name has three forms: its words as they are written, in Latin letters, and as they sound: the consonants alone,
because Persian writes few vowels and everybody spells them differently in Latin letters.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from anyascii import anyascii

NAME_MAX: Final = 12  # words of a name that are looked at
_LETTERS: Final = str.maketrans(
    {
        **dict.fromkeys("\u0640\u200b\u200c\u200d\u2060\ufeff\u00ad'’‘ʼʻ´`՚", ""),
        "ي": "ی",
        "ى": "ی",
        "ې": "ی",
        "ك": "ک",
        "ڪ": "ک",
        "ة": "ه",
        "ۀ": "ه",
        "ە": "ه",
        "ہ": "ه",
        "ھ": "ه",
        "أ": "ا",
        "إ": "ا",
        "ٱ": "ا",
        "آ": "ا",
        "ؤ": "و",
        "ئ": "ی",
        "ء": "",
        "ß": "ss",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ı": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ð": "d",
    }
)
_PERSIAN: Final = {
    **dict.fromkeys("اعیو", ""),  # vowels, or silent; at the beginning of a word see `_BEGINS`
    **dict.fromkeys("ثسص", "s"), **dict.fromkeys("ذزضظ", "z"), **dict.fromkeys("تط", "t"), **dict.fromkeys("حه", "h"),
    **dict.fromkeys("غق", "q"), **dict.fromkeys("جژ", "j"), "ب": "b", "پ": "p", "چ": "c", "خ": "x", "د": "d", "ر": "r",
    "ش": "w", "ف": "f", "ک": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n",
}  # fmt: skip
_BEGINS: Final = {**dict.fromkeys("اعی", "a"), "و": "v"}
# Sounds that Latin letters write with two; in capitals, so that no vowel among them is left out.
_DIGRAPHS: Final = {
    "tch": "C", "sch": "W", "sh": "W", "ch": "C", "kh": "X", "gh": "Q", "zh": "J", "ph": "F", "th": "T", "dh": "D",
    "ck": "K", "c": "K",
}  # fmt: skip
_DIGRAPH: Final = re.compile("|".join(_DIGRAPHS))
_HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_ABJAD: Final = re.compile(r"[\u0590-\u06ff\ufb1d-\ufdff\ufe70-\ufefc]")
_WORD: Final = re.compile(r"[^\W\d_]+")
_HONORIFICS: Final = ("先生", "女士", "小姐", "太太")  # written on to a name
_TITLES: Final = frozenset(
    {"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "madam", "պարոն", "տիկին", "օրիորդ", "դոկտոր"}
    | {"اقا", "اقای", "خانم", "خانوم", "دکتر", "مهندس", "جناب", "سرکار", *_HONORIFICS}
)
# Short forms that are used as names of their own in letters to offices.
_SHORT: Final = {
    short: name
    for name, shorts in {
        "robert": "bob rob bobby robbie", "william": "will bill billy", "richard": "rick dick richie",
        "elizabeth": "liz beth lizzie betty", "margaret": "maggie meg peggy", "katherine": "kate katie kathy cathy",
        "catherine": "cate", "james": "jim jimmy jamie", "john": "jack johnny jon", "michael": "mike mick mickey",
        "thomas": "tom tommy", "charles": "charlie chuck", "edward": "ed eddie ted", "anthony": "tony",
        "andrew": "andy", "alexander": "alex sasha", "benjamin": "ben", "daniel": "dan danny", "david": "dave",
        "joseph": "joe", "joshua": "josh", "matthew": "matt", "nicholas": "nick", "patrick": "pat", "peter": "pete",
        "samuel": "sam", "stephen": "steve", "steven": "stevie", "timothy": "tim", "christopher": "chris",
        "jennifer": "jen jenny", "jessica": "jess", "rebecca": "becky", "susan": "sue", "victoria": "vicky",
        "abigail": "abby", "deborah": "debbie", "patricia": "trish", "philip": "phil", "gregory": "greg",
        "jonathan": "jonny", "kenneth": "ken", "lawrence": "larry", "leonard": "len", "raymond": "ray",
        "ronald": "ron", "frederick": "fred", "harold": "harry", "gerald": "gerry", "zachary": "zach",
        "harutyun": "harut", "hovhannes": "hovo", "gevorg": "gevo", "hayk": "hayko",
    }.items()
    for short in shorts.split()
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Name:
    """`written`: folded words; `latin`: in Latin letters, syllables for Chinese; `sound`: their consonants."""

    written: tuple[str, ...]
    latin: tuple[str, ...]
    sound: tuple[str, ...]
    script: str  # "latin", "abjad", "han" or "other"


def folded(text: str) -> str:
    """Small letters without width, accents, joiners and spellings of one keyboard or another."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).translate(_LETTERS)


@lru_cache(maxsize=16_384)
def name(text: str) -> Name:
    """The forms of a name; titles and numbers are no part of it."""
    before, _comma, after = text.partition(",")
    words = [word for word in _words(folded(f"{after} {before}")) if word not in _TITLES][:NAME_MAX]
    script = _script("".join(words))
    latin = words if script == "latin" else [part for word in words for part in _latin(word)]
    latin = [_SHORT.get(word, word) for word in latin]
    if script == "latin":
        words = latin
    sounds = [sound(word) for word in (words if script == "abjad" else latin)]
    return Name(tuple(words), tuple(latin), tuple(one for one in sounds if one), script)


def _words(text: str) -> Iterator[str]:
    for word in _WORD.findall(unicodedata.normalize("NFC", text)):
        for title in _HONORIFICS:
            word = word.removesuffix(title) if len(word) > len(title) else word  # noqa: PLW2901 - written on to it
        yield word


def _script(letters: str) -> str:
    if letters.isascii():
        return "latin"
    if _HAN.search(letters):
        return "han"
    return "abjad" if _ABJAD.search(letters) else "other"


def _latin(word: str) -> list[str]:
    """One word for another script, one for each character of Chinese."""
    if _HAN.search(word):
        return [part for letter in word if (part := _letters(anyascii(letter)))]
    spelled = _letters(anyascii(word))
    return [spelled] if spelled else []


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalpha())


@lru_cache(maxsize=16_384)
def sound(word: str) -> str:
    """The consonants of a word, those alike that one language or another writes alike; a first vowel is "a"."""
    if _ABJAD.search(word):
        first = _BEGINS.get(word[0], _PERSIAN.get(word[0], ""))
        return _closed(first + "".join(_PERSIAN.get(letter, "") for letter in word[1:]))
    spelled = _DIGRAPH.sub(lambda found: _DIGRAPHS[found[0]], word)
    first, rest = spelled[:1], spelled[1:]
    begin = "a" if first in "aeiouy" else ("v" if first in "vw" else first)
    return _closed(begin + "".join(letter for letter in rest if letter not in "aeiouyvw"))


def _closed(sounds: str) -> str:
    """Double sounds once, and no breath at the end."""
    letters = sounds.lower()
    once = letters[:1] + "".join(after for before, after in pairwise(letters) if before != after)
    return once.removesuffix("h") if len(once) > 1 else once


@dataclass(frozen=True, slots=True)
class Mail:
    """`box`: without the dots and the +words that some hosts do not look at; `words`: the letters of it as words."""

    address: str
    local: str
    domain: str
    box: str
    words: tuple[str, ...]


@lru_cache(maxsize=16_384)
def mail(address: str) -> Mail:
    """The parts of an address."""
    local, _at, domain = folded(address.strip()).rpartition("@")
    domain = {"googlemail.com": "gmail.com"}.get(domain, domain)
    box = local.partition("+")[0]
    words = tuple(_WORD.findall(box))
    return Mail(f"{local}@{domain}", local, domain, f"{box.replace('.', '')}@{domain}", words)


def tail(number: str) -> str:
    """The last eight digits of a number: the same however country and trunk code are written."""
    return "".join(filter(str.isdigit, number))[-8:]
