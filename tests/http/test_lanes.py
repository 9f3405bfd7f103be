"""Passwords and pictures, which take long, hold none of the threads that answer those who ask for help."""

import asyncio
import threading
from collections.abc import Awaitable, Iterator, Sequence
from io import BytesIO

import httpx
import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.urls import reverse
from PIL import Image

from pharos.actions import uploads
from pharos.actions.together import crowd
from pharos.http import lanes, passwords
from pharos.http.bridge import Bridge
from pharos.http.lanes import Lanes
from pharos.models import Attachment, Contact, Organisation
from tests.factories import make_organisation, make_user

SITE = "http://ferry.example.org"
FORM = "/en/request/"
SIGN_IN = "/account/login/"
MANY = 5
EMPTY = b'--x\r\nContent-Disposition: form-data; name="files"; filename=""\r\n\r\n\r\n'


class Gate:
    """In the place of a lock: whoever comes is counted, and waits until it is opened."""

    def __init__(self) -> None:
        self.inside, self.most = 0, 0
        self.reached, self.opened = threading.Semaphore(0), threading.Event()
        self._counting = threading.Lock()

    def __enter__(self) -> None:
        with self._counting:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.reached.release()
        self.opened.wait(20)

    def __exit__(self, *_: object) -> None:
        with self._counting:
            self.inside -= 1


@pytest.fixture
def organisation(transactional_db: None) -> Organisation:
    return make_organisation("ferry", host="ferry.example.org")


@pytest.fixture
def app(organisation: Organisation) -> Iterator[Bridge]:
    """The whole application on as many threads for pages as there are for passwords, or for files."""
    one = Bridge(threads=lanes.AT_ONCE)
    yield one
    one.close()
    for threads in (one._lanes.pages, one._lanes.passwords, one._lanes.files):
        assert not any(thread.is_alive() for thread in threads._threads)


@pytest.fixture
def hashing(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Where passwords wait for each other; they are hashed quickly for once."""
    user = make_user(organisation, "ada")
    monkeypatch.setattr(passwords.Hasher, "iterations", 1000)
    user.set_password("Lantern-1912")
    user.save()
    gate = Gate()
    monkeypatch.setattr(passwords, "HASHING", gate)
    return gate


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Where pictures wait for each other."""
    gate = Gate()
    monkeypatch.setattr(uploads, "DRAWING", gate)
    return gate


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), "navy").save(out, "JPEG")
    return out.getvalue()


def browser(app: Bridge) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url=SITE, timeout=20)


async def sign_in(app: Bridge, secret: str = "Lantern-1912") -> httpx.Response:
    async with browser(app) as client:
        await client.get(SIGN_IN)
        values = {"login": "ada", "password": secret, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        return await client.post(SIGN_IN, data=values)


async def ask(app: Bridge, key: str, content: bytes = b"", name: str = "") -> httpx.Response:
    """The form as a browser sends it: its field for files is there without one too."""
    async with browser(app) as client:
        await client.get(FORM)
        values = {"text": "My ferry is gone", "nonce": key, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        words = "".join(field(f'name="{one}"', value) for one, value in values.items()).encode()
        file = field(f'name="files"; filename="{name}"', "").encode()[:-2] + content
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        return await client.post(FORM, content=words + file + b"\r\n--x--\r\n", headers=headers)


def field(what: str, value: str) -> str:
    return f"--x\r\nContent-Disposition: form-data; {what}\r\n\r\n{value}\r\n"


async def while_shut(app: Bridge, gate: Gate, many: Sequence[Awaitable[httpx.Response]]) -> list[httpx.Response]:
    """What becomes of many, after a page and a request for help were answered with as many of them as can inside."""
    waiting = [asyncio.ensure_future(one) for one in many]
    try:
        for _ in range(lanes.AT_ONCE):
            assert await asyncio.to_thread(gate.reached.acquire, timeout=20)
        async with asyncio.timeout(10):
            async with browser(app) as client:
                assert (await client.get(FORM)).status_code == 200
            assert (await ask(app, "plain")).status_code == 302
        assert (gate.inside, crowd.at_once()) == (lanes.AT_ONCE, 0)
    finally:
        gate.opened.set()
        answers = await asyncio.gather(*waiting)
    return answers


def test_help_is_asked_for_while_many_sign_in(app: Bridge, hashing: Gate) -> None:
    answers = asyncio.run(while_shut(app, hashing, [sign_in(app) for _ in range(MANY)]))
    assert [one.headers.get("Location") for one in answers] == ["/home/"] * MANY
    assert hashing.most == lanes.AT_ONCE
    assert Contact.objects.count() == 1


def test_help_is_asked_for_while_many_pictures_are_drawn(app: Bridge, drawing: Gate) -> None:
    many = [ask(app, f"picture {number}", picture(), "one.jpg") for number in range(MANY)]
    answers = asyncio.run(while_shut(app, drawing, many))
    assert [one.status_code for one in answers] == [302] * MANY
    assert drawing.most == lanes.AT_ONCE
    assert (Contact.objects.count(), Attachment.objects.filter(message__isnull=False).count()) == (MANY + 1, MANY)


def test_picture_is_drawn_while_many_sign_in(app: Bridge, hashing: Gate) -> None:
    async def story() -> None:
        waiting = [asyncio.ensure_future(sign_in(app)) for _ in range(MANY)]
        try:
            assert await asyncio.to_thread(hashing.reached.acquire, timeout=20)
            async with asyncio.timeout(10):
                assert (await ask(app, "picture", picture(), "one.jpg")).status_code == 302
        finally:
            hashing.opened.set()
            await asyncio.gather(*waiting)

    asyncio.run(story())
    assert Attachment.objects.count() == 1


def test_close_closes_the_connections_of_all_threads(app: Bridge) -> None:
    opened: list[BaseDatabaseWrapper] = []

    def remember(connection: BaseDatabaseWrapper, **_: object) -> None:
        opened.append(connection)

    connection_created.connect(remember)
    try:
        asyncio.run(sign_in(app, "wrong"))
        asyncio.run(ask(app, "picture", picture(), "one.jpg"))
    finally:
        connection_created.disconnect(remember)
    app.close()
    theirs = [one for one in opened if one is not connections[one.alias]]
    assert len(theirs) >= 3  # a page, a password, a file
    assert [one.connection for one in theirs] == [None] * len(theirs)


def pool(
    path: str, content: bytes = b"", content_type: str = "multipart/form-data; boundary=x", method: str = "POST"
) -> str:
    some, body = Lanes(pages=1), BytesIO(content)
    scope = {"method": method, "path": path, "headers": [(b"host", b"x"), (b"content-type", content_type.encode())]}
    try:
        threads = some.of(scope, body)  # type: ignore[arg-type]
    finally:
        some.close()
    assert body.read() == content
    return next(name for name, one in vars(some).items() if one is threads)


@pytest.mark.parametrize(
    "address",
    [
        reverse("account_login"),
        reverse("account_reauthenticate"),
        reverse("account_change_password"),
        reverse("account_set_password"),
        reverse("invitation", args=["token"]),
        reverse("first_administrator", args=["token"]),
    ],
)
def test_page_where_a_password_is_typed_is_sent_among_passwords(address: str) -> None:
    assert pool(address) == pool(address, method="post") == "passwords"
    assert pool(address, method="GET") == "pages"


def named(name: bytes) -> bytes:
    return EMPTY.replace(b'filename=""', name)


@pytest.mark.parametrize(
    "content",
    [
        named(b'filename="one.jpg"'),
        named(b'FileName="one.jpg"'),
        named(b"filename=one.jpg"),
        named(b"filename*=utf-8''one.jpg"),
        named(b'filename=""; filename*0="one"'),
        named(b'filename=""one"'),
        EMPTY + named(b'filename="one.jpg"'),
        bytes(lanes.LOOKED_AT) + named(b'filename="one.jpg"'),
    ],
)
def test_form_that_may_bring_a_file_is_among_files(content: bytes) -> None:
    assert pool(FORM, content) == "files"
    assert pool(FORM, content, "Multipart/Form-Data; boundary=x") == "files"
    assert pool(FORM, content, method="GET") == "pages"


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (EMPTY, "multipart/form-data; boundary=x"),
        (EMPTY + EMPTY, "multipart/form-data; boundary=x"),
        (b"text=filename", "application/x-www-form-urlencoded"),
        (bytes(lanes.LOOKED_AT + 1), "application/json"),
    ],
)
def test_words_alone_are_among_pages(content: bytes, content_type: str) -> None:
    assert pool(FORM, content, content_type) == "pages"
