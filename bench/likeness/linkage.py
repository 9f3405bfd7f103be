"""Linking the rows of any table of people without labels: the engine's learning with fields of the table's own."""

import csv
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from pharos.engine import identity_learning as learning
from pharos.engine import identity_levels as levels
from pharos.engine.identity_forms import folded

RANDOM_PAIRS = 200_000
TEACHING_MAX = 100  # rows that share a value which pairs are taught by
RARE, SOME = 12, 60  # rows that share one value, or two values, and are compared
BELIEFS = {"word": (0.75, 0.12, 0.05, 0.08), "number": (0.8, 0.1, 0.03, 0.07)}
Pair = tuple[int, int]
Row = Mapping[str, str]


@dataclass(frozen=True)
class Column:
    """One field of the table: how it is compared, and whether a rare value of it tells more."""

    name: str
    sort: str = "word"

    @property
    def compare(self) -> Callable[[str, str], int]:
        return levels.word if self.sort == "word" else levels.number


@dataclass(frozen=True)
class Linked:
    """Every pair that was compared, and how likely it is one person."""

    pairs: list[Pair]
    chances: Any
    prior: float

    def above(self, limit: float) -> set[Pair]:
        return {pair for pair, chance in zip(self.pairs, self.chances, strict=True) if chance >= limit}


def rows(path: Path, columns: Sequence[Column]) -> tuple[list[Row], list[Row]]:
    """The rows as they are, and folded with these columns alone."""
    with path.open(encoding="utf-8", newline="") as file:
        plain = [
            {key.strip(): (value or "").strip() for key, value in row.items() if key}
            for row in csv.DictReader(file, skipinitialspace=True)
        ]
    return plain, [{one.name: folded(row.get(one.name, "")) for one in columns} for row in plain]


def same_value(table: Sequence[Row], names: Sequence[str], most: int) -> Iterator[Pair]:
    """Pairs that agree in all of these columns, where not more than `most` do."""
    buckets: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, row in enumerate(table):
        key = tuple(row[name] for name in names)
        if all(key):
            buckets[key].append(number)
    for bucket in buckets.values():
        if 1 < len(bucket) <= most:
            yield from combinations(bucket, 2)


def blocked(table: Sequence[Row], columns: Sequence[Column]) -> list[Pair]:
    """Pairs that agree in a rare value or in any two."""
    names = [one.name for one in columns]
    found = {pair for name in names for pair in same_value(table, [name], RARE)}
    for two in combinations(names, 2):
        found.update(same_value(table, two, SOME))
    return sorted(found)


def compared(
    table: Sequence[Row], columns: Sequence[Column], pairs: Iterable[Pair], swaps: Sequence[str]
) -> learning.Levels:
    """The levels of each pair; two columns of `swaps` may have changed places in one of the rows."""
    return np.array([_levels(table[a], table[b], columns, swaps) for a, b in pairs], dtype=np.int8)


def _levels(one: Row, other: Row, columns: Sequence[Column], swaps: Sequence[str]) -> list[int]:
    plain = [column.compare(one[column.name], other[column.name]) for column in columns]
    if len(swaps) == 2 and any(one[name] and one[name] == other[swaps[1 - n]] for n, name in enumerate(swaps)):
        turned = {**other, swaps[0]: other[swaps[1]], swaps[1]: other[swaps[0]]}
        crossed = [column.compare(one[column.name], turned[column.name]) for column in columns]
        if sum(level == 0 for level in crossed) > sum(level == 0 for level in plain):
            return crossed
    return plain


def link(table: Sequence[Row], columns: Sequence[Column], *, swaps: Sequence[str] = (), seed: int = 7) -> Linked:
    """Learn on the table itself, without labels, and score all pairs that are worth a look."""
    sizes = [4 for _ in columns]
    rng = random.Random(seed)
    size = len(table)
    drawn = {tuple(sorted(rng.sample(range(size), 2))) for _ in range(RANDOM_PAIRS)}
    u = learning.counted(compared(table, columns, drawn, swaps), sizes)  # type: ignore[arg-type]
    passes = []
    for number, column in enumerate(columns):
        taught = sorted(set(same_value(table, [column.name], TEACHING_MAX)))
        if len(taught) > 50_000:
            taught = rng.sample(taught, 50_000)
        if taught:
            passes.append(learning.Pass(compared(table, columns, taught, swaps), frozenset({number})))
    chances = learning.learn(passes, u, begin=[BELIEFS[one.sort] for one in columns])
    pairs = blocked(table, columns)
    found = compared(table, columns, pairs, swaps)
    weights = learning.scored(found, chances) + rarity(table, columns, pairs, found, u)
    whole = size * (size - 1) // 2
    share = learning.prior(weights, whole, guess=1 / size)
    return Linked(pairs, learning.probability(weights, share), share)


def rarity(
    table: Sequence[Row], columns: Sequence[Column], pairs: Sequence[Pair], found: learning.Levels, u: Any
) -> Any:
    """Bits for how rare the shared values are."""
    more = np.zeros(len(pairs))
    for number, column in enumerate(columns):
        counts = Counter(row[column.name] for row in table if row[column.name])
        whole = sum(counts.values())
        for place in np.flatnonzero(found[:, number] == 0):
            value = table[pairs[place][0]][column.name]
            if counts[value] > 1:
                more[place] += learning.rare(u[number][0], counts[value] / whole)
    return more


def closed(pairs: Iterable[Pair]) -> set[Pair]:
    """All pairs of each group that these make."""
    leader: dict[int, int] = {}

    def find(one: int) -> int:
        while leader.setdefault(one, one) != one:
            one = leader[one]
        return one

    for a, b in pairs:
        leader[find(a)] = find(b)
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for one in leader:
        groups[find(one)].append(one)
    return {pair for group in groups.values() for pair in combinations(sorted(group), 2)}


def measures(found: set[Pair], truth: set[Pair]) -> tuple[float, float, float]:
    """Precision, recall, F1."""
    right = len(found & truth)
    precision, recall = right / max(len(found), 1), right / max(len(truth), 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def true_pairs(keys: Sequence[Any]) -> set[Pair]:
    """Pairs with an equal key."""
    groups: defaultdict[Any, list[int]] = defaultdict(list)
    for number, key in enumerate(keys):
        groups[key].append(number)
    return {pair for group in groups.values() for pair in combinations(group, 2)}


def equal(table: Sequence[Row], *columns: Sequence[str]) -> set[Pair]:
    """The baseline: pairs that agree in all of one of these."""
    return {pair for names in columns for pair in same_value(table, names, len(table))}
