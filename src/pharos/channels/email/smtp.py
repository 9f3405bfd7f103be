"""Handing mail to an SMTP server, step by step, so that we know at which step it failed."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import parseaddr
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from pharos.channels import DeliveryError

TIMEOUT_S = 15.0  # for each step
TAKING_S = 45.0  # the last one: servers look for harm while we wait
OK = range(200, 300)
FAILED_FOR_GOOD = range(500, 600)
CLOSING = 421


class Where(NamedTuple):
    """A mail server. `tls`: starttls (must be there), implicit, none, or "" (when the server offers it)."""

    host: str
    port: int
    user: str
    password: str
    tls: str


def where(url: str) -> Where:
    """Read `smtp://user:password@host:587?tls=starttls`."""
    parts = urlsplit(url)
    tls = parse_qs(parts.query).get("tls", [""])[0]
    port = parts.port or (465 if tls == "implicit" else 587 if parts.username else 25)
    return Where(parts.hostname or "localhost", port, unquote(parts.username or ""), unquote(parts.password or ""), tls)


class Server:
    """One connection, made when it is first needed and made again when the server has ended it between two mails."""

    def __init__(self, url: str) -> None:
        self._where = where(url)
        self._smtp: smtplib.SMTP | None = None

    def send(self, mail: EmailMessage) -> None:
        """Hand over one mail to its one recipient; `DeliveryError` when the server did not take it."""
        sender, recipient = parseaddr(mail["From"])[1], parseaddr(mail["To"])[1]
        with self._failures():
            smtp = self._begun(sender)
            _expect(smtp.rcpt(recipient), permanent=True)
        with self._failures(unsure=True):
            if smtp.sock:
                smtp.sock.settimeout(TAKING_S)
            _expect(smtp.data(mail.as_bytes()), permanent=True)

    def close(self) -> None:
        """Say goodbye."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                smtp.quit()
            smtp.close()

    def _begun(self, sender: str) -> smtplib.SMTP:
        """A connection on which the server has accepted our sender."""
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPServerDisconnected):
                if self._smtp.sock:
                    self._smtp.sock.settimeout(TIMEOUT_S)
                self._smtp.rset()
                answer = self._smtp.mail(sender)
                if answer[0] != CLOSING:
                    _expect(answer, permanent=False)
                    return self._smtp
            self.close()
        self._smtp = self._connect()
        _expect(self._smtp.mail(sender), permanent=False)
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        to = self._where
        if to.tls == "implicit":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                to.host, to.port, timeout=TIMEOUT_S, context=ssl.create_default_context()
            )
        else:
            smtp = smtplib.SMTP(to.host, to.port, timeout=TIMEOUT_S)
        try:
            smtp.ehlo_or_helo_if_needed()
            if to.tls == "starttls" or (not to.tls and smtp.has_extn("starttls")):
                smtp.starttls(context=ssl.create_default_context() if to.tls or to.user else _unverified())
                smtp.ehlo()
            elif to.user and to.tls != "none" and not isinstance(smtp, smtplib.SMTP_SSL):
                raise DeliveryError("the server offers no encryption for our password", permanent=False, down=True)
            if to.user:
                smtp.login(to.user, to.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    @contextmanager
    def _failures(self, *, unsure: bool = False) -> Iterator[None]:
        """Turn what goes wrong on the wire into a `DeliveryError`; the connection is then of no more use."""
        try:
            yield
        except smtplib.SMTPResponseException as error:
            self.close()
            raise DeliveryError(_said(error.smtp_code, error.smtp_error), permanent=False, down=True) from None
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise DeliveryError(type(error).__name__, permanent=False, unsure=unsure, down=True) from None


def _expect(answer: tuple[int, bytes], *, permanent: bool) -> None:
    """Go on when the server says yes. `permanent`: its final no at this step is about this mail, not about us."""
    code, said = answer
    if code not in OK:
        final = permanent and code in FAILED_FOR_GOOD
        raise DeliveryError(_said(code, said), permanent=final, down=code == CLOSING)


def _said(code: int, said: bytes | str) -> str:
    text = said.decode("ascii", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())}"


def _unverified() -> ssl.SSLContext:
    """Encryption that was not asked for is taken as it is offered: better than none."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
