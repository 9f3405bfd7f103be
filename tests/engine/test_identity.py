"""Whether two contacts are one person: what joins, what is suggested, and what a number alone never does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations

import pytest

from pharos.engine.identity import FIELDS, Record, Seen, compare, could_be, is_certain, same_matter
from pharos.engine.identity_keys import keys
from pharos.engine.identity_table import M, U

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FERRY = "My ferry to the island was cancelled and I need to be there on Friday"
SARA = Record(
    emails=("sara.ahmadi@example.org",),
    phones=("+447700900871",),
    bookings=("KC5283",),
    names=("Sara Ahmadi",),
    languages=("en",),
    text=FERRY,
    at=AT,
    verified=frozenset({"sara.ahmadi@example.org"}),
)
BEN = Record(
    emails=("ben@example.org",),
    phones=("+447700900111",),
    names=("Ben Okafor",),
    languages=("en",),
    text="Where is my bag?",
)
CROWD = Seen(people=10_000)


def test_table_holds_every_level_and_sums_to_one():
    for table in (M, U):
        assert {of: tuple(steps) for of, steps in table.items()} == {of: tuple(steps) for of, steps in FIELDS.items()}
    assert all(sum(steps.values()) == pytest.approx(1, abs=0.01) for steps in M.values())


def test_closer_agreement_never_tells_less():
    for of in FIELDS:
        odds = [M[of][level] / U[of][level] for level in FIELDS[of]]
        assert all(before >= after * 0.99 for before, after in pairwise(odds)), of


def test_same_person_is_likely_either_way_round():
    again = replace(SARA, text="Any news?", phones=(), verified=frozenset())
    one, other = compare(SARA, again, seen=CROWD), compare(again, SARA, seen=CROWD)
    assert one.verdict in {"likely", "certain"}
    assert one.probability > 0.99
    assert one.weight == pytest.approx(other.weight)


def test_two_people_are_not():
    found = compare(SARA, BEN, seen=CROWD)
    assert found.verdict == "none"
    assert found.probability < 0.001
    assert all(reason.weight < 0 for reason in found.reasons if not reason.code.startswith("language"))


@pytest.mark.parametrize("people", [0, 10, 10_000])
def test_number_alone_is_neither_certain_nor_likely(people):
    one = Record(phones=("+447700900871",), languages=("en",), at=AT, verified=frozenset({"+447700900871"}))
    found = compare(one, one, seen=Seen(people=people))
    assert found.verdict == "none"


def test_number_that_many_hold_tells_less():
    one = Record(phones=("+447700900871",))
    rare = compare(one, one, seen=Seen(10_000, {("phone", "+447700900871"): 0})).weight
    common = compare(one, one, seen=Seen(10_000, {("phone", "+447700900871"): 40})).weight
    assert common < rare - 3


def test_common_name_alone_suggests_nobody_among_many():
    one = Record(names=("Li Wei",), text="A refund, please", languages=("en",))
    other = replace(one, text="Where does the coach stop now?")
    assert compare(one, other, seen=Seen(10_000, {("name", "l v"): 60})).verdict == "none"


def test_rule_for_certain():
    again = replace(SARA, at=AT + timedelta(hours=60), verified=frozenset())
    assert is_certain(SARA, again)
    assert not is_certain(SARA, replace(again, at=AT + timedelta(hours=73)))
    assert not is_certain(SARA, replace(again, emails=("other@example.org",)))
    assert not is_certain(SARA, replace(again, names=("Ben Okafor",)))
    assert not is_certain(SARA, replace(again, names=("Reza Ahmadi",)))  # a family's mailbox
    assert not is_certain(SARA, replace(again, bookings=("ZZ9999",)))
    assert not is_certain(replace(SARA, verified=frozenset()), again)
    assert is_certain(SARA, replace(again, names=("سارا احمدی",)))


def test_same_matter_by_booking_then_words_then_time():
    plain = replace(SARA, bookings=())
    late = AT + timedelta(hours=48)
    assert same_matter(SARA, replace(SARA, text="Any news?", at=late))
    assert not same_matter(SARA, replace(SARA, bookings=("ZZ9999",)))
    assert same_matter(plain, replace(plain, at=late))
    assert not same_matter(plain, replace(plain, text="Any news?", at=late))
    assert same_matter(plain, replace(plain, text="Any news?", at=AT + timedelta(hours=2)))
    assert not same_matter(replace(plain, kind="refund"), replace(plain, kind="lost_property"))


def test_reasons_name_the_strongest_first():
    found = compare(SARA, replace(SARA, phones=("+447700900111",)), seen=CROWD)
    weights = [reason.weight for reason in found.reasons]
    assert weights == sorted(weights, reverse=True)
    assert found.reasons[-1].code == "phone_other"
    assert found.reasons[0].params["one"]


def test_could_be_never_drops_what_is_suggested():
    some = (SARA, BEN, replace(SARA, emails=()), replace(SARA, names=(), phones=()), replace(BEN, names=("B. Okafor",)))
    for one, other in permutations(some, 2):
        if compare(one, other, seen=CROWD).verdict != "none":
            assert could_be(one, other, seen=CROWD)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Record(names=("سارا احمدی",)), Record(names=("Sara Ahmadi",))),
        (Record(names=("محمدرضا حسینی",)), Record(names=("Hosseini, Mohammad Reza",))),
        (Record(names=("张伟明",)), Record(names=("Weiming Zhang",))),
        (Record(names=("Անի Պետրոսյան",)), Record(names=("Ani Petrosian",))),
        (Record(names=("Jackson Cmielewski",)), Record(names=("J. Cmielewski",))),
        (Record(names=("Caleb Radic",)), Record(emails=("caleb.radic67@example.org",))),
        (Record(emails=("sara.ahmadi+boat@gmail.com",)), Record(emails=("saraahmadi@googlemail.com",))),
        (Record(phones=("+447700900871",)), Record(phones=("07700900871",))),
        (Record(bookings=("MHQMQY",)), Record(bookings=("MHQM0Y",))),
    ],
)
def test_likeness_is_found_by_a_common_key(one, other):
    assert keys(one) & keys(other)


def test_nothing_known_has_no_keys_and_tells_nothing():
    assert keys(Record()) == frozenset()
    found = compare(Record(), Record())
    assert (found.verdict, found.weight, found.reasons) == ("none", 0, ())
