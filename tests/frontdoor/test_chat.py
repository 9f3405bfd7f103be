"""The chat's pages: opened by their address alone, framed only where it is allowed, each word kept once."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from pharos.actions import conversation, merging, routing
from pharos.http import flood
from pharos.live import hub
from pharos.models import Channel, Chat, Contact, EntryPoint, Message, Organisation
from tests.factories import NOW, make_agent, make_contact, make_organisation, who_has

pytestmark = pytest.mark.django_db
START = "/en/chat/widget/"


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation("ferry", host="ferry.example.org")


@pytest.fixture
def entry(organisation: Organisation) -> EntryPoint:
    return EntryPoint.objects.create(
        organisation=organisation,
        channel=Channel.CHAT,
        adapter="chat",
        address="site",
        token="widget",
        options={"sites": "https://www.ferry.example", "greeting": "Good day"},
        created_at=NOW,
    )


@pytest.fixture
def client(entry: EntryPoint) -> Client:
    """A frame of a strange site: it has no cookies, and its origin is none."""
    return Client(headers={"host": "ferry.example.org", "origin": "null"}, enforce_csrf_checks=True)


def ticket(client: Client) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', client.get(START).content.decode())
    assert found
    return found[1]


def begin(client: Client, text: str = "My ferry is cancelled", **fields: str) -> str:
    response = client.post(START, {"text": text, "ticket": ticket(client), **fields})
    assert response.status_code == 302, response.content.decode()
    return str(response.headers["Location"])


def say(client: Client, address: str, text: str, key: str = "k1", **fields: object):
    return client.post(address, {"text": text, "nonce": key, "script": "1", **fields})


def test_the_first_words_are_a_live_contact_of_the_widget(client: Client, entry: EntryPoint) -> None:
    address = begin(client, email="ani@example.org", name="Ani", time_zone="Asia/Yerevan")
    contact = Contact.objects.get()
    assert address == f"{START}{contact.page_token}/"
    assert (contact.channel, contact.lane.kind, contact.time_zone) == ("chat", "live", "Asia/Yerevan")
    assert contact.messages.get(direction="in").entry == entry
    assert Chat.objects.get().contact == contact
    page = client.get(address).content.decode()
    assert contact.reference in page
    assert "My ferry is cancelled" in page


def test_no_answer_sets_a_cookie_or_is_kept(client: Client) -> None:
    address = begin(client)
    answers = [client.get(START), client.get(address), client.get(f"{address}since/"), say(client, address, "More")]
    answers += [client.post(f"{address}here/", {"read": "1"}), client.post(f"{address}away/")]
    assert not client.cookies
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in answer.headers


def test_only_the_sites_of_the_widget_may_frame_it_and_nobody_any_other_page(client: Client) -> None:
    address = begin(client)
    for path in (START, address):
        answer = client.get(path)
        assert "frame-ancestors https://www.ferry.example" in answer.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer.headers
    token = Contact.objects.get().page_token
    for path in ("/en/", "/en/request/", f"/en/r/{token}/", "/account/login/", "/en/chat/none/"):
        answer = client.get(path)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], path
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_a_widget_without_sites_is_framed_by_nobody(client: Client, entry: EntryPoint) -> None:
    EntryPoint.objects.update(options={"sites": "not a site"})
    answer = client.get(START)
    assert answer.status_code == 200
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("made_up", ["", "x", "eyJ0eXAi:1tqqqq:abc"])
def test_a_ticket_that_is_not_ours_is_refused_with_all_kept_and_a_new_one(client: Client, made_up: str) -> None:
    answer = client.post(START, {"text": "Stranded", "ticket": made_up})
    assert answer.status_code == 422
    assert b"Stranded" in answer.content
    again = re.search(rb'name="ticket" value="([^"]+)"', answer.content)
    assert again
    assert client.post(START, {"text": "Stranded", "ticket": again[1].decode()}).status_code == 302


def test_a_ticket_of_another_widget_is_refused(client: Client, organisation: Organisation) -> None:
    fields = {"organisation": organisation, "channel": "chat", "adapter": "chat", "created_at": NOW}
    EntryPoint.objects.create(token="other", address="other", **fields)
    assert client.post("/en/chat/other/", {"text": "Stranded", "ticket": ticket(client)}).status_code == 422
    assert not Contact.objects.exists()


def test_the_same_first_words_twice_are_one_contact_and_other_words_another(client: Client) -> None:
    mine = ticket(client)
    for _ in range(3):
        client.post(START, {"text": "Once", "ticket": mine})
    assert Contact.objects.count() == 1
    client.post(START, {"text": "Something else", "ticket": mine})
    assert Contact.objects.count() == 2


@pytest.mark.parametrize("text", ["", "  ", "\x00"])
def test_no_words_are_asked_for_again(client: Client, text: str) -> None:
    answer = client.post(START, {"text": text, "name": "Ani", "ticket": ticket(client)})
    assert answer.status_code == 422
    assert b"Ani" in answer.content
    assert not Contact.objects.exists()


@pytest.mark.parametrize("email", ["ani@", "a b@example.org", "ani@example.org\nBcc: x@y"])
def test_an_address_that_is_none_is_asked_for_again(client: Client, email: str) -> None:
    assert client.post(START, {"text": "Hello", "email": email, "ticket": ticket(client)}).status_code == 422


def test_words_under_one_key_are_one_message_and_come_back_with_what_is_new(client: Client) -> None:
    address = begin(client)
    first = Message.objects.get(direction="in").pk
    for _ in range(3):
        answer = say(client, address, "I am in Piraeus", after=str(first))
        assert answer.status_code == 200
        assert answer.content.decode().count("I am in Piraeus") == 1
    message = Message.objects.get(sort="words")
    assert (message.channel, message.body, message.entry_id) == ("chat", "I am in Piraeus", EntryPoint.objects.get().pk)


def test_words_without_javascript_lead_back_to_the_chat(client: Client) -> None:
    address = begin(client)
    answer = client.post(address, {"text": "Still here", "nonce": "k9"})
    assert answer.headers["Location"] == f"{address}#end"
    assert "Still here" in client.get(address).content.decode()


def test_empty_words_are_refused_in_words(client: Client) -> None:
    address = begin(client)
    answer = say(client, address, "  ")
    assert (answer.status_code, answer.content) == (422, b"Please write something.")
    assert client.post(address, {"text": "", "nonce": "k"}).status_code == 422


def test_files_come_along_and_a_bad_one_is_named(client: Client) -> None:
    address = begin(client)
    ticket_file = SimpleUploadedFile("ticket.txt", b"Seat 12")
    assert say(client, address, "", files=ticket_file).status_code == 200
    assert Message.objects.get(sort="words").attachments.get().name == "ticket.txt"
    bad = SimpleUploadedFile("x.exe", b"MZ\x00\x01")
    assert say(client, address, "Look", key="k2", files=bad).status_code == 422


def test_what_is_new_since_a_message_and_what_was_committed_late(client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        address = begin(client)
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        say(client, address, "Second")
    last = Message.objects.order_by("-id")[0].pk
    with time_machine.travel(NOW + timedelta(minutes=10, seconds=30), tick=False):
        late = client.get(f"{address}since/?after={last}").content.decode()
    with time_machine.travel(NOW + timedelta(minutes=20), tick=False):
        settled = client.get(f"{address}since/?after={last}").content.decode()
        all_of_it = client.get(f"{address}since/?after={'9' * 30}").content.decode()
    assert "Second" in late
    assert "My ferry" not in late
    assert "Second" not in settled
    assert "My ferry" in all_of_it


def test_a_colleague_joins_answers_and_closes(client: Client, organisation: Organisation) -> None:
    address = begin(client)
    agent = make_agent(organisation, "lilit")
    type(agent.user).objects.filter(pk=agent.user_id).update(name="Lilit Sarkisian")
    contact, now = Contact.objects.get(), timezone.now()
    routing.dispatch(organisation=organisation, now=now)
    routing.accept(offer=contact.offers.get(), agent=agent, now=now)
    contact.refresh_from_db()
    user = who_has(contact)
    conversation.reply(contact=contact, body="There is a boat at six.", by=user, now=now)
    page = client.get(f"{address}since/?after=0").content.decode()
    assert "Lilit Sarkisian is with you now." in page
    assert "There is a boat at six." in page
    conversation.note(contact=contact, body="Sounds tired", by=user, now=now)
    conversation.finish(contact=contact, by=user, now=now)
    conversation.close(contact=contact, disposition="solved", summary="Boat at six", by=user, now=now)
    page = client.get(address).content.decode()
    assert "Sounds tired" not in page
    assert "Boat at six" in page
    assert client.post(f"{address}rate/", {"rating": "5"}).status_code == 302
    contact.refresh_from_db()
    assert contact.rating == 5


@pytest.mark.parametrize("part", ["", "since/"])
def test_a_chat_opens_for_its_secret_its_organisation_and_a_chat_only(
    client: Client, organisation: Organisation, part: str
) -> None:
    address = begin(client)
    form = make_contact(organisation)
    assert client.get(f"{address}{part}").status_code == 200
    assert client.get(f"{START}guess/{part}").status_code == 404
    assert client.get(f"{START}{form.page_token}/{part}").status_code == 404
    make_organisation("other", host="other.example.org")
    assert client.get(f"{address}{part}", headers={"host": "other.example.org"}).status_code == 404
    Contact.objects.update(page_token=None)
    assert client.get(f"{address}{part}").status_code == 404
    assert client.get(f"{START}None/{part}").status_code == 404


def test_being_there_and_leaving(client: Client) -> None:
    address = begin(client)
    client.post(f"{address}away/")
    assert Chat.objects.get().away_at
    client.post(f"{address}here/", {"read": "7"})
    kept = Chat.objects.get()
    assert (kept.away_at, kept.read_to) == (None, 7)
    for wrong in ("", "x", "-1", "9" * 40):
        assert client.post(f"{address}here/", {"read": wrong}).status_code == 204
    assert Chat.objects.get().read_to == 7


def test_typing_is_told_and_kept_nowhere(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, object]] = []
    monkeypatch.setattr(hub, "whisper", lambda **values: told.append(values))
    address = begin(client)
    contact = Contact.objects.get()
    before = Message.objects.count()
    assert client.post(f"{address}typing/", {"text": "I am not"}).status_code == 204
    assert told == [{"organisation_id": contact.organisation_id, "topic": f"types:{contact.pk}"}]
    assert Message.objects.count() == before


def test_going_on_elsewhere(client: Client) -> None:
    address = begin(client)
    assert client.post(f"{address}reach/", {"email": "nobody@"}).status_code == 422
    answer = client.post(f"{address}reach/", {"email": "ani@example.org", "phone": "+37455123456"})
    assert answer.status_code == 302
    assert Contact.objects.get().person.identities.count() == 2
    assert "We can reach you there, too." in client.get(address).content.decode()


def test_a_chat_that_waits_in_anothers_place_is_not_over(client: Client, organisation: Organisation) -> None:
    address = begin(client)
    contact = Contact.objects.get()
    keep = make_contact(organisation, now=timezone.now())
    merging.merge(keep=keep, join=contact, by=None, reasons=[], now=timezone.now())
    shown = client.get(address).content.decode()
    assert "Closed at" not in shown
    assert "How did it go?" not in shown
    assert "A person will usually answer by" in shown or "We cannot say yet" in shown


def test_who_needs_nothing_more_frees_the_place(client: Client) -> None:
    address = begin(client)
    client.post(f"{address}leave/")
    assert Contact.objects.get().state == Contact.State.CLOSED
    assert "no longer need help" in client.get(address).content.decode()


def test_a_flood_is_asked_for_a_number_with_all_kept(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood, "is_flood", lambda request, now: True)
    monkeypatch.setattr(flood, "challenge", lambda: ("4711", "proof"))
    monkeypatch.setattr(flood, "is_met", lambda proof, answer: (proof, answer) == ("proof", "4711"))
    mine = ticket(client)
    asked = client.post(START, {"text": "Stranded", "ticket": mine})
    assert asked.status_code == 429
    assert b"4711" in asked.content
    assert b"Stranded" in asked.content
    wrong = client.post(START, {"text": "Stranded", "ticket": mine, "proof": "proof", "number": "1"})
    assert wrong.status_code == 429
    assert not Contact.objects.exists()
    right = client.post(START, {"text": "Stranded", "ticket": mine, "proof": "proof", "number": "4711"})
    assert right.status_code == 302


def test_too_many_words_of_one_chat_wait_and_are_not_lost(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood, "FREE_PER_MINUTE", 2)
    address = begin(client)
    with time_machine.travel(NOW, tick=False):
        answers = [say(client, address, f"Word {one}", key=f"k{one}") for one in range(4)]
        shown = client.post(address, {"text": "Word 4", "nonce": "k4"})
    assert [one.status_code for one in answers] == [200, 200, 429, 429]
    assert answers[2].headers["Retry-After"] == "10"
    assert (shown.status_code, b"Word 4" in shown.content) == (429, True)
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        assert say(client, address, "Word 2", key="k2").status_code == 200


def test_the_script_names_the_widget_and_speaks_the_organisations_languages(client: Client) -> None:
    answer = client.get("/chat/widget.js")
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert not client.cookies
    script = answer.content.decode()
    assert script.endswith('"}}});')
    assert all(f'"{code}": {{"open"' in script for code in ("en", "fa", "hy", "zh-hans"))
    assert '"token": "widget"' in script


def test_a_widget_that_is_off_shows_no_button_and_says_where_else(client: Client) -> None:
    EntryPoint.objects.update(is_on=False)
    assert client.get("/chat/widget.js").content == b""
    assert b"There is no chat here at the moment." in client.get(START).content
    client.post(START, {"text": "Hello", "ticket": "x"})
    assert not Contact.objects.exists()
    assert client.get("/chat/none.js").status_code == 404


def test_a_running_chat_goes_on_when_its_widget_is_switched_off(client: Client) -> None:
    address = begin(client)
    EntryPoint.objects.update(is_on=False)
    assert say(client, address, "Are you there?").status_code == 200


def test_all_that_a_site_loads_is_small() -> None:
    here = Path(settings.HERE) / "static" / "js"
    sizes = {name: (here / name).stat().st_size for name in ("chat_widget.js", "chat.js")}
    assert sum(sizes.values()) < 15_000, sizes
