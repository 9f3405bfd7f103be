"""Whether two contacts are one person: how likely, why, and what may be done about it.

A suggestion needs more than a telephone number, which families, firms and agencies share. Nothing here joins anything.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import log2
from typing import Final, Literal, NamedTuple, TypeAlias

from pharos.engine import identity_levels as levels
from pharos.engine.identity_forms import folded, mail, name
from pharos.engine.identity_learning import rare
from pharos.engine.identity_table import M, U

Verdict: TypeAlias = Literal["certain", "likely", "none"]
WITHIN: Final = timedelta(hours=72)  # in which an equal verified address and matter is the same request again
FRESH: Final = timedelta(
    hours=24
)  # in which somebody who writes again means the same matter, if nothing speaks against
LIKELY: Final = 0.5
REPEATS: Final = 0.3  # contacts of the same person that a contact has among all, before any look
FEW: Final = 100  # people: with fewer, as if there were as many
TRUST: Final = 1_000  # people who had to be seen before what they hold in common counts more than the table
ALONE_MIN: Final = 1.0  # bits beside a telephone number before anything is suggested
TOLD_MIN: Final = 0.5  # bits from which a reason is told
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "email": levels.EMAIL,
    "handle": levels.HANDLE,
    "phone": levels.PHONE,
    "booking": levels.BOOKING,
    "name": levels.NAME,
    "mail_name": levels.MAIL_NAME,
    "language": levels.LANGUAGE,
    "text": levels.TEXT,
}
SHARED: Final = ("email", "handle", "phone", "booking", "name")  # a value that many hold tells less


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What is known of one contact. Addresses as kept, numbers in E.164; `verified`: addresses proven to be theirs.

    `kind`: what the request is about, "" for not said.
    """

    key: int = 0
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    bookings: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    text: str = ""
    kind: str = ""
    at: datetime | None = None
    verified: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Seen:
    """How many people are known, and how many *others* than the two hold a value: by field and `held` form."""

    people: int = 0
    others: Mapping[tuple[str, str], int] = field(default_factory=dict)


class Reason(NamedTuple):
    """Why: a field and how it agrees ("email_same", "name_near"), in bits for (or against) one person."""

    code: str
    weight: float
    params: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How likely two contacts are one person, the reasons with the strongest first."""

    probability: float
    weight: float
    reasons: tuple[Reason, ...]
    verdict: Verdict
    same_matter: bool


Levels: TypeAlias = dict[str, int]
_BITS: Final = {of: [log2(M[of][level] / U[of][level]) for level in steps] for of, steps in FIELDS.items()}


def compare(a: Record, b: Record, *, seen: Seen | None = None) -> Likeness:
    """How alike they are, among the people who are known. The same either way round."""
    seen = seen or Seen()
    reasons = [_reason(of, level, a, b, seen) for of, level in agreement(a, b).items() if level != levels.MISSING]
    weight = sum(reason.weight for reason in reasons)
    chance = _chance(weight, seen.people)
    told = sorted((one for one in reasons if abs(one.weight) >= TOLD_MIN), key=lambda one: -one.weight)
    return Likeness(chance, weight, tuple(told), _verdict(a, b, reasons, chance), same_matter(a, b))


def could_be(a: Record, b: Record, *, seen: Seen | None = None) -> bool:
    """Whether the words of both, not looked at here, could still make them likely or certain."""
    seen = seen or Seen()
    found = agreement(replace(a, text=""), replace(b, text=""))
    weight = sum(_reason(of, level, a, b, seen).weight for of, level in found.items() if level != levels.MISSING)
    return _chance(weight + max(_BITS["text"]), seen.people) >= LIKELY


def agreement(a: Record, b: Record) -> Levels:
    """The level of each of `FIELDS`, `MISSING` where one of them has nothing to compare."""
    named = levels.names(a.names, b.names)
    fits = levels.MISSING
    if named == levels.MISSING:
        fits = levels.best((levels.mail_name(a.names, b.emails), levels.mail_name(b.names, a.emails)))
    return {
        "email": levels.email(a.emails, b.emails),
        "handle": levels.handle(a.handles, b.handles),
        "phone": levels.phone(a.phones, b.phones),
        "booking": levels.booking(a.bookings, b.bookings),
        "name": named,
        "mail_name": fits,
        "language": levels.language(a.languages, b.languages),
        "text": levels.text(a.text, b.text),
    }


def held(of: str, value: str) -> str:
    """The form in which a value is counted."""
    return _HELD[of](value)


_HELD: Final[Mapping[str, Callable[[str], str]]] = {
    "email": lambda value: mail(value).address,
    "handle": folded,
    "phone": str,
    "booking": str,
    "name": lambda value: " ".join(sorted(name(value).sound)),
}


def same_matter(a: Record, b: Record) -> bool:
    """Whether both are about one thing: the booking decides, then the words, then how soon one came after the other."""
    booked = levels.booking(a.bookings, b.bookings)
    if booked != levels.MISSING:
        return booked == 0
    if a.kind and b.kind and a.kind != b.kind:
        return False
    said = levels.text(a.text, b.text)
    if said in {0, 1}:
        return True
    return a.at is not None and b.at is not None and abs(a.at - b.at) <= FRESH


def is_certain(a: Record, b: Record) -> bool:
    """Whether both wrote from one verified address, soon after each other, about one thing, and no name speaks against.

    A telephone number makes nothing certain.
    """
    if a.at is None or b.at is None or abs(a.at - b.at) > WITHIN:
        return False
    proven = {folded(one) for one in a.verified | b.verified}
    common = [{folded(one) for one in (*record.emails, *record.handles)} & proven for record in (a, b)]
    if not common[0] & common[1]:
        return False
    return levels.names(a.names, b.names) not in _OTHER_NAMES and same_matter(a, b)


_OTHER_NAMES: Final = frozenset(levels.NAME.index(level) for level in ("one_word", "other"))


def _reason(of: str, level: int, a: Record, b: Record, seen: Seen) -> Reason:
    weight = _BITS[of][level]
    code, params = f"{of}_{FIELDS[of][level]}", _params(of, a, b)
    if level == 0 and of in SHARED:
        others = min(seen.others.get((of, held(of, one)), 0) for one in _common(of, a, b) or ("",))
        common = U[of]["same"]
        weight += rare(common, (others + TRUST * common) / (seen.people + TRUST))
        params |= {"others": others}
    return Reason(code, weight, params)


def _values(of: str, record: Record) -> tuple[str, ...]:
    by_field = {
        "email": record.emails,
        "handle": record.handles,
        "phone": record.phones,
        "booking": record.bookings,
        "name": record.names,
    }
    return by_field.get(of, ())


def _common(of: str, a: Record, b: Record) -> list[str]:
    """The values that both hold; of names, all, because they may be spelled in two scripts."""
    if of == "name":
        return [*a.names, *b.names]
    theirs = {held(of, one) for one in _values(of, b)}
    return [one for one in _values(of, a) if held(of, one) in theirs]


def _params(of: str, a: Record, b: Record) -> dict[str, str | int]:
    one, other = _values(of, a), _values(of, b)
    return {"one": one[0], "other": other[0]} if one and other else {}


def _chance(weight: float, people: int) -> float:
    bits = weight + log2(REPEATS / max(people, FEW))
    return 1 / (1 + 2 ** -max(-60.0, min(60.0, bits)))


def _verdict(a: Record, b: Record, reasons: Sequence[Reason], chance: float) -> Verdict:
    if is_certain(a, b):
        return "certain"
    beside = sum(max(0.0, one.weight) for one in reasons if not one.code.startswith(_NO_GROUND))
    return "likely" if chance >= LIKELY and beside >= ALONE_MIN else "none"


_NO_GROUND: Final = ("phone_", "language_")
