"""One request over HTTP, whoever asks: what comes back, how much of it, and what is known when nothing does."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from ipaddress import ip_network

import pytest
from django.conf import settings

from pharos.channels import DeliveryError
from pharos.channels.calls import NoAnswer, call
from pharos.channels.social.asking import ask

HEAD = b"HTTP/1.1 200 OK\r\nRetry-After: 7\r\nContent-Length: 100000\r\n\r\n"


@pytest.fixture(autouse=True)
def _inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.ENVIRONMENT, "webhook_networks", [ip_network("127.0.0.0/8")])


@pytest.fixture
def saying() -> Iterator[Callable[[bytes], str]]:
    """A server that gives these bytes to whoever asks, and holds the line until the test is over."""
    over, servers = threading.Event(), list[tuple[socket.socket, threading.Thread]]()

    def serve(server: socket.socket, said: bytes) -> None:
        with suppress(OSError):
            line, _ = server.accept()
            with line:
                line.recv(65536)
                line.sendall(said)
                over.wait(20)

    def start(said: bytes) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=serve, args=(server, said), daemon=True)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.getsockname()[1]}/"

    yield start
    over.set()
    for server, thread in servers:
        server.close()
        thread.join(5)


def test_answer_that_is_too_long_is_cut_and_nobody_waits_for_the_rest(saying):
    answer = call("GET", saying(HEAD + b"x" * 50), headers={}, most_bytes=10)
    assert (answer.status, answer.headers["retry-after"], answer.body) == (200, "7", b"x" * 11)
    with pytest.raises(DeliveryError) as failure:
        ask("GET", saying(HEAD + b"x" * 50), headers={}, most_bytes=10)
    assert (failure.value.permanent, failure.value.unsure) == (False, True)


def test_answer_that_nobody_reads_is_there_with_its_head(saying):
    answer = call("POST", saying(HEAD), headers={}, content=b"{}", most_bytes=0)
    assert (answer.status, answer.body) == (200, b"")


def test_redirect_is_an_answer_like_any_other(saying):
    there = saying(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
    assert ask("GET", there, headers={}).status == 302


@pytest.mark.parametrize(("said", "found"), [(b'{"id": 1}', {"id": 1}), (b"no", None), (b"[" * 30_000, None)])
def test_answer_as_data(saying, said, found):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(said)
    assert call("GET", saying(head + said), headers={}).json == found


@pytest.mark.parametrize("url", ["http://", "gopher://example.org/", "http://127.0.0.1:1/", "http://nowhere.invalid/"])
def test_what_was_never_sent_is_sure(url):
    with pytest.raises(NoAnswer) as failure:
        call("GET", url, headers={})
    assert not failure.value.unsure


def test_answer_that_breaks_off_may_have_done_it(saying):
    with pytest.raises(NoAnswer) as failure:
        call("POST", saying(HEAD), headers={}, within_s=0.05)
    assert failure.value.unsure
