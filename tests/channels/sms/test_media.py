"""Pictures that come with a text: the words are safe first, the file follows, the carrier's secret is its own."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from pharos.channels.sms import media
from pharos.models import Attachment, Contact, ContactEvent, Enclosure
from tests.channels import sms_peer
from tests.channels.sms_peer import Requests, SmsDoor, http_server
from tests.factories import make_organisation

adapters = pytest.mark.parametrize("adapter", ["twilio", "sms_http"])


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 8), "navy").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def carrier(db, settings, tmp_path):
    """Where the carrier keeps its files."""
    settings.UPLOADS_DIR = tmp_path / "uploads"
    with sms_peer.opened("twilio")(settings, tmp_path) as one:
        yield one.requests


@pytest.fixture
def door(adapter, carrier) -> SmsDoor:
    door = SmsDoor(adapter, Client(), make_organisation())
    door.entry.options |= {"base_url": carrier.url, "url": f"{carrier.url}/send"}
    door.entry.save()
    return door


def fetch(*, later: timedelta = timedelta(0)) -> int:
    return media.fetch_due(clock=lambda: timezone.now() + later, going=lambda: True)


@adapters
def test_file_follows_its_words(door, carrier):
    carrier.answer = lambda _: (200, picture())
    urls = (f"{carrier.url}/media/one.png", f"{carrier.url}/media/two")
    for _ in range(3):
        assert door.deliver("one", "Look at this", files=urls) == 200
    assert Enclosure.objects.count() == 2
    assert fetch() == 2
    message = Contact.objects.get().messages.get(direction="in")
    assert sorted(message.attachments.values_list("name", flat=True)) == ["one.png", "two.png"]
    assert not Enclosure.objects.exists()
    assert all("authorization" in headers for _path, headers, _body in carrier.seen)
    assert fetch() == 0


@adapters
def test_file_without_words_is_a_message(door, carrier):
    assert door.deliver("one", "", files=(f"{carrier.url}/a",)) == 200
    assert Contact.objects.count() == 1


@adapters
def test_file_that_is_not_there_yet_is_fetched_later(door, carrier):
    carrier.answer = lambda count: (503, b"") if count == 1 else (200, picture())
    door.deliver("one", "Look", files=(f"{carrier.url}/a",))
    assert fetch() == 1
    assert fetch() == 0
    assert fetch(later=timedelta(seconds=16)) == 1
    assert Attachment.objects.get().message


@adapters
@pytest.mark.parametrize(
    ("status", "content", "why"),
    [(404, b"", "HTTP 404"), (200, b"\x00\x01\x02", "file_type"), (200, b"", "empty_file")],
)
def test_file_that_will_never_come_is_told(door, carrier, status, content, why):
    carrier.answer = lambda _: (status, content)
    door.deliver("one", "Look", files=(f"{carrier.url}/a",))
    fetch()
    assert fetch(later=timedelta(days=3)) == 0
    assert Enclosure.objects.get().failure == why
    assert ContactEvent.objects.filter(code="file_lost").count() == 1


@adapters
def test_file_that_is_too_large_is_refused_and_read_no_further(door, carrier, monkeypatch):
    monkeypatch.setattr(media, "MOST_BYTES", 50)
    monkeypatch.setattr("pharos.actions.uploads.MOST_BYTES", 50)
    carrier.answer = lambda _: (200, b"a" * 200_000)
    door.deliver("one", "Look", files=(f"{carrier.url}/a",))
    fetch()
    assert Enclosure.objects.get().failure == "big_file"


@adapters
def test_file_that_we_fail_on_is_fetched_again_and_keeps_no_other_waiting(door, carrier, monkeypatch):
    def broken(**_named):
        raise LookupError

    carrier.answer = lambda _: (200, picture())
    door.deliver("one", "Look", files=(f"{carrier.url}/a", f"{carrier.url}/b"))
    with monkeypatch.context() as patched:
        patched.setattr("pharos.actions.uploads.keep", broken)
        assert fetch() == 2
    assert set(Enclosure.objects.values_list("failure", flat=True)) == {"LookupError"}
    assert fetch(later=timedelta(seconds=16)) == 2
    assert not Enclosure.objects.exists()


@adapters
def test_secret_is_told_to_the_carrier_alone(door, carrier):
    """The file is somewhere else, and the carrier only says where."""
    with http_server(Requests()) as store:
        store.answer = lambda _: (200, picture())
        elsewhere = store.url.replace("127.0.0.1", "127.0.0.2")
        door.deliver("one", "Look", files=(f"{elsewhere}/a",))
        carrier.answer = lambda _: (200, picture())
        door.deliver("two", "Look", files=(f"{carrier.url}/b",))
        fetch()
    assert ["authorization" in headers for _path, headers, _body in carrier.seen] == [True]
    assert not any("authorization" in headers for _path, headers, _body in store.seen)


@adapters
def test_file_inside_is_not_fetched(door, carrier, settings):
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"webhook_networks": []})
    door.deliver("one", "Look", files=(f"{carrier.url}/a", "file:///etc/passwd", "http://[broken"))
    fetch()
    assert carrier.seen == []
    assert not Attachment.objects.exists()
