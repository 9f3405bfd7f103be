"""Mail as people send it, a real IMAP server, and the mailboxes of an organisation on it."""

import imaplib
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count
from typing import Any

import pytest

from pharos.actions import entries
from pharos.channels.email.mailboxes import Reader
from pharos.models import Channel, EntryPoint, Organisation
from tests import services
from tests.factories import NOW

_numbers = count(1)
HELP = "help@lines.example.org"


@pytest.fixture(scope="session")
def dovecot() -> Iterator[services.Dovecot]:
    """One server for all tests: each takes a mailbox of its own."""
    with services.dovecot() as server:
        yield server


def written(text: str = "My ferry is cancelled. What now?", *, sender: str = "ani@example.org", **heads: str) -> bytes:
    """A mail as a program of a person sends it."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = HELP
    mail["Subject"] = heads.pop("subject", "Ferry")
    mail["Date"] = "Tue, 10 Mar 2026 11:59:00 +0000"
    mail["Message-ID"] = heads.pop("message_id", f"<{next(_numbers)}@theirs.example.org>")
    for name, value in heads.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def make_mailbox(organisation: Organisation, server: services.Dovecot, **options: Any) -> EntryPoint:
    """An entry point whose mailbox nobody else has."""
    address = f"help-{next(_numbers)}@lines.example.org"
    return entries.add(
        organisation=organisation,
        channel=Channel.EMAIL,
        adapter="imap",
        address=address,
        options={"host": server.host, "port": server.port, "tls": "none", "start": "all", **options},
        secret={"password": "lantern"},
        now=NOW,
    )


def make_pipe(organisation: Organisation, address: str = HELP) -> EntryPoint:
    """An entry point for mail that a mail server hands over."""
    return entries.add(organisation=organisation, channel=Channel.EMAIL, adapter="pipe", address=address, now=NOW)


class Box:
    """The mailbox as its owner sees it, with a mail program."""

    def __init__(self, server: services.Dovecot, entry: EntryPoint) -> None:
        self.client = imaplib.IMAP4(server.host, server.port)
        self.client.login(entry.address, "lantern")

    def put(self, *mails: bytes, flags: str = "", came: str = "") -> None:
        """`came`: the day on which the server had it, as 01-Jan-2026; today when it is left out."""
        at = f'"{came} 00:00:00 +0000"' if came else ""
        for mail in mails:
            assert self.client.append("INBOX", flags, at, mail)[0] == "OK"

    def holds(self, folder: str = "INBOX", criteria: str = "ALL") -> int:
        if self.client.select(folder, readonly=True)[0] != "OK":
            return 0
        return len(self.client.search(None, criteria)[1][0].split())


@contextmanager
def box(server: services.Dovecot, entry: EntryPoint) -> Iterator[Box]:
    opened = Box(server, entry)
    try:
        yield opened
    finally:
        opened.client.logout()


@contextmanager
def reading() -> Iterator[Reader]:
    """A reader whose connections are closed at the end."""
    reader = Reader()
    try:
        yield reader
    finally:
        reader.close()


def read(reader: Reader, now=NOW) -> int:
    """Turn after turn until there is nothing to read."""
    total = 0
    while done := reader.read_due(clock=lambda: now, going=lambda: True):
        total += done
    return total
