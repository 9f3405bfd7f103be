"""The request form: what was typed survives, nothing valid is refused, nothing comes twice."""

import struct
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from pharos.models import Attachment, Contact, Identity, Message, Organisation
from tests.factories import make_incident, make_organisation

pytestmark = pytest.mark.django_db
URL = "/en/request/"


@pytest.fixture
def client() -> Client:
    """A browser at the organisation's own host name."""
    make_organisation("ferry", host="ferry.example.org")
    return Client(headers={"host": "ferry.example.org"})


def picture() -> bytes:
    """A photo with a place in its metadata."""
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Camera of Ani"
    Image.new("RGB", (40, 30), "navy").save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_words_alone_are_enough(client: Client) -> None:
    response = client.post(URL, {"text": "My ferry is cancelled", "nonce": "n1"})
    contact = Contact.objects.get()
    assert response.status_code == 302
    assert response.headers["Location"] == f"/en/r/{contact.page_token}/?sent=1"
    assert contact.messages.get(direction="in").body == "My ferry is cancelled"


def test_a_character_that_no_keyboard_makes_is_left_out(client: Client) -> None:
    typed = {"text": "My ferry\0 is cancelled", "name": "Ani\0", "booking": "K7M\x004QD", "email": "ani\0@example.org"}
    assert client.post(URL, {**typed, "nonce": "n1"}).status_code == 302
    contact = Contact.objects.get()
    assert contact.messages.get(direction="in").body == "My ferry is cancelled"
    assert (contact.person.name, contact.booking) == ("Ani", "K7M4QD")
    assert Identity.objects.get(sort="email").value == "ani@example.org"


def test_the_same_form_twice_is_one_contact(client: Client) -> None:
    first = client.post(URL, {"text": "Once", "nonce": "n1"})
    second = client.post(URL, {"text": "Once", "nonce": "n1"})
    assert first.headers["Location"] == second.headers["Location"]
    assert Contact.objects.count() == 1


def test_a_changed_form_sent_again_is_another_contact(client: Client) -> None:
    client.post(URL, {"text": "Once", "nonce": "n1"})
    client.post(URL, {"text": "Something else", "nonce": "n1"})
    assert Contact.objects.count() == 2


def test_empty_keeps_what_was_typed(client: Client) -> None:
    response = client.post(URL, {"text": " ", "name": "Ani Petrosyan", "booking": "K7M4QD", "nonce": "n1"})
    assert response.status_code == 422
    assert b"Ani Petrosyan" in response.content
    assert b"K7M4QD" in response.content
    assert not Contact.objects.exists()


@pytest.mark.parametrize("text", ["\x00\x07 \x1b", "   "])
def test_only_control_characters_are_no_words(client: Client, text: str) -> None:
    assert client.post(URL, {"text": text, "nonce": "n1"}).status_code == 422


@pytest.mark.parametrize(
    "text",
    ["🚢🆘", "سلام hello שלום", "line\n" * 10_000, "a" * 100_000, "<script>alert(1)</script>" * 200, "Ի՞նչ անել"],
)
def test_unusual_words_are_kept_whole(client: Client, text: str) -> None:
    client.post(URL, {"text": text, "nonce": "n1"})
    contact = Contact.objects.get()
    assert contact.messages.get(direction="in").body == text.strip()
    page = client.get(f"/en/r/{contact.page_token}/")
    assert page.status_code == 200
    assert b"<script>alert(1)" not in page.content


def test_a_whole_book_is_refused_and_kept(client: Client) -> None:
    response = client.post(URL, {"text": "a" * 1_000_000, "name": "Ani", "nonce": "n1"})
    assert response.status_code == 422
    assert b"a" * 1_000_000 in response.content


def test_nul_and_control_characters_are_left_out(client: Client) -> None:
    client.post(URL, {"text": "be\x00fore\x1b af\x07ter", "nonce": "n1"})
    assert Message.objects.get(direction="in").body == "before after"


@pytest.mark.parametrize(
    ("language", "typed", "stored"),
    [
        ("en", "+44 7700 900123", "+447700900123"),
        ("en", "(07700) 900-123", "+447700900123"),
        ("en", "0044 7700 900123", "+447700900123"),
        ("fa", "۰۹۱۲ ۳۴۵ ۶۷۸۹", "+989123456789"),
        ("hy", "077 123456", "+37477123456"),
    ],
)
def test_phone_numbers_in_five_spellings(client: Client, language: str, typed: str, stored: str) -> None:
    client.post(f"/{language}/request/", {"text": "x", "phone": typed, "nonce": "n1"})
    assert Identity.objects.get(sort="phone").value == stored


@pytest.mark.parametrize("email", ["a@b.c\nBcc: all@example.org", "not an address", "a@", "@example.org"])
def test_a_wrong_address_is_refused_and_kept(client: Client, email: str) -> None:
    response = client.post(URL, {"text": "x", "email": email, "nonce": "n1"})
    assert response.status_code == 422
    assert not Message.objects.exists()


def test_a_jalali_date_is_understood(client: Client) -> None:
    client.post("/fa/request/", {"text": "x", "needed_by": "۱۴۰۵/۰۹/۰۱", "nonce": "n1"})
    assert str(Contact.objects.get().needed_by) == "2026-11-22"


def test_a_wrong_date_says_how_to_write_it(client: Client) -> None:
    response = client.post(URL, {"text": "x", "needed_by": "31 February 2026", "nonce": "n1"})
    assert response.status_code == 422
    assert b"31 February 2026" in response.content


def test_a_picture_loses_what_it_says_about_its_maker(client: Client, settings: object) -> None:
    sent = SimpleUploadedFile("../../etc/pass\x00wd\r\n.JPG", picture(), "image/jpeg")
    client.post(URL, {"text": "x", "files": sent, "nonce": "n1"})
    kept = Attachment.objects.get()
    assert (kept.media_type, kept.message.contact) == ("image/jpeg", Contact.objects.get())  # type: ignore[union-attr]
    assert "/" not in kept.name
    url = f"/en/r/{Contact.objects.get().page_token}/f/{kept.token}/"
    response = client.get(url)
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert b"Camera of Ani" not in content
    assert response.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("content", [b"", b"MZ\x90\x00\x03" + b"\x00" * 50, b"\xff\xd8\xff\xe0broken", b"GIF89a"])
def test_a_file_that_is_none_of_ours_is_refused_and_the_rest_kept(client: Client, content: bytes) -> None:
    sent = SimpleUploadedFile("photo.jpg", content, "image/jpeg")
    response = client.post(URL, {"text": "My words", "files": sent, "nonce": "n1"})
    assert response.status_code == 422
    assert b"My words" in response.content
    assert not Attachment.objects.exists()


def test_a_picture_that_nobody_can_draw_is_refused_and_the_words_stay(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object) -> None:
        raise struct.error

    monkeypatch.setattr(Image, "open", broken)
    sent = SimpleUploadedFile("photo.jpg", picture(), "image/jpeg")
    response = client.post(URL, {"text": "My words", "files": sent, "nonce": "n1"})
    assert response.status_code == 422
    assert b"My words" in response.content
    assert b"photo.jpg: This picture is damaged" in response.content
    client.post(URL, {"text": "My words", "nonce": "n1"})
    page = f"/en/r/{Contact.objects.get().page_token}/words/"
    again = client.post(page, {"text": "More", "files": SimpleUploadedFile("p.jpg", picture()), "nonce": "n2"})
    assert again.status_code == 422
    assert b"This picture is damaged" in again.content


def test_a_good_file_survives_an_error_elsewhere(client: Client) -> None:
    sent = SimpleUploadedFile("photo.jpg", picture(), "image/jpeg")
    client.post(URL, {"text": "", "files": sent, "nonce": "n1"})
    kept = Attachment.objects.get()
    client.post(URL, {"text": "Now with words", "kept": kept.token, "nonce": "n1"})
    kept.refresh_from_db()
    assert kept.message is not None
    assert kept.message.contact == Contact.objects.get()


@time_machine.travel("2026-03-10T12:00:00Z", tick=False)
def test_a_flood_is_asked_one_question_and_never_refused() -> None:
    make_organisation("ferry", host="ferry.example.org")
    client = Client(headers={"host": "ferry.example.org"}, REMOTE_ADDR="203.0.113.9")
    for number in range(40):
        response = client.post(URL, {"text": f"Words {number}", "nonce": f"n{number}"})
    assert response.status_code == 200
    assert Contact.objects.count() == 30
    context = response.context
    answer = {"proof": context["proof"], "number": context["number"], **dict(context["hidden"])}
    assert client.post(URL, answer).status_code == 302
    assert Contact.objects.filter(messages__body="Words 39").exists()


def test_one_question_at_a_time_ends_in_the_same_contact(client: Client) -> None:
    url = "/en/request/steps/"
    response = client.get(url)
    typed: dict[str, str] = {}
    for answers in ({}, {"text": "Stranded in Piraeus"}, {"needed_by": ""}, {"name": "Ani"}):
        typed = {**typed, **dict(response.context["hidden"]), **answers, "step": str(response.context["step"])}
        response = client.post(url, typed)
    assert response.status_code == 302
    contact = Contact.objects.get()
    assert (contact.person.name, contact.messages.get(direction="in").body) == ("Ani", "Stranded in Piraeus")


def test_a_closed_incident_sends_to_its_page(client: Client) -> None:
    make_incident(Organisation.objects.get(), state="closed")
    response = client.get("/en/i/storm/request/")
    assert (response.status_code, response.headers["Location"]) == (302, "/en/i/storm/")


def test_another_organisations_incident_is_not_found(client: Client) -> None:
    make_incident(make_organisation("other"), slug="theirs")
    assert client.get("/en/i/theirs/request/").status_code == 404


def test_a_date_in_six_days_is_first_and_says_so(client: Client) -> None:
    day = (timezone.now() + timedelta(days=6)).date()
    client.post(URL, {"text": "x", "needed_by": day.isoformat(), "nonce": "n1"})
    contact = Contact.objects.get()
    assert contact.lane.band == 1
    assert "within 6 days" in client.get(f"/en/r/{contact.page_token}/").content.decode()
