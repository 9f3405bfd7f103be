"""Handing over to a real mail server: over one connection, and knowing what a refusal means."""

import socket
import threading
from contextlib import closing, contextmanager

import pytest

from pharos.channels import DeliveryError
from pharos.channels.email import smtp
from pharos.channels.email.compose import compose
from pharos.channels.email.smtp import Server, where
from tests.channels.conftest import authenticate, certificate, mail_server, outbound


def mail(**fields):
    return compose(outbound(**fields), secret="s")


def refusal(server, **fields) -> DeliveryError:
    with pytest.raises(DeliveryError) as refused:
        server.send(mail(**fields))
    return refused.value


def test_where_reads_every_part():
    assert where("smtp://pharos:se%20cret%2F@mail.example.org:2525?tls=none") == (
        "mail.example.org", 2525, "pharos", "se cret/", "none",
    )  # fmt: skip
    assert where("smtp://mail.example.org").port == 25
    assert where("smtp://u:p@mail.example.org").port == 587
    assert where("smtp://mail.example.org?tls=implicit").port == 465


def test_server_takes_several_mails_over_one_connection(mailbox):
    with closing(Server(mailbox.url)) as server:
        for number in range(3):
            server.send(mail(key=f"m{number}", address=f"person-{number}@example.org"))
    assert mailbox.connections == 1
    assert mailbox.envelopes == [("help@lines.example.org", [f"person-{number}@example.org"]) for number in range(3)]
    assert mailbox.mails[0]["Subject"] == "We have your request"


def test_server_keeps_a_line_that_begins_with_a_dot(mailbox):
    with closing(Server(mailbox.url)) as server:
        server.send(mail(body="one\n.\n..two\nthree"))
    assert mailbox.mails[0].get_body(("plain",)).get_content().splitlines() == ["one", ".", "..two", "three"]


@pytest.mark.parametrize(
    ("step", "answer", "permanent", "down"),
    [
        ("RCPT", "550 5.1.1 No such person", True, False),
        ("RCPT", "450 4.2.1 Try later", False, False),
        ("MAIL", "550 5.7.1 You may not send", False, False),
        ("MAIL", "451 4.3.0 Not now", False, False),
        ("DATA", "552 5.3.4 Too large", True, False),
        ("DATA", "451 4.3.0 Not now", False, False),
        ("RCPT", "421 4.3.2 Closing", False, True),
    ],
)
def test_server_refusing_tells_whether_to_try_again(mailbox, step, answer, permanent, down):
    mailbox.says[step] = lambda _: answer
    with closing(Server(mailbox.url)) as server:
        refused = refusal(server)
    assert refused.reason == answer
    assert (refused.permanent, refused.down, refused.unsure) == (permanent, down, False)
    assert mailbox.mails == []


def test_server_goes_on_after_a_mail_that_was_refused(mailbox):
    mailbox.says["RCPT"] = lambda address: "550 no" if address.startswith("nobody") else None
    with closing(Server(mailbox.url)) as server:
        refusal(server, address="nobody@example.org")
        server.send(mail())
    assert mailbox.connections == 1
    assert len(mailbox.mails) == 1


def test_server_that_is_not_there_is_down():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with closing(Server(f"smtp://127.0.0.1:{port}")) as server:
        refused = refusal(server)
    assert (refused.reason, refused.permanent, refused.down, refused.unsure) == (
        "ConnectionRefusedError", False, True, False,
    )  # fmt: skip


def test_server_that_ended_the_connection_between_two_mails_is_called_again(mailbox):
    with closing(Server(mailbox.url)) as server:
        server.send(mail())
        assert server._smtp
        assert server._smtp.sock
        server._smtp.sock.shutdown(socket.SHUT_RDWR)
        server.send(mail(key="m2"))
    assert mailbox.connections == 2
    assert len(mailbox.mails) == 2


@contextmanager
def scripted(*answers: bytes):
    """A server that says these lines, one for each line it hears, and then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            wire, _ = listening.accept()
            with wire, wire.makefile("rb") as heard:
                for answer in answers:
                    wire.sendall(answer + b"\r\n")
                    if answer.startswith(b"354"):
                        while heard.readline() != b".\r\n":
                            pass
                    else:
                        heard.readline()

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"smtp://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(10)


def test_server_that_hangs_up_after_the_words_may_have_taken_them():
    greeting = (b"220 hello", b"250 hello", b"250 sender", b"250 recipient", b"354 go on")
    with scripted(*greeting) as url, closing(Server(url)) as server:
        refused = refusal(server)
    assert (refused.permanent, refused.unsure, refused.down) == (False, True, True)


def test_server_that_hangs_up_before_the_words_has_not_taken_them():
    with scripted(b"220 hello", b"250 hello", b"250 sender") as url, closing(Server(url)) as server:
        refused = refusal(server)
    assert (refused.permanent, refused.unsure, refused.down) == (False, False, True)


def test_server_that_says_nothing_is_left_after_a_while(monkeypatch):
    monkeypatch.setattr(smtp, "TIMEOUT_S", 0.05)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        closing(Server(f"smtp://127.0.0.1:{silent.getsockname()[1]}")) as server,
    ):
        refused = refusal(server)
    assert (refused.permanent, refused.unsure, refused.down) == (False, False, True)


def with_password(url: str, tls: str = "") -> str:
    return url.replace("smtp://", "smtp://pharos:se%20cret%2F@") + (f"?tls={tls}" if tls else "")


def test_server_without_encryption_gets_our_password_only_when_told_so():
    with mail_server(authenticator=authenticate, auth_require_tls=False) as mailbox:
        with closing(Server(with_password(mailbox.url))) as server:
            assert refusal(server).reason == "the server offers no encryption for our password"
        with closing(Server(with_password(mailbox.url, "none"))) as server:
            server.send(mail())
        with closing(Server(with_password(mailbox.url, "none").replace("cret", "wrong"))) as server:
            refused = refusal(server)
        assert refused.reason.startswith("535")
        assert (refused.permanent, refused.down) == (False, True)
        with closing(Server(mailbox.url + "?tls=starttls")) as server:
            assert refusal(server).reason == "SMTPNotSupportedError"
    assert len(mailbox.mails) == 1


def test_server_whose_certificate_nobody_signed_is_used_only_where_encryption_was_not_asked_for(tmp_path):
    with mail_server(tls_context=certificate(tmp_path)) as mailbox:
        with closing(Server(mailbox.url)) as server:
            server.send(mail())
        with closing(Server(mailbox.url + "?tls=starttls")) as server:
            assert refusal(server).reason == "SSLCertVerificationError"
    assert len(mailbox.mails) == 1
