"""What people told us: a code opens it, one click takes it back, and a link in other hands shows nothing."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pharos.actions import codes, need_times, needs
from pharos.models import Contact, Message, NeedView, Organisation, PageCode, Skill, SupportNeed
from tests.factories import make_agent, make_contact, make_organisation

pytestmark = pytest.mark.django_db
SAID = "I rely on equipment or medicine that must not be interrupted"
WORDS = "My pump must stay on"


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation("ferry", host="ferry.example.org")


@pytest.fixture
def client(organisation: Organisation) -> Client:
    return Client(headers={"host": "ferry.example.org"})


@pytest.fixture
def contact(organisation: Organisation) -> Contact:
    return make_contact(
        organisation, now=timezone.now(), email="ani@example.org", needs=("medical_equipment",), needs_words=WORDS
    )


def page_of(contact: Contact) -> str:
    return f"/en/r/{contact.page_token}/helps/"


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert "no-store" in response.headers["Cache-Control"]
    return response.content.decode()


def open_page(client: Client, contact: Contact) -> str:
    client.post(f"{page_of(contact)}code/")
    letter = contact.messages.filter(sort=Message.Sort.CODE).last()
    assert letter
    code = re.search(r"(?<!\d)\d{6}(?!\d)", letter.body)
    assert code
    response = client.post(f"{page_of(contact)}open/", {"code": code[0]}, follow=True)
    return response.content.decode()


def test_the_form_keeps_picks_and_own_words_after_saying_what_for(client: Client) -> None:
    form = text_of(client, "/en/request/")
    assert "Is there something that would help us to help you?" in form
    assert "you agree that we note it to help you" in form
    client.post("/en/request/", {"text": "Help", "needs": ["hearing"], "needs_words": "Please write", "nonce": "n"})
    assert {(need.code, need.words) for need in SupportNeed.objects.all()} == {
        ("hearing", ""),
        ("other", "Please write"),
    }


def test_without_a_code_nothing_is_shown(client: Client, contact: Contact) -> None:
    page = text_of(client, page_of(contact))
    assert SAID not in page
    assert WORDS not in page
    assert "a…@e…" in page
    assert "ani@example.org" not in page
    person = text_of(client, f"/en/r/{contact.page_token}/")
    assert SAID not in person
    assert WORDS not in person


def test_a_code_opens_what_was_told_and_who_looked(client: Client, contact: Contact) -> None:
    agent = make_agent(contact.organisation, "samuel")
    Contact.objects.filter(pk=contact.pk).update(agent=agent, state="active")
    Skill.objects.filter(code="care").update(opens_needs=True)
    needs.look(contact=Contact.objects.get(pk=contact.pk), by=agent.user, now=timezone.now())
    page = open_page(client, contact)
    assert SAID in page
    assert WORDS in page
    assert "samuel" in page
    assert "was helping you" in page
    assert NeedView.objects.count() == 1


def test_a_wrong_code_opens_nothing(client: Client, contact: Contact) -> None:
    client.post(f"{page_of(contact)}code/")
    response = client.post(f"{page_of(contact)}open/", {"code": "0"})
    assert response.status_code == 422
    assert SAID not in response.content.decode()
    assert SAID not in text_of(client, page_of(contact))


def test_an_open_page_closes_by_itself(client: Client, contact: Contact) -> None:
    open_page(client, contact)
    session = client.session
    session[f"needs-of-{contact.pk}"] = (timezone.now() - timedelta(seconds=1)).isoformat()
    session.save()
    assert SAID not in text_of(client, page_of(contact))


def test_one_persons_code_does_not_open_anothers_page(client: Client, contact: Contact) -> None:
    other = make_contact(contact.organisation, now=timezone.now(), needs=("medical_equipment",))
    open_page(client, contact)
    assert SAID not in text_of(client, page_of(other))


def test_one_click_takes_one_back(client: Client, contact: Contact) -> None:
    open_page(client, contact)
    first, second = SupportNeed.objects.order_by("id")
    response = client.post(f"{page_of(contact)}withdraw/", {"need": first.pk}, follow=True)
    page = response.content.decode()
    assert SAID not in page
    assert WORDS in page
    assert "You took 1 thing back" in page
    assert Contact.objects.select_related("lane").get().lane.band == 3
    assert SupportNeed.objects.get(pk=second.pk).ended_at is None


def test_one_click_takes_all_back_without_a_code(client: Client, contact: Contact) -> None:
    response = client.post(f"{page_of(contact)}withdraw/", follow=True)
    assert "It is gone everywhere" in response.content.decode()
    assert not SupportNeed.objects.filter(ended_at__isnull=True).exists()


def test_without_a_code_no_single_need_is_touched(client: Client, contact: Contact) -> None:
    need = SupportNeed.objects.first()
    assert need
    client.post(f"{page_of(contact)}withdraw/", {"need": need.pk})
    client.post(f"{page_of(contact)}right/", {"need": need.pk})
    assert SupportNeed.objects.filter(ended_at__isnull=True).count() == 2


@pytest.mark.parametrize("need", ["", "x", "9" * 30, "-1"])
def test_a_need_that_is_none_is_not_found(client: Client, contact: Contact, need: str) -> None:
    open_page(client, contact)
    assert client.post(f"{page_of(contact)}withdraw/", {"need": need}).status_code == 404
    assert SupportNeed.objects.filter(ended_at__isnull=True).count() == 2


def test_another_persons_need_is_not_found(client: Client, contact: Contact) -> None:
    other = make_contact(contact.organisation, now=timezone.now(), needs=("hearing",))
    open_page(client, contact)
    need = SupportNeed.objects.get(person=other.person)
    assert client.post(f"{page_of(contact)}withdraw/", {"need": need.pk}).status_code == 404
    assert SupportNeed.objects.get(pk=need.pk).ended_at is None


def test_a_question_is_answered_with_one_click(client: Client, contact: Contact) -> None:
    need_times.ask_due(now=timezone.now() + timedelta(days=400))
    page = open_page(client, contact)
    assert "Is this still right?" in page
    need = SupportNeed.objects.order_by("id")[0]
    page = client.post(f"{page_of(contact)}right/", {"need": need.pk}, follow=True).content.decode()
    assert "We keep it" in page
    assert need.check_ins.get().outcome == "confirmed"


def test_without_an_address_no_code_is_offered(client: Client, organisation: Organisation) -> None:
    contact = make_contact(organisation, now=timezone.now(), email="", needs=("hearing",))
    assert "Send me a code" not in text_of(client, page_of(contact))
    assert client.post(f"{page_of(contact)}code/").status_code == 422
    assert not PageCode.objects.exists()


def test_a_code_is_no_message_of_the_page(client: Client, contact: Contact) -> None:
    client.post(f"{page_of(contact)}code/")
    assert "Your code" not in text_of(client, f"/en/r/{contact.page_token}/")


def test_a_revoked_link_opens_nothing(client: Client, contact: Contact) -> None:
    open_page(client, contact)
    url = page_of(contact)
    Contact.objects.update(page_token=None)
    assert client.get(url).status_code == 404
    assert client.post(f"{url}withdraw/").status_code == 404
    assert SupportNeed.objects.filter(ended_at__isnull=True).count() == 2


def test_a_code_that_a_colleague_hears_opens_nothing_here_and_is_not_shown_as_sent(
    client: Client, contact: Contact
) -> None:
    codes.send(contact=contact, by=make_agent(contact.organisation).user, now=timezone.now())
    assert "The six digits we sent you" not in text_of(client, page_of(contact))
    letter = contact.messages.get(sort=Message.Sort.CODE)
    code = re.search(r"(?<!\d)\d{6}(?!\d)", letter.body)
    assert code
    assert client.post(f"{page_of(contact)}open/", {"code": code[0]}).status_code == 422
    assert WORDS not in text_of(client, page_of(contact))
