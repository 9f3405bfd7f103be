"""Contacts of a made day as the engine sees them, the pairs worth a look, and the weights learned on some of them."""

import json
import random
import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import numpy as np
import phonenumbers

from bench.likeness.linkage import Column, Pair, rows, same_value
from pharos.engine import identity_learning as learning
from pharos.engine import identity_levels as levels
from pharos.engine.identity import FIELDS, Likeness, Record, Seen, agreement, compare, held
from pharos.engine.identity_keys import keys

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
CROWD = 200  # people who share a key, beyond which it finds nobody
RANDOM_PAIRS = 200_000
# What is believed before anything is seen, and how much it weighs: made days are tidier than life.
BELIEFS: dict[str, tuple[float, ...]] = {
    "email": (0.80, 0.02, 0.03, 0.15),
    "handle": (0.90, 0.10),
    "phone": (0.75, 0.05, 0.02, 0.18),
    "booking": (0.85, 0.03, 0.12),
    "name": (0.75, 0.12, 0.06, 0.03, 0.04),
    "mail_name": (0.45, 0.25, 0.30),
    "language": (0.93, 0.07),
    "text": (0.15, 0.15, 0.15, 0.20, 0.35),
}
BELIEF = 0.3
# How often two people agree at least: families share bookings and numbers, many are asked to send the same words, and
# no set is large enough to have seen what is rare.
LEAST_U: dict[str, tuple[float, ...]] = {
    "email": (1e-5, 2e-5, 1e-4),
    "handle": (1e-5,),
    "phone": (2e-4, 2e-4, 5e-4),
    "booking": (5e-5, 2e-4),
    "name": (5e-4, 1.5e-3, 5e-3, 5e-2),
    "mail_name": (1e-3, 1e-2),
    "language": (0.4,),
    "text": (5e-4, 1e-3, 5e-3, 2e-2),
}


@dataclass(frozen=True)
class Day:
    """The contacts in their order, and who each was of."""

    records: list[Record]
    people: list[int]

    def truth(self, among: Collection[int] | None = None) -> set[Pair]:
        groups: defaultdict[int, list[int]] = defaultdict(list)
        for number, person in enumerate(self.people):
            if among is None or number in among:
                groups[person].append(number)
        return {pair for group in groups.values() for pair in combinations(group, 2)}


def day(path: Path) -> Day:
    """The contacts of a file; their addresses count as verified."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return Day(
        [_record(number, line) for number, line in enumerate(lines)], [line["truth"]["person"] for line in lines]
    )


def _record(number: int, line: dict[str, object]) -> Record:
    email = str(line["email"]).lower()
    return Record(
        key=number,
        emails=(email,) if email else (),
        phones=_phones(str(line["phone"])),
        bookings=(str(line["booking"]).upper(),) if line["booking"] else (),
        names=(str(line["name"]),) if line["name"] else (),
        languages=(str(line["language"]),),
        text=str(line["text"]),
        kind=str(line["request_type"]),
        at=BEGIN + timedelta(seconds=float(str(line["at_s"]))),
        verified=frozenset({email} - {""}),
    )


def _phones(typed: str) -> tuple[str, ...]:
    if not typed:
        return ()
    number = phonenumbers.parse(typed, "GB")
    return (phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),)


def is_taught(number: int) -> bool:
    """Whether the weights were learned on this contact."""
    return zlib.crc32(str(number).encode()) % 2 == 0


def blocks(records: Sequence[Record]) -> dict[str, list[int]]:
    """Who is found under which key."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number, record in enumerate(records):
        for key in keys(record):
            found[key].append(number)
    return {key: numbers for key, numbers in found.items() if 1 < len(numbers) <= CROWD}


def worth(records: Sequence[Record]) -> set[Pair]:
    """Pairs that share a key."""
    return {pair for numbers in blocks(records).values() for pair in combinations(numbers, 2)}


def seen(records: Sequence[Record], a: Record, b: Record, holders: Counter[tuple[str, str]]) -> Seen:
    """How many others hold what these two hold."""
    others: dict[tuple[str, str], int] = {}
    own = [set(_held(record)) for record in (a, b)]
    for value in own[0] & own[1]:
        others[value] = holders[value] - 2
    return Seen(people=len(records), others=others)


def holders(records: Iterable[Record]) -> Counter[tuple[str, str]]:
    """How many contacts hold each value."""
    return Counter(value for record in records for value in set(_held(record)))


def _held(record: Record) -> list[tuple[str, str]]:
    by_field = {"email": record.emails, "phone": record.phones, "booking": record.bookings, "name": record.names}
    return [(of, held(of, value)) for of, values in by_field.items() for value in values]


def learned(folder: Path) -> learning.Chances:
    """The chances that ship."""
    whole = day(folder / "wave/cancellation-day.jsonl").records
    records = [record for record in whole if is_taught(record.key)]
    rng = random.Random(11)
    sizes = [len(steps) for steps in FIELDS.values()]
    drawn = [tuple(rng.sample(range(len(records)), 2)) for _ in range(RANDOM_PAIRS)]
    apart = matrix(records, drawn)  # type: ignore[arg-type]
    names = list(FIELDS)
    begin = [_names_of(folder) if of == "name" else BELIEFS[of] for of in names]
    passes = [
        learning.Pass(matrix(records, sorted(pairs)), frozenset({names.index(of)}))
        for of in ("email", "phone", "booking", "name")
        if (pairs := _sharing(records, of))
    ]
    u = learning.counted(apart, sizes)
    least = [LEAST_U[of] for of in names]
    for _ in range(3):  # the few of one person among those drawn are found and left out
        chances = learning.learn(passes, u, begin=begin, belief=BELIEF)
        two = 1 - learning.probability(learning.scored(apart, chances), 0.5 / len(records))
        u = learning.at_least(learning.counted(apart, sizes, weights=two, extra=0.1), least)
    return learning.in_order(learning.learn(passes, u, begin=begin, belief=BELIEF))


def matrix(records: Sequence[Record], pairs: Iterable[Pair]) -> learning.Levels:
    """The levels of each pair."""
    return np.array([list(agreement(records[a], records[b]).values()) for a, b in pairs], dtype=np.int8)


def _sharing(records: Sequence[Record], of: str) -> set[Pair]:
    buckets: defaultdict[str, list[int]] = defaultdict(list)
    for number, record in enumerate(records):
        for field, value in _held(record):
            if field == of:
                buckets[value].append(number)
    return {pair for numbers in buckets.values() if len(numbers) <= CROWD for pair in combinations(numbers, 2)}


def _names_of(folder: Path) -> tuple[float, ...]:
    """How often one person's name is spelled how: learned beside addresses and births, with slips of the finger."""
    columns = [Column("given_name"), Column("surname"), Column("suburb"), Column("soc_sec_id", "number")]
    columns += [Column("date_of_birth", "number"), Column("postcode", "number"), Column("address_1")]
    _plain, table = rows(folder / "record_linkage/febrl/dataset3.csv", columns)
    beside = columns[2:]
    rng = random.Random(12)

    def compared(pairs: Iterable[Pair]) -> learning.Levels:
        found = []
        for a, b in pairs:
            one, other = ([f"{row['given_name']} {row['surname']}"] for row in (table[a], table[b]))
            found.append(
                [levels.names(one, other), *(each.compare(table[a][each.name], table[b][each.name]) for each in beside)]
            )
        return np.array(found, dtype=np.int8)

    sizes = [len(levels.NAME), *(4 for _ in beside)]
    drawn = [tuple(rng.sample(range(len(table)), 2)) for _ in range(50_000)]
    u = learning.counted(compared(drawn), sizes)  # type: ignore[arg-type]
    begin = [BELIEFS["name"], *((0.75, 0.12, 0.05, 0.08) for _ in beside)]
    passes = [
        learning.Pass(compared(sorted(set(same_value(table, [each.name], 30)))), frozenset({1 + place}))
        for place, each in enumerate(beside)
        if each.name in {"soc_sec_id", "date_of_birth"}
    ]
    return learning.learn(passes, u, begin=begin).m[0]


def source(chances: learning.Chances) -> str:
    """The module that ships."""
    found = learning.table(chances, FIELDS)
    lines = [
        '"""How often each level of agreement is met: M among pairs of one person, U among pairs of two people.',
        "",
        "Made without labels by `python -m bench.identity --data FOLDER --make`; docs/identity.md says from what.",
        '"""',
        "",
        "from collections.abc import Mapping",
        "from typing import Final",
        "",
    ]
    for name, side in (("M", 0), ("U", 1)):
        lines.append(f"{name}: Final[Mapping[str, Mapping[str, float]]] = {{")
        for of, steps in found.items():
            inner = ", ".join(f'"{level}": {both[side]:.4g}' for level, both in steps.items())
            lines.append(f'    "{of}": {{{inner}}},')
        lines.append("}")
    return "\n".join(lines) + "\n"


def scored(records: Sequence[Record], among: Collection[int]) -> dict[Pair, Likeness]:
    """How alike the pairs are that share a key."""
    counts = holders(records)
    pairs = sorted(pair for pair in worth(records) if pair[0] in among and pair[1] in among)
    return {
        (a, b): compare(records[a], records[b], seen=seen(records, records[a], records[b], counts)) for a, b in pairs
    }


def shared(records: Sequence[Record], pair: Pair) -> set[str]:
    """In which fields two contacts have an equal value."""
    one, other = (set(_held(records[number])) for number in pair)
    return {of for of, _value in one & other}


def exact(records: Sequence[Record], among: Collection[int]) -> set[Pair]:
    """The baseline: every pair with any equal address, number or booking."""
    some = [replace(record, names=()) if record.key in among else Record() for record in records]
    return {pair for of in ("email", "phone", "booking") for pair in _sharing(some, of)}
