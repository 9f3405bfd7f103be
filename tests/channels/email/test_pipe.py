"""`pharos mail-in`: a mail server learns by the exit code whether it must keep the mail."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import OperationalError

from pharos.actions import entries
from pharos.channels.email import inbox, pipe
from pharos.models import Contact, Message
from tests.channels.email.conftest import HELP, make_pipe, written
from tests.channels.test_delivery import address_of_the_database
from tests.factories import NOW, make_organisation


def hand_over(raw: bytes, address: str = HELP, house: str = ""):
    return pipe.hand_over(raw, address=address, house=house, return_path="ani@example.org", now=NOW)


@pytest.mark.django_db
def test_mail_that_is_handed_over_is_taken_in():
    entry = make_pipe(make_organisation())
    assert hand_over(written("Hello"), address="<HELP+x7@lines.example.org>") == (0, "new")
    assert Message.objects.get(direction="in").body.strip() == "Hello"
    entry.refresh_from_db()
    assert entry.read_at == NOW


@pytest.mark.django_db
def test_same_mail_handed_over_again_changes_nothing():
    make_pipe(make_organisation())
    mail = written("Hello")
    assert [hand_over(mail).line for _ in range(2)] == ["new", "again"]
    assert Contact.objects.count() == 1


@pytest.mark.django_db
def test_bad_mail_is_kept_here_and_not_sent_back():
    make_pipe(make_organisation())
    assert hand_over(b"\r\n\r\nno head") == (0, "kept")


@pytest.mark.django_db
def test_address_that_is_not_set_up_leaves_the_mail_with_the_server():
    entry = make_pipe(make_organisation())
    assert hand_over(written("Hello"), address="other@lines.example.org").code == 75
    entries.switch(entry=entry, on=False)
    assert hand_over(written("Hello")).code == 75
    assert not Contact.objects.exists()


@pytest.mark.django_db
def test_two_houses_with_one_address_are_told_apart():
    ours, theirs = make_organisation(), make_organisation()
    for one in (ours, theirs):
        make_pipe(one)
    assert hand_over(written("Hello")).code == 75
    assert hand_over(written("Hello"), house=theirs.slug).code == 0
    assert Contact.objects.get().organisation == theirs


@pytest.mark.django_db
def test_empty_mail_goes_back():
    make_pipe(make_organisation())
    assert hand_over(b" \n").code == 65


@pytest.mark.django_db
def test_trouble_of_our_own_is_raised_so_that_the_server_keeps_the_mail(monkeypatch):
    def away(*_, **__):
        raise OperationalError("away")

    make_pipe(make_organisation())
    monkeypatch.setattr(inbox, "take_in", away)
    with pytest.raises(OperationalError):
        hand_over(written("Hello"))


def piped(*arguments: str, raw: bytes, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    same = {"PHAROS_DATA_DIR": str(settings.DATA_DIR), **environment}
    command = [sys.executable, "-m", "pharos.cli", "mail-in", *arguments]
    return subprocess.run(command, input=raw, env={**os.environ, **same}, capture_output=True, check=False)


def test_command_takes_a_mail_and_says_so_by_its_code(transactional_db):
    make_pipe(make_organisation())
    database = {"PHAROS_DATABASE_URL": address_of_the_database()}
    done = piped(HELP, "--sender", "", raw=written("Hello"), **database)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert Message.objects.get(direction="in").body.strip() == "Hello"


def test_command_has_the_server_keep_the_mail_when_the_database_is_away():
    done = piped(HELP, raw=written("a secret matter"), PHAROS_DATABASE_URL="postgresql://x:y@127.0.0.1:1/none")
    assert (done.returncode, done.stderr) == (75, b"pharos mail-in: not now: OperationalError\n")


def test_command_told_wrongly_has_the_server_keep_the_mail():
    assert piped(raw=written("Hello")).returncode == 75
    assert piped(HELP, "--no-such", raw=written("Hello")).returncode == 75
    assert piped(HELP, raw=written("Hello"), PHAROS_LOG_LEVEL="LOUD").returncode == 75
