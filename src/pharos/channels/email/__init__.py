"""Mail: by SMTP when a server is set, else kept as files that staff can look at."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from pharos.channels import Outbound, Send
from pharos.channels.email import compose, outbox, smtp
from pharos.channels.email.adapters import ADAPTERS

__all__ = ["ADAPTERS", "Email"]


class Email:
    """The carrier of mail."""

    @contextmanager
    def opened(self) -> Iterator[Send]:
        """One SMTP connection for all messages of the block, made when the first needs it."""
        server = smtp.Server(settings.ENVIRONMENT.smtp_url) if settings.ENVIRONMENT.smtp_url else None

        def send(outbound: Outbound) -> str:
            mail = compose.compose(outbound, secret=settings.SECRET_KEY)
            if server is None or outbound.sender.is_demo:
                outbox.keep(outbound, mail, folder=settings.OUTBOX_DIR)
            else:
                server.send(mail)
            return str(mail["Message-ID"])

        try:
            yield send
        finally:
            if server is not None:
                server.close()
