"""Nothing a customer can meet puts a label on anyone, in any language."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from email import message_from_string, policy
from html import unescape
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation
from django.utils.html import escape

from pharos import content
from pharos.actions import codes, conversation, demo, further, incidents, need_times, promises, routing, uploads
from pharos.channels.delivery import deliver_messages
from pharos.jobs import pages
from pharos.models import Agent, Channel, Contact, Message, Offer, Organisation, Role, User
from tests.factories import make_contact

LABELS = ("vulnerab", "آسیب‌پذیر", "آسیب پذیر", "خոցելի", "խոցելի", "脆弱", "弱势")
LINK = re.compile(r'(?:href|src|action|hx-get|data-url)="([^"]+)"')
ELSEWHERE = ("/account/login", "/api/v1/docs", "/demo/")
ANSWER_TO_A_BUTTON = {
    *("front", "person_words", "person_rate", "person_needs_code", "person_needs_open", "person_needs_withdraw"),
    *("person_needs_right", "demo_sign_in", "chat_here", "chat_away", "chat_typing", "chat_reach", "chat_leave"),
    "chat_rate",
}
LANGUAGES = [code for code, _name in settings.LANGUAGES]


def without_labels(text: str, where: str) -> None:
    """Fail on any of the words."""
    for label in LABELS:
        assert label not in text.casefold(), where


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_and_message_of_a_whole_story(language: str) -> None:
    now = timezone.now()
    demo.ensure(now=now)
    organisation = Organisation.objects.get()
    incident = organisation.incidents.get()
    every_need = tuple(content.needs())
    contact = make_contact(
        organisation, now=now, language=language, incident=incident, needs=every_need, request_type="assistance"
    )
    client = Client(headers={"host": "127.0.0.1"})
    person = f"/{language}/r/{contact.page_token}/"
    paths = [
        f"/{language}/",
        f"/{language}/request/",
        f"/{language}/request/steps/",
        f"/{language}/i/{incident.slug}/",
        f"/{language}/i/{incident.slug}/request/",
        f"/{language}/i/{incident.slug}/atom.xml",
        person,
        f"{person}leave/",
        f"{person}helps/",
        f"/{language}/nothing-here/",
    ]
    for path in paths:
        without_labels(client.get(path).content.decode(), path)
    without_labels(_opened_with_a_code(client, f"{person}helps/", contact), f"{person}helps/ with a code")
    without_labels(client.post(f"{person}words/", {}).content.decode(), f"{person}words/ in vain")
    without_labels(client.post(f"/{language}/request/", {}).content.decode(), f"/{language}/request/ in vain")
    _tell_everything(contact)
    without_labels(client.get(person).content.decode(), person)
    for message in Message.objects.filter(contact=contact):
        without_labels(f"{message.subject}\n{message.body}", message.sort)


def _opened_with_a_code(client: Client, url: str, contact: Contact) -> str:
    """What the person told us, with a question about it."""
    client.post(f"{url}code/")
    letter = contact.messages.filter(sort=Message.Sort.CODE).last()
    assert letter
    need_times.ask_due(now=timezone.now() + timedelta(days=1000))
    found = re.search(r"(?<!\d)\d{6}(?!\d)", letter.body)
    assert found
    page = client.post(f"{url}open/", {"code": found[0]}, follow=True).content.decode()
    known = [content.pick(need.say_it_as, contact.language).text for need in content.needs().values()]
    assert all(escape(said) in page for said in known)
    return page


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_that_a_link_leads_to(language: str) -> None:
    """Whatever the public's pages link to, load or fetch; every address of the public that can be read is among it."""
    now = timezone.now()
    demo.ensure(now=now)
    organisation = Organisation.objects.get()
    incident = organisation.incidents.get()
    lead = User.objects.filter(organisation=organisation).exclude(role=Role.AGENT)[0]
    incidents.set_phone_window(incident=incident, days=3, by=lead, now=now)
    contact = make_contact(organisation, now=now, language=language, incident=incident, needs=tuple(content.needs()))
    kept = uploads.keep(organisation=organisation, name="ticket.txt", content=b"A ticket", now=now)
    further.add_words(
        contact=contact, text="More", attachments=(kept.token,), door="page", key="k", digest="d", now=now
    )
    entry = organisation.entry_points.get(channel=Channel.CHAT)
    talk = make_contact(organisation, now=now, language=language, channel=Channel.CHAT, entry=entry)
    chat = f"/{language}/chat/{entry.token}/{talk.page_token}/"
    starts = [f"/{language}/", f"/{language}/r/{contact.page_token}/", "/demo/"]
    chats = [chat, f"{chat}since/", f"/chat/{entry.token}.js"]
    visited = _crawl(Client(headers={"host": "127.0.0.1"}), starts + chats)
    import_module(settings.ROOT_URLCONF)
    named = {one.name for one in import_module("pharos.frontdoor.urls").urlpatterns}
    assert named - visited == ANSWER_TO_A_BUTTON


def _crawl(client: Client, starts: list[str]) -> set[str]:
    """Read every page that can be reached by GET, other languages and staff's own pages aside; the names of all."""
    language = starts[0].split("/")[1]
    seen, left, names = set(starts), list(starts), set()
    while left:
        path = left.pop()
        response = client.get(path)
        if response.status_code == 405:
            continue
        names.add(str(response.resolver_match.url_name))
        text = b"".join(response).decode(errors="replace") if response.streaming else response.content.decode()
        without_labels(text, path)
        for found in LINK.findall(text):
            address = urljoin(path, unescape(found)).partition("#")[0].removeprefix("http://127.0.0.1:8000")
            if address not in seen and address.startswith(
                (f"/{language}/", "/account/login", "/api/v1/docs", "/demo/")
            ):
                seen.add(address)
                left.append(address)
    return names


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", sorted(content.message_templates()))
def test_every_letter_on_every_channel(code: str, language: str) -> None:
    for channel, wording in content.message_templates()[code].wordings.items():
        texts = [wording.body, *([wording.subject] if wording.subject else [])]
        for text in texts:
            without_labels(text[language], f"{code} {channel}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["ivr_menu", "incident_page", "support_needs", "needs_notice", "channel_guide"])
def test_every_prompt_and_text_for_the_public(kind: str, language: str) -> None:
    """`name` is what staff call a need; even there no label is wanted."""
    said = list(_texts(content.load(kind), language))
    assert said
    for text in said:
        without_labels(text, kind)


def _texts(node: Any, language: str) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get(language), str) and "en" in node:
            yield node[language]
        for item in node.values():
            yield from _texts(item, language)
    elif isinstance(node, tuple):
        for item in node:
            yield from _texts(item, language)


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_every_translation(language: str) -> None:
    with translation.override(language):
        catalogue = translation.get_language()
    assert catalogue == language
    folder = "zh_Hans" if language == "zh-hans" else language
    path = Path(settings.LOCALE_PATHS[0]) / folder / "LC_MESSAGES" / "django.po"
    without_labels(path.read_text(), str(path))


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_file_that_is_published_or_sent(language: str, settings: Any, tmp_path: Path) -> None:
    """The static copies of the public pages, their feeds, and mail as it goes out."""
    settings.PUBLIC_DIR, settings.OUTBOX_DIR = tmp_path / "public", tmp_path / "outbox"
    now = timezone.now()
    demo.ensure(now=now)
    organisation = Organisation.objects.get()
    contact = make_contact(organisation, now=now, language=language, needs=tuple(content.needs()))
    codes.send(contact=contact, now=now)
    need_times.ask_due(now=now + timedelta(days=1000))
    pages.write_all(now=now)
    deliver_messages(clock=timezone.now, going=lambda: True)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".html", ".xml", ".eml"}
    for path in files:
        text = path.read_text()
        if path.suffix == ".eml":
            mail = message_from_string(text, policy=policy.default)
            body = mail.get_body(("plain",))
            assert body
            text = f"{mail['subject']}\n{body.get_content()}"
        without_labels(text, str(path))


def _tell_everything(contact: Contact) -> None:
    """Every letter that one contact can cause."""
    now = timezone.now()
    Contact.objects.filter(pk=contact.pk).update(promise_by=now)
    promises.revise(organisation=contact.organisation, now=now + timedelta(seconds=1))
    agent = Agent.objects.filter(languages__icontains=contact.language).first()
    assert agent is not None
    routing.set_status(agent=agent, status=Agent.Status.AVAILABLE, now=now)
    Contact.objects.filter(pk=contact.pk).update(state=Contact.State.OFFERED, agent=agent)
    offer = Offer.objects.create(
        organisation=contact.organisation,
        contact=contact,
        agent=agent,
        offered_at=now,
        expires_at=now,
        index=1,
        reason="danger",
    )
    held = routing.accept(offer=offer, agent=agent, now=now)
    conversation.reply(contact=held, body="We are here.", by=agent.user, now=now)
    conversation.close(contact=held, disposition="solved", summary="Done.", by=agent.user, now=now)
    again = Contact.objects.get(pk=contact.pk)
    further.add_words(contact=again, text="One more thing", door="page", key="k", digest="d", now=now)
