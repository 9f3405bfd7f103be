"""Passwords are kept as before, and any that were kept before still open."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, make_password


def test_password_opens_what_it_made() -> None:
    assert check_password("correct horse", make_password("correct horse"))
    assert not check_password("another horse", make_password("correct horse"))


def test_password_kept_by_the_framework_opens() -> None:
    assert check_password("correct horse", PBKDF2PasswordHasher().encode("correct horse", "salt"))
