"""Several threads, one transaction: all of them kept, and each hears only of its own failure."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest
from django.db import IntegrityError, OperationalError

from pharos.actions.together import Crowd, Together

AWAY, WRONG = -1, -2


class Store:
    """Doubles what it is given, all or nothing; the first time it waits until it is told to go on."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun, self.go_on = threading.Event(), threading.Event()

    def write(self, many: Sequence[int]) -> list[int]:
        self.batches.append(list(many))
        if len(self.batches) == 1:
            self.begun.set()
            assert self.go_on.wait(10)
        if AWAY in many:
            raise OperationalError
        if WRONG in many:
            raise IntegrityError
        return [one * 2 for one in many]


def play(store: Store, numbers: Sequence[int], *, most: int = 32) -> list["Future[int]"]:
    """The first begins; the others come while it is being written, one after another."""
    together = Together(store.write, most=most, crowd=Crowd())
    with ThreadPoolExecutor(len(numbers)) as pool:
        futures = [pool.submit(together.do, numbers[0])]
        assert store.begun.wait(10)
        for count, number in enumerate(numbers[1:], 1):
            futures.append(pool.submit(together.do, number))
            while len(together._waiting) < count:
                pass
        store.go_on.set()
        wait(futures, 10)
    return futures


def test_do_alone_writes_at_once():
    store = Store()
    store.go_on.set()
    assert Together(store.write, most=32).do(4) == 8
    assert store.batches == [[4]]


def test_those_who_come_meanwhile_are_written_at_once():
    store = Store()
    assert [future.result() for future in play(store, [1, 2, 3, 4])] == [2, 4, 6, 8]
    assert store.batches == [[1], [2, 3, 4]]


def test_more_than_one_transaction_takes_are_written_by_the_next():
    store = Store()
    assert [future.result() for future in play(store, [1, 2, 3, 4, 5], most=2)] == [2, 4, 6, 8, 10]
    assert store.batches == [[1], [2, 3], [4, 5]]


def test_one_that_fails_fails_alone():
    store = Store()
    first, second, wrong, last = play(store, [1, 2, WRONG, 3])
    assert [one.result() for one in (first, second, last)] == [2, 4, 6]
    with pytest.raises(IntegrityError):
        wrong.result()
    assert store.batches == [[1], [2, WRONG, 3], [2], [WRONG], [3]]


def test_a_store_that_is_away_is_asked_once_for_all():
    store = Store()
    first, *others = play(store, [1, 2, AWAY, 3])
    assert first.result() == 2
    for one in others:
        with pytest.raises(OperationalError):
            one.result()
    assert store.batches == [[1], [2, AWAY, 3]]


def test_after_a_failure_the_next_is_written():
    store = Store()
    store.go_on.set()
    together = Together(store.write, most=32)
    with pytest.raises(IntegrityError):
        together.do(WRONG)
    assert together.do(2) == 4


def test_the_first_waits_for_whoever_is_about_to_come():
    crowd, store = Crowd(), Store()
    store.go_on.set()
    together = Together(store.write, most=32, crowd=crowd, patience_s=10)
    for _ in range(3):
        crowd.give(threads=4)
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(together.do, number) for number in (1, 2)]
        while len(together._waiting) < 2:
            pass
        assert not any(future.done() for future in futures)
        with crowd.worked_on():
            pass  # the third had nothing to write
        assert sorted(future.result(10) for future in futures) == [2, 4]
    assert [sorted(batch) for batch in store.batches] == [[1, 2]]


def test_more_than_there_are_threads_are_not_waited_for():
    crowd, store = Crowd(), Store()
    store.go_on.set()
    for _ in range(3):
        crowd.give(threads=1)
    assert Together(store.write, most=32, crowd=crowd, patience_s=10).do(1) == 2


def test_whoever_does_not_come_is_not_waited_for_long():
    crowd, store = Crowd(), Store()
    store.go_on.set()
    for _ in range(2):
        crowd.give(threads=2)
    assert Together(store.write, most=32, crowd=crowd).do(1) == 2


def test_work_that_fails_is_over():
    crowd = Crowd()
    crowd.give(threads=2)
    with pytest.raises(ZeroDivisionError), crowd.worked_on():
        raise ZeroDivisionError
    assert crowd.at_once() == 0
