"""Under which keys a person is looked for, so that only those are compared who may be the same.

Each key finds one kind of likeness: the sounds of a name in any order and spacing, one word of it with the first letter
of another, a mailbox however dotted, the end of a number, half of a booking.
"""

from collections.abc import Iterator
from typing import Final

from pharos.engine.identity import Record
from pharos.engine.identity_forms import Name, mail, name, tail
from pharos.engine.identity_levels import alike

LETTERS_MIN: Final = 4  # of a name or mailbox; fewer are shared by too many
WORDS_MAX: Final = 4  # of one name that make keys of pairs


def keys(record: Record) -> frozenset[str]:
    """Every key; two records that share none are not compared, however alike they are otherwise."""
    return frozenset(_keys(record))


def name_keys(text: str) -> frozenset[str]:
    """The keys that a whole name has in common with its other spellings."""
    return frozenset(_whole(name(text)))


def _keys(record: Record) -> Iterator[str]:
    for text in record.names:
        yield from _of_name(name(text))
    for address in record.emails:
        yield from _of_mail(address)
    for number in record.phones:
        yield f"p:{tail(number)}"
    for reference in record.bookings:
        yield from _of_booking(alike(reference))


def _whole(one: Name) -> Iterator[str]:
    sounds = "".join(sorted("".join(one.sound)))
    if len(one.sound) > 1 and len(sounds) >= LETTERS_MIN:
        yield f"s:{sounds}"
    if one.script != "abjad" and len(one.latin) > 1:
        yield f"a:{''.join(sorted(''.join(one.latin)))}"


def _of_name(one: Name) -> Iterator[str]:
    yield from _whole(one)
    if one.script == "han":
        return  # its syllables are too short to be looked for one by one
    for word in one.sound[:WORDS_MAX]:
        for other in one.sound[:WORDS_MAX]:
            if word != other and len(word) > 1:
                yield f"w:{word}:{other[0]}"


def _of_mail(address: str) -> Iterator[str]:
    one = mail(address)
    yield f"m:{one.box}"
    letters = "".join(one.words)
    if len(one.local) >= 6:
        yield f"l:{one.local}"
    if len(one.words) > 1:
        yield from _of_name(name(" ".join(one.words)))
    elif len(letters) > LETTERS_MIN:
        yield f"a:{''.join(sorted(letters))}"


def _of_booking(value: str) -> Iterator[str]:
    """Its two halves: one slip leaves one of them as it was."""
    half = len(value) // 2
    if half > 1:
        yield f"b:{value[:half]}"
        yield f"e:{value[-half:]}"
