"""Mail per second, durable: in from a real Dovecot by IMAP, out to an SMTP server in a process of its own.

In: each mail is a person's first, with a place in line, a promise and an acknowledgement, on disk before it is marked
there. Out: leased, sent over one connection a hand, settled. SQLite writes with `synchronous=FULL`; PostgreSQL
with `synchronous_commit=on`. One process, one thread in, four threads out, as a worker has them.
"""

import argparse
import contextlib
import imaplib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import NamedTuple

from tests import services

COLUMNS = "{:<12}{:<10}{:>8}{:>10}{:>10}{:>14}"
GOALS = {"in": 20, "out": 50}
HANDS = 4
SINK = """
import asyncio, sys
from aiosmtpd.smtp import SMTP
class Sink:
    async def handle_DATA(self, server, session, envelope):
        return "250 OK"
async def main():
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Sink()), "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()
asyncio.run(main())
"""


class Row(NamedTuple):
    """One line of the table."""

    database: str
    way: str
    mails: int
    seconds: float
    processor_s: float

    def __str__(self) -> str:
        rate = self.mails / self.seconds
        each_ms = 1000 * self.processor_s / self.mails
        return COLUMNS.format(self.database, self.way, self.mails, f"{rate:.0f}", GOALS[self.way], f"{each_ms:.1f} ms")


def mail(number: int) -> bytes:
    """A person's mail, as a mail program writes it."""
    one = EmailMessage(policy=SMTP)
    one["From"], one["To"] = f"Person {number} <p{number}@example.org>", "help@lines.example.org"
    one["Subject"], one["Message-ID"] = f"Ferry {number}", f"<{number}@theirs.example.org>"
    one.set_content(f"My ferry {number} is cancelled and I have nowhere to stay tonight. What can I do?")
    one.add_alternative(f"<p>My ferry <b>{number}</b> is cancelled. What can I do?</p>", subtype="html")
    return one.as_bytes()


@contextlib.contextmanager
def sink() -> Iterator[str]:
    """A mail server that takes everything."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", SINK, str(port)])
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        yield f"smtp://127.0.0.1:{port}?tls=none"
    finally:
        process.terminate()
        process.wait(10)


def measured(count: int) -> None:
    """In this process, whose settings say which database: fill a mailbox, read it, send what is due."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, connections
    from django.utils import timezone

    from pharos.actions import entries
    from pharos.channels.delivery import deliver_messages
    from pharos.channels.email.mailboxes import Reader
    from pharos.models import Contact, Message
    from tests.factories import make_organisation

    call_command("migrate", verbosity=0)
    organisation = make_organisation()
    with services.dovecot() as server:
        client = imaplib.IMAP4(server.host, server.port)
        client.login("help@lines.example.org", "lantern")
        for number in range(count):
            client.append("INBOX", "", "", mail(number))
        client.logout()
        entries.add(
            organisation=organisation,
            channel="email",
            adapter="imap",
            address="help@lines.example.org",
            options={"host": server.host, "port": server.port, "tls": "none", "start": "all"},
            secret={"password": "lantern"},
            now=timezone.now(),
        )
        reader = Reader()
        begun, worked = time.monotonic(), time.process_time()
        while reader.read_due(clock=timezone.now, going=lambda: True):
            pass
        told(connection.vendor, "in", count, begun, worked)
        reader.close()
    assert Contact.objects.count() == count

    def hand() -> None:
        while deliver_messages(clock=timezone.now, going=lambda: True):
            pass
        connections.close_all()

    hands = [threading.Thread(target=hand) for _ in range(HANDS)]
    begun, worked = time.monotonic(), time.process_time()
    for one in hands:
        one.start()
    for one in hands:
        one.join()
    told(connection.vendor, "out", count, begun, worked)
    assert Message.objects.filter(direction="out", state="sent").count() == count


def told(vendor: str, way: str, count: int, begun: float, worked: float) -> None:
    """Print one line."""
    print(Row(vendor, way, count, time.monotonic() - begun, time.process_time() - worked), flush=True)


def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--quick", action="store_true", help="200 mails")
    parser.add_argument("--measured", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measured:
        measured(given.mails)
        return
    mails = min(given.mails, 200) if given.quick else given.mails
    print(COLUMNS.format("database", "way", "mails", "a second", "goal", "our processor"), flush=True)
    with sink() as smtp, services.postgresql() as postgresql, tempfile.TemporaryDirectory() as folder:
        for url in ("", postgresql):
            data = Path(folder, "postgresql" if url else "sqlite")
            environment = {key: value for key, value in os.environ.items() if not key.startswith("PHAROS_")} | {
                "DJANGO_SETTINGS_MODULE": "pharos.settings",
                "PHAROS_DATA_DIR": str(data),
                "PHAROS_DATABASE_URL": url,
                "PHAROS_SMTP_URL": smtp,
            }
            command = [sys.executable, "-m", "bench.mail", "--measured", "--mails", str(mails)]
            subprocess.run(command, env=environment, check=True)


if __name__ == "__main__":
    main()
