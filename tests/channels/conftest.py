"""A mail server that keeps what it is given and refuses what it is told to refuse."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from pharos.channels import Outbound, Sender
from tests.factories import NOW


@dataclass
class Mailbox:
    """What arrived, and what the server says: `says` maps a step (MAIL, RCPT, DATA) to a function of the argument."""

    url: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    connections: int = 0
    says: dict[str, Callable[[Any], str | None]] = field(default_factory=dict)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 - the library's name
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        envelope.mail_from = address
        return self._answer("MAIL", address)

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        answer = self._answer("RCPT", address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = self._answer("DATA", envelope.content)
        if answer.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
            self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        return answer

    def _answer(self, step: str, argument: Any) -> str:
        return self.says.get(step, lambda _: None)(argument) or "250 OK"


@contextmanager
def mail_server(**options: Any):
    mailbox = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        mailbox.url = f"smtp://127.0.0.1:{port}"
        yield mailbox
    finally:
        controller.stop()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as one:
        yield one


@pytest.fixture
def smtp(mailbox, settings):
    """The product sends to this server."""
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"smtp_url": mailbox.url})
    return mailbox


@pytest.fixture
def outbox(settings, tmp_path):
    """The folder where mail is kept."""
    settings.OUTBOX_DIR = tmp_path / "outbox"
    return settings.OUTBOX_DIR


def outbound(**fields: Any) -> Outbound:
    values: dict[str, Any] = {
        "key": "m1",
        "sender": Sender("storm-lines", "help@lines.example.org", "Storm Lines", is_demo=False),
        "address": "person@example.org",
        "language": "en",
        "subject": "We have your request",
        "body": "We have it.\n\nYour page: https://lines.example.org/en/r/abc/.",
        "written_at": NOW,
    }
    return Outbound(**{**values, **fields})


def clock() -> datetime:
    return NOW


def authenticate(server, session, envelope, mechanism, data) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"pharos", b"se cret/"), handled=False)


def certificate(folder) -> ssl.SSLContext:
    """A server's context with a certificate that nobody has signed."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.org")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1))  # noqa: DTZ001 - the library wants it so
        .not_valid_after(datetime(2120, 1, 1))  # noqa: DTZ001
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
