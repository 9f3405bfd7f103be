"""Passwords are kept as before, and any that were kept before still open."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, make_password

from pharos import cores
from pharos.http.passwords import Hasher


def test_password_opens_what_it_made() -> None:
    assert check_password("correct horse", make_password("correct horse"))
    assert not check_password("another horse", make_password("correct horse"))


def test_password_kept_by_the_framework_opens() -> None:
    assert check_password("correct horse", PBKDF2PasswordHasher().encode("correct horse", "salt"))


def test_many_passwords_at_once_are_hashed_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    aside, alone, together = cores.aside, threading.Lock(), threading.Barrier(4)
    crowded = []

    @contextmanager
    def watched() -> Iterator[None]:
        is_alone = alone.acquire(blocking=False)
        crowded.append(not is_alone)
        with aside():
            yield
        if is_alone:
            alone.release()

    def log_in(number: int) -> str:
        together.wait(60)
        return Hasher().encode(f"horse {number}", "salt", iterations=50_000)

    monkeypatch.setattr(cores, "aside", watched)
    with ThreadPoolExecutor(4) as pool:
        hashes = list(pool.map(log_in, range(4)))
    assert crowded == [False] * 4
    assert all(check_password(f"horse {number}", encoded) for number, encoded in enumerate(hashes))
