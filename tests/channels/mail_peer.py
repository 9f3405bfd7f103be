"""A mail server as the carrier of mail."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pharos.channels import Outbound
from tests.channels.conftest import Mailbox, mail_server, outbound


class MailPeer:
    """Takes mail, or says no to the recipient."""

    nowhere = "nobody\r\nBcc: all@example.org"

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def outbound(self, **fields: Any) -> Outbound:
        """A mail."""
        return outbound(**fields)

    def refuse(self, *, permanent: bool) -> None:
        """Say no to every recipient."""
        self._mailbox.says["RCPT"] = lambda _: "550 no such user" if permanent else "450 busy"

    def texts(self) -> list[str]:
        """The plain texts."""
        bodies = [mail.get_body(("plain",)) for mail in self._mailbox.mails]
        return [body.get_content().rstrip() for body in bodies if body]


@contextmanager
def opened(settings: Any, folder: Path) -> Iterator[MailPeer]:
    """A server to which the product sends."""
    with mail_server() as mailbox:
        settings.OUTBOX_DIR = folder / "outbox"
        settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"smtp_url": mailbox.url})
        yield MailPeer(mailbox)
