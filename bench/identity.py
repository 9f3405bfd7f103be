"""How well one person is known again: tables of people, a day of contacts, and how fast among 10,000 people.

    python -m bench.identity --data FOLDER [--only tables|contacts|speed]
    python -m bench.identity --data FOLDER --make     learn the table that ships, without labels

The folder holds record_linkage/ (Febrl 1 to 3, fake_1000 of Splink) and wave/ (a day of contacts). Nothing is learned
from labels. What ships was learned on contacts whose place in the file has an even CRC-32; "held" are the others.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.likeness import full, linkage
from bench.likeness.linkage import Column, Pair, closed, equal, measures, true_pairs
from bench.likeness.sightings import Day, day, exact, is_taught, learned, scored, shared, source
from bench.load.centres import DATABASES, centre, share

FEBRL = (
    *(Column(name) for name in ("given_name", "surname", "address_1", "address_2", "suburb", "state")),
    *(Column(name, "number") for name in ("street_number", "postcode", "date_of_birth", "soc_sec_id")),
)
FAKE = (*(Column(name) for name in ("first_name", "surname", "city", "email")), Column("dob", "number"))
TABLE = Path(__file__).parents[1] / "src/pharos/engine/identity_table.py"
PEOPLE, ASKED = 10_000, 300
LIMITS = (0.1, 0.5, 0.9, 0.99)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("PHAROS_BENCH_DATA"))
    parser.add_argument("--only", choices=("tables", "contacts", "speed"))
    parser.add_argument("--quick", action="store_true", help="fewer tables")
    parser.add_argument("--make", action="store_true")
    parser.add_argument("--full", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.full:
        print(json.dumps(asking(asked.full)))
        return
    if asked.data is None and asked.only != "speed":
        print("identity: the sets are left out, they need --data FOLDER")
        asked.only = "speed"
    if asked.make:
        TABLE.write_text(source(learned(asked.data)), encoding="utf-8")
        return
    if asked.only in {None, "tables"}:
        tables(Path(asked.data) / "record_linkage", quick=asked.quick)
    if asked.only in {None, "contacts"}:
        for name, is_taught_on in (("cancellation-day", True), ("small", False)):
            contacts(name, day(Path(asked.data) / f"wave/{name}.jsonl"), is_taught_on=is_taught_on)
    if asked.only in {None, "speed"}:
        speed()


def show(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """One table."""
    table = Table(*heads, title=f"{title}; load {os.getloadavg()[0]:.1f}")
    for row in rows:
        table.add_row(*row)
    Console(width=120).print(table)


def measured(name: str, what: str, found: set[Pair], truth: set[Pair]) -> list[str]:
    """One row."""
    return [name, what, str(len(found)), *(f"{value:.4f}" for value in measures(found, truth))]


def tables(folder: Path, *, quick: bool) -> None:
    """Tables of people: pairs above a limit, and the groups that they make."""
    rows: list[list[str]] = []
    for number in (1,) if quick else (1, 2, 3):
        name = f"febrl/dataset{number}"
        plain, table = linkage.rows(folder / f"{name}.csv", FEBRL)
        truth = true_pairs([row["rec_id"].split("-")[1] for row in plain])
        simple = equal(table, ("given_name", "surname"), ("soc_sec_id",))
        rows += linked(name, table, FEBRL, ("given_name", "surname"), simple=simple, truth=truth, limits=(0.5,))
    plain, table = linkage.rows(folder / "splink/fake_1000.csv", FAKE)
    truth = true_pairs([row["cluster"] for row in plain])
    simple = equal(table, ("first_name", "surname"), ("email",))
    swaps = ("first_name", "surname")
    rows += linked("splink/fake_1000", table, FAKE, swaps, simple=simple, truth=truth, limits=LIMITS)
    for limit, found in reference(folder):
        rows.append(measured("", f"Splink, {limit}", found, truth))
        rows.append(measured("", f"Splink, {limit}, groups", closed(found), truth))
    show("tables of people", ("set", "rule", "pairs", "precision", "recall", "F1"), rows)


def linked(
    name: str,
    table: Sequence[linkage.Row],
    columns: Sequence[Column],
    swaps: Sequence[str],
    *,
    simple: set[Pair],
    truth: set[Pair],
    limits: Sequence[float],
) -> list[list[str]]:
    """The rows of one set."""
    found = linkage.link(table, columns, swaps=swaps)
    rows = [measured(name, "equal whole name or number or address", simple, truth)]
    for limit in limits:
        pairs = found.above(limit)
        rows.append(measured("", f"ours, {limit}", pairs, truth))
        rows.append(measured("", f"ours, {limit}, groups", closed(pairs), truth))
    return rows


def reference(folder: Path) -> list[tuple[float, set[Pair]]]:
    """Splink on the same rows, where it is installed."""
    try:
        from bench.likeness import splinked
    except ImportError:
        return []
    return splinked.pairs(folder / "splink/fake_1000.csv", LIMITS)


def contacts(name: str, one: Day, *, is_taught_on: bool) -> None:
    """What joins by itself and what is suggested, of all pairs and of those that nothing was learned from."""
    rows: list[list[str]] = []
    parts = {"all": set(range(len(one.records)))}
    if is_taught_on:
        parts["held"] = {number for number in parts["all"] if not is_taught(number)}
    for part, among in parts.items():
        truth = one.truth(among)
        sharing = {pair for pair in truth if shared(one.records, pair)}
        only_phone = {pair for pair in sharing if shared(one.records, pair) == {"phone"}}
        found = scored(one.records, among)
        joined = {pair for pair, likeness in found.items() if likeness.verdict == "certain"}
        likely = {pair for pair, likeness in found.items() if likeness.verdict != "none"}
        own = f"{name}, {part}"
        rows.append([own, f"pairs of one person: {len(truth)}, sharing anything: {len(sharing)}", "", "", "", ""])
        rows.append(["", f"of these a number alone: {len(only_phone)}", "", "", "", ""])
        rows.append(measured("", "baseline: any equal address, number, booking", exact(one.records, among), sharing))
        rows.append(measured("", "joined by itself, of all", joined, truth))
        rows.append(measured("", "suggested or joined, of those sharing anything", likely, sharing))
        rows.append(measured("", "suggested or joined, of all", likely, truth))
    show("a day of contacts", ("set", "rule", "pairs", "precision", "recall", "F1"), rows)


def asking(people: int) -> dict[str, Any]:
    """In a process of its own, on a centre's database."""
    import django

    django.setup()
    return {"keys_ms": full.fill(people), **full.ask(ASKED)}


def speed() -> None:
    """How long a new contact takes to be looked for."""
    rows = []
    for database in DATABASES:
        with centre(database) as one:
            one.example()
            told = one.measured("bench.identity", "--full", str(PEOPLE))
        taken = told["taken"]
        figures = [f"{share(taken, part):.1f}" for part in (0.5, 0.95, 0.99)]
        rows.append(
            [database, *figures, f"{max(taken):.1f}", f"{told['keys_ms']:.2f}", f"{told['found']}, {told['right']}"]
        )
    heads = ("database", "p50 ms", "p95", "p99", "worst", "keys and words, ms each", f"found, right of {ASKED}")
    show(f"a new contact among {PEOPLE:,} people", heads, rows)


if __name__ == "__main__":
    sys.exit(main())
