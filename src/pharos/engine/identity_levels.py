"""How far two values agree: graded levels for each sort of value, 0 the closest, `MISSING` for nothing to compare."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import product
from typing import Final, NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from pharos.engine.identity_forms import Mail, Name, folded, mail, name, tail
from pharos.engine.text.folding import fold

MISSING: Final = -1
NEAR: Final = 0.88  # Jaro-Winkler: a slip of the finger in a name of common length
SOUND_MIN: Final = 4  # consonants that two names must share before their sound tells anything
GIST: Final = 1_000  # characters of a text that are compared
TELLING: Final = 16  # letters from which on a text says something of its own
HALF: Final = 0.55
MOST: Final = 0.85

EMAIL: Final = ("same", "same_box", "near", "other")
HANDLE: Final = ("same", "other")
PHONE: Final = ("same", "tail", "slip", "other")
BOOKING: Final = ("same", "slip", "other")
NAME: Final = ("same", "near", "part", "one_word", "other")
MAIL_NAME: Final = ("fits", "part", "other")
LANGUAGE: Final = ("same", "other")
TEXT: Final = ("same", "alike", "within", "some", "other")
WORD: Final = ("same", "near", "somewhat", "other")
NUMBER: Final = ("same", "slip", "two_slips", "other")


def best(levels: Iterable[int]) -> int:
    """The closest of several; `MISSING` when none could be compared."""
    return min((level for level in levels if level != MISSING), default=MISSING)


def email(one: Sequence[str], other: Sequence[str]) -> int:
    """The closest pair of addresses."""
    return best(_email(mail(a), mail(b)) for a, b in product(one, other))


def _email(one: Mail, other: Mail) -> int:
    if one.address == other.address:
        return 0
    if one.box == other.box:
        return 1
    slips = OSA.distance(one.address, other.address, score_cutoff=1) <= 1 and not _other_number(one.local, other.local)
    moved = one.local == other.local and len(one.local) >= 6
    return 2 if slips or moved else 3


def _other_number(one: str, other: str) -> bool:
    """anna.li7 and anna.li8 are two people; a letter that slipped is one."""
    return list(filter(str.isdigit, one)) != list(filter(str.isdigit, other))


def handle(one: Sequence[str], other: Sequence[str]) -> int:
    """One person has several handles on several networks: those that differ tell nothing."""
    return 0 if {folded(a) for a in one} & {folded(b) for b in other} else MISSING


def phone(one: Sequence[str], other: Sequence[str]) -> int:
    """The closest pair of numbers."""
    return best(_phone(a, b) for a, b in product(one, other))


def _phone(one: str, other: str) -> int:
    if one == other:
        return 0
    if tail(one) == tail(other) and len(tail(one)) == 8:
        return 1
    return 2 if OSA.distance(one, other, score_cutoff=1) <= 1 else 3


def booking(one: Sequence[str], other: Sequence[str]) -> int:
    """The closest pair of booking references; letters and digits that look alike are alike."""
    return best(_booking(a, b) for a, b in product(one, other))


def _booking(one: str, other: str) -> int:
    if one == other:
        return 0
    plain = (alike(one), alike(other))
    return 1 if min(map(len, plain)) >= 5 and OSA.distance(*plain, score_cutoff=1) <= 1 else 2


def alike(reference: str) -> str:
    """Letters and digits that are mistaken for each other are one."""
    return reference.upper().translate(_ALIKE)


_ALIKE: Final = str.maketrans("OQILZSB", "0011258")


def names(one: Sequence[str], other: Sequence[str]) -> int:
    """The closest pair of names, in any order of given and family name and in any script."""
    return best(_names(name(a), name(b)) for a, b in product(one, other))


def _names(one: Name, other: Name) -> int:
    a, b = _comparable(one, other)
    if not a or not b:
        return MISSING
    crossing = one.script != other.script
    if not crossing and one.script != "han" and len(a) == len(b) == 1:
        return 2 if _closeness(a[0], b[0]) >= NEAR else 4  # a given name alone, or a family name
    by_sound = crossing and "abjad" in {one.script, other.script}
    if sorted(a) == sorted(b) or _joined(a, b):
        return (1 if len("".join(a)) >= SOUND_MIN else 3) if by_sound else 0
    level = _aligned(*sorted((a, b), key=len), by_sound=by_sound)
    return 1 if level > 1 and not crossing and _sounds_same(one, other) else level


def _comparable(one: Name, other: Name) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if one.script == other.script:
        return one.written, other.written
    if "abjad" in {one.script, other.script}:
        return one.sound, other.sound
    return one.latin, other.latin


def _joined(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether they differ in nothing but the spaces, or in which part comes first."""
    whole = "".join(b)
    if len("".join(a)) != len(whole):
        return False
    return any("".join((*a[turn:], *a[:turn])) == whole for turn in range(len(a))) or any(
        "".join((*b[turn:], *b[:turn])) == "".join(a) for turn in range(len(b))
    )


def _sounds_same(one: Name, other: Name) -> bool:
    """What is written unlike but sounds the same, as Petrosian and Petrosyan, or in traditional characters."""
    if one.script == "han":
        return one.latin == other.latin and len(one.latin) > 1
    return sorted(one.sound) == sorted(other.sound) and len("".join(one.sound)) >= SOUND_MIN and len(one.sound) > 1


def _aligned(short: Sequence[str], long: Sequence[str], *, by_sound: bool) -> int:
    """Each word of the shorter name with the word of the longer one that is closest to it."""
    left = list(long)
    equal = near = initials = 0
    for word in sorted(short, key=len, reverse=True):
        found = max(left, key=lambda one: _closeness(word, one), default="")
        close = _closeness(word, found)
        if close < NEAR:
            continue
        left.remove(found)
        equal += close == 1
        initials += close == INITIAL
        near += INITIAL < close < 1
    met = equal + near + initials
    if met == len(short) and len(short) > 1 and not initials:
        return 1 if len(short) == len(long) and not by_sound else 2
    if met == len(short) and (equal or near):
        return 2
    return 3 if equal and max(map(len, short)) > 1 else 4


INITIAL: Final = 0.89


def _closeness(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if min(len(one), len(other)) == 1:
        return INITIAL if one[:1] == other[:1] else 0.0
    if min(len(one), len(other)) < 4:
        return 0.0
    close = JaroWinkler.similarity(one, other)
    return min(close, 0.99) if close > INITIAL else 0.0


def mail_name(one: Sequence[str], addresses: Sequence[str]) -> int:
    """Whether an address was made of a name, as many are."""
    return best(_mail_name(name(a), mail(b)) for a, b in product(one, addresses))


def _mail_name(one: Name, other: Mail) -> int:
    words, letters = one.latin, "".join(other.words)
    if not words or len(letters) < 4:
        return MISSING
    if one.script == "abjad":
        parts = set(name(" ".join(other.words)).sound)
        met = [part for part in one.sound if part in parts and len(part) > 1]
        return 0 if len(met) > 1 else (1 if met else 2)
    met = [word for word in words if len(word) > 1 and word in letters]
    if len(met) > 1 and len(letters) - len("".join(met)) < 4:
        return 0
    if any(letters in {words[0][:1] + word, word + words[0][:1], words[-1][:1] + word} for word in met):
        return 0
    return 1 if any(len(word) > 3 for word in met) else 2


def language(one: Sequence[str], other: Sequence[str]) -> int:
    """Whether they ever used the same language."""
    if not one or not other:
        return MISSING
    return 0 if set(one) & set(other) else 1


def text(one: str, other: str) -> int:
    """How much the shorter of two texts is found in the longer, in any script."""
    a, b = _gist(one[:GIST]), _gist(other[:GIST])
    if not a.plain or not b.plain:
        return MISSING
    size = min(a.size, b.size)
    if a.plain == b.plain:
        return 0 if size >= TELLING else 2
    if size < 3:
        return MISSING
    held = fuzz.token_set_ratio(a.plain, b.plain) / 100
    held = held if held >= MOST else max(held, _cosine(a.threes, b.threes))
    if held >= MOST:
        return 1 if size >= TELLING else 2
    return 3 if held >= HALF else 4


class _Gist(NamedTuple):
    plain: str
    size: int
    threes: frozenset[str]


@lru_cache(maxsize=4_096)
def _gist(words: str) -> _Gist:
    plain = " ".join(fold(words).text.split())
    return _Gist(plain, _letters(plain), frozenset(map("".join, zip(plain, plain[1:], plain[2:], strict=False))))


def _letters(plain: str) -> int:
    """How much is said: a Chinese character says as much as three letters."""
    return sum(3 if "\u3400" <= letter <= "\u9fff" else 1 for letter in plain if letter.isalnum())


def _cosine(one: frozenset[str], other: frozenset[str]) -> float:
    """Of their sets of three letters in a row: for scripts without spaces and for words with other endings."""
    return len(one & other) / (len(one) * len(other)) ** 0.5 if one and other else 0.0


def word(one: str, other: str) -> int:
    """Two spellings of one word or short phrase."""
    if not one or not other:
        return MISSING
    if one == other:
        return 0
    close = JaroWinkler.similarity(one, other)
    return 1 if close >= 0.92 else (2 if close >= 0.8 else 3)


def number(one: str, other: str) -> int:
    """Two spellings of one number or date."""
    if not one or not other:
        return MISSING
    return min(OSA.distance(one, other, score_cutoff=2), 3)
