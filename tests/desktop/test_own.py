"""The own column: status, offers, what the agent holds."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pharos.actions import conversation, further, routing
from pharos.models import Agent, Contact, Offer
from tests.desktop.conftest import HTMX, Desk, client_of
from tests.factories import make_agent, make_contact, make_organisation, make_user

State = Contact.State


def state_of(contact: Contact) -> str:
    return Contact.objects.get(pk=contact.pk).state


def test_desk_asks_to_sign_in(db, client):
    make_organisation("ferry", host="ferry.example.org")
    response = client.get("/desk/", headers={"host": "ferry.example.org"})
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/account/login/")


def test_desk_of_staff_who_take_no_contacts_is_refused(db):
    organisation = make_organisation()
    assert client_of(make_user(organisation), organisation).get("/desk/").status_code == 403


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("available", "Nothing to do at the moment"),
        ("break", "You are on a break"),
        ("offline", "You are offline"),
    ],
)
def test_empty_desk_says_what_to_do_next(desk, status, words):
    routing.set_status(agent=desk.agent, status=Agent.Status(status), now=timezone.now())
    assert words in desk.client.get("/desk/").content.decode()


def test_status_without_script_comes_back_to_the_desk(desk):
    response = desk.client.post("/desk/status/", {"status": "break", "next": "/desk/ABC-DEF/"})
    assert response.headers["Location"] == "/desk/ABC-DEF/"
    desk.agent.refresh_from_db()
    assert desk.agent.status == Agent.Status.BREAK


def test_status_leads_to_no_other_site(desk):
    response = desk.client.post("/desk/status/", {"status": "break", "next": "https://elsewhere.example.org/desk/"})
    assert response.headers["Location"] == "/desk/"


def test_status_with_script_swaps_the_own_column_only(desk):
    response = desk.client.post("/desk/status/", {"status": "offline"}, headers=HTMX)
    page = response.content.decode()
    assert "<html" not in page
    assert 'value="offline" aria-pressed="true"' in page


def test_status_that_does_not_exist_changes_nothing(desk):
    assert desk.client.post("/desk/status/", {"status": "asleep"}).status_code == 400
    desk.agent.refresh_from_db()
    assert desk.agent.status == Agent.Status.AVAILABLE


def test_offer_says_why_it_is_next_and_until_when_it_holds(desk):
    offer = desk.offered(needed_by=desk.in_days(3), request_type="refund", channel="email", language="fa")
    page = desk.client.get("/desk/").content.decode()
    assert "leaves in 3 days" in page
    assert "Waiting since" in page
    assert "Refund · Email · Persian" in page
    assert f"{offer.expires_at:%H:%M:%S}" in page
    assert "Of all you can answer, it has used up the most of its time." in page


def test_offer_names_its_promise(desk):
    offer = desk.offered()
    by = timezone.now().replace(second=0, microsecond=0) + timedelta(minutes=40)
    Contact.objects.filter(pk=offer.contact_id).update(promise_by=by)
    assert "Promised by" in desk.client.get("/desk/").content.decode()


def test_offer_shows_nothing_of_the_person_before_it_is_taken(desk):
    desk.offered(text="My secret", name="Ani Petrosyan", email="ani@example.org")
    page = desk.client.get("/desk/").content.decode()
    assert "My secret" not in page
    assert "Petrosyan" not in page


def test_offer_is_in_the_part_that_is_fetched_live(desk):
    offer = desk.offered()
    page = desk.client.get("/desk/own/", headers=HTMX).content.decode()
    assert f'data-offer="{offer.pk}"' in page


@pytest.mark.parametrize("typed", ["", "a/b", "../x", "<b>", "K7M-4QD" * 99])
def test_own_part_bears_any_open_contact(desk, typed):
    assert desk.client.get("/desk/own/", {"open": typed}).status_code == 200


def test_take_opens_the_contact(desk):
    offer = desk.offered()
    response = desk.client.post(f"/desk/offers/{offer.pk}/take/")
    assert response.headers["Location"] == f"/desk/{offer.contact.reference}/"
    assert state_of(offer.contact) == State.ACTIVE


def test_take_twice_opens_the_same_contact(desk):
    offer = desk.offered()
    first = desk.client.post(f"/desk/offers/{offer.pk}/take/")
    second = desk.client.post(f"/desk/offers/{offer.pk}/take/")
    assert first.headers["Location"] == second.headers["Location"]
    assert offer.contact.events.filter(code="accepted").count() == 1


def test_take_too_late_says_so_calmly(desk):
    offer = desk.offered()
    routing.expire_offers(now=timezone.now() + timedelta(minutes=5))
    response = desk.client.post(f"/desk/offers/{offer.pk}/take/", follow=True)
    page = response.content.decode()
    assert "This offer is over. The person has kept their place." in page
    assert "you were set on a break" in page
    assert state_of(offer.contact) == State.WAITING


def test_take_of_another_agents_offer_changes_nothing(desk):
    offer = desk.offered()
    other = make_agent(desk.organisation)
    response = client_of(other.user, desk.organisation).post(f"/desk/offers/{offer.pk}/take/")
    assert response.status_code == 404
    assert state_of(offer.contact) == State.OFFERED


def test_take_across_organisations_changes_nothing(desk):
    offer = desk.offered()
    assert Desk().client.post(f"/desk/offers/{offer.pk}/take/").status_code == 404
    assert state_of(offer.contact) == State.OFFERED


def test_not_now_gives_the_place_back_and_a_break(desk):
    offer = desk.offered()
    response = desk.client.post(f"/desk/offers/{offer.pk}/decline/", headers=HTMX)
    assert "You are on a break" in response.content.decode()
    assert state_of(offer.contact) == State.WAITING
    assert "you were set on a break" not in response.content.decode()


def test_missed_offer_is_told_until_available_again(desk):
    desk.offered()
    routing.expire_offers(now=timezone.now() + timedelta(minutes=5))
    assert "you were set on a break" in desk.client.get("/desk/").content.decode()
    desk.client.post("/desk/status/", {"status": "available"})
    assert "you were set on a break" not in desk.client.get("/desk/").content.decode()


def test_list_is_grouped_by_what_is_to_be_done(desk):
    asks, answered, aside = desk.held(), desk.held(), desk.held()
    now = timezone.now()
    conversation.reply(contact=answered, body="Done", by=desk.agent.user, now=now)
    conversation.pend(contact=aside, until=now + timedelta(hours=2), by=desk.agent.user, now=now)
    page = desk.client.get("/desk/").content.decode()
    places = [page.index(words) for words in ("Waiting for your answer", "Answered", "Set aside")]
    assert places == sorted(places)
    assert places[0] < page.index(asks.reference) < places[1] < page.index(answered.reference) < places[2]
    assert page.index(aside.reference) > places[2]


def test_list_says_when_the_person_wrote_again(desk):
    contact = desk.held()
    conversation.reply(contact=contact, body="Done", by=desk.agent.user, now=timezone.now())
    assert "Waiting for your answer" not in desk.client.get("/desk/").content.decode()
    further.add_words(contact=contact, text="And now?", door="page", key="1", digest="1", now=timezone.now())
    page = desk.client.get("/desk/").content.decode()
    assert "Waiting for your answer" in page
    assert "And now?" in page


def test_digits_and_times_are_those_of_the_language(desk):
    desk.offered(needed_by=desk.in_days(3))
    desk.client.cookies["pharos_language"] = "fa"
    page = desk.client.get("/desk/").content.decode()
    assert 'dir="rtl"' in page
    assert "۳ روز دیگر عازم است" in page


def test_desk_asks_the_store_no_more_for_three_contacts_than_for_one(desk):
    with_queries = []
    for _ in range(3):
        contact = desk.held(needs=("hearing",))
        further.add_words(contact=contact, text="More", door="p", key=str(contact.pk), digest="1", now=timezone.now())
        with_queries.append(_count(desk, "/desk/"))
    assert with_queries[0] == with_queries[2]


def _count(desk, address):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as caught:
        assert desk.client.get(address).status_code == 200
    return len(caught)


def test_contact_asks_the_store_no_more_for_three_contacts_than_for_one(desk):
    first = desk.held()
    one = _count(desk, f"/desk/{first.reference}/")
    desk.held()
    desk.held()
    assert _count(desk, f"/desk/{first.reference}/") == one


def test_contact_asks_the_store_no_more_for_many_messages(desk):
    contact = desk.held()
    one = _count(desk, f"/desk/{contact.reference}/")
    for number in range(3):
        further.add_words(contact=contact, text="More", door="p", key=str(number), digest="1", now=timezone.now())
        conversation.note(contact=contact, body="Noted", by=desk.agent.user, now=timezone.now())
    assert _count(desk, f"/desk/{contact.reference}/") == one


def test_own_column_names_no_contact_of_a_colleague(desk):
    other = make_agent(desk.organisation)
    contact = make_contact(desk.organisation, now=timezone.now())
    Contact.objects.filter(pk=contact.pk).update(state=State.ACTIVE, agent=other)
    assert contact.reference not in desk.client.get("/desk/").content.decode()
    assert Offer.objects.count() == 0
