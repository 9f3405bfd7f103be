"""One contact on the desk: what is shown, and every button with and without a script."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from pharos.actions import conversation, further, incidents, intake, leaving, merging, promises, routing, uploads
from pharos.desktop.words import needed
from pharos.http.reader import Reader
from pharos.models import Alarm, Contact, Draft, Message, PageSection, Promise, Queue, Role
from tests.desktop.conftest import HTMX, Desk, client_of
from tests.factories import make_agent, make_contact, make_inbound, make_user

State = Contact.State


def test_page_shows_who_what_and_when(desk):
    contact = desk.held(
        text="The ramp is broken",
        name="Ani Petrosyan",
        email="Ani@example.org",
        phone="+44 7700 900123",
        booking="ab 12",
        needed_by=(timezone.now() + timedelta(days=1)).date(),
        needs=("hearing",),
    )
    page = desk.get(contact).content.decode()
    for words in ("The ramp is broken", "Ani Petrosyan", "Ani@example.org", "+44 7700 900123", "ab 12", "tomorrow"):
        assert words in page
    assert "Written summary after the contact" in page
    assert "I find it hard to hear on the phone</" not in page
    assert "Is this date still right?" in page
    assert "Acknowledgement, sent by itself" in page
    assert "no-store" in desk.get(contact).headers["Cache-Control"]


def test_page_says_what_was_promised_and_how_it_stands(desk):
    contact = desk.held()
    Promise.objects.filter(contact=contact).update(by=timezone.now() - timedelta(minutes=1), settled_at=None)
    assert "past, and not answered yet" in desk.get(contact).content.decode()
    promises.settle(contact, now=timezone.now())
    assert "not kept" in desk.get(contact).content.decode()


def test_page_explains_the_pick_with_its_runner_up(desk):
    other = make_contact(desk.organisation, now=timezone.now() - timedelta(minutes=1))
    contact = desk.held(danger=True)
    page = desk.get(contact).content.decode()
    assert "Danger to life goes before everyone." in page
    assert other.reference in page


def test_earlier_contacts_of_the_same_address_are_linked_only_where_they_may_be_opened(desk):
    mine = desk.held(email="Ani@example.org")
    contact = desk.held(email="ani@example.org")
    other = make_agent(desk.organisation)
    theirs = make_contact(desk.organisation, email="ani@EXAMPLE.org")
    Contact.objects.filter(pk=theirs.pk).update(state=State.ACTIVE, agent=other)
    stranger = make_contact(desk.organisation, email="bani@example.org")
    elsewhere = make_contact(Desk().organisation, email="ani@example.org")
    page = desk.get(contact).content.decode()
    side = page[page.index("Maybe the same person") :]
    assert f'href="/desk/{mine.reference}/"' in side
    assert theirs.reference in side
    assert f'href="/desk/{theirs.reference}/"' not in side
    assert stranger.reference not in page
    assert elsewhere.reference not in page


def test_guide_is_what_the_page_says_in_the_persons_language(desk):
    lead = make_user(desk.organisation, role=Role.LEAD)
    incident = incidents.declare(
        organisation=desk.organisation,
        crisis_type="natural_disaster",
        severity="severe",
        name={"en": "Storm", "fa": "توفان"},
        by=lead,
        now=timezone.now(),
    )
    first = incident.sections.filter(sort="to_do").earliest("order")
    PageSection.objects.filter(pk=first.pk).update(body={"en": "Stay inside.", "fa": "در خانه بمانید."})
    contact = desk.held(incident=incident, language="fa")
    page = desk.get(contact).content.decode()
    assert 'data-insert="در خانه بمانید."' in page
    assert f"/fa/i/{incident.slug}/" in page
    assert "در خانه بمانید." in desk.get(contact, "guide/").content.decode()


def test_file_is_a_download_for_its_agent_alone(desk):
    kept = uploads.keep(organisation=desk.organisation, name="ticket.txt", content=b"Row 7", now=timezone.now())
    contact = desk.held(attachments=(kept.token,))
    response = desk.get(contact, f"files/{kept.token}/")
    assert b"".join(response.streaming_content) == b"Row 7"
    assert response.headers["Content-Disposition"] == 'attachment; filename="ticket.txt"'
    stranger = desk.held()
    assert desk.get(stranger, f"files/{kept.token}/").status_code == 404
    other = make_agent(desk.organisation)
    address = f"/desk/{contact.reference}/files/{kept.token}/"
    assert client_of(other.user, desk.organisation).get(address).status_code == 404
    assert Desk().client.get(address).status_code == 404


def test_offered_contact_is_not_opened_before_it_is_taken(desk):
    offer = desk.offered()
    assert desk.get(offer.contact).headers["Location"] == "/desk/"
    assert desk.get(offer.contact, "part/").status_code == 404


def test_lead_looks_on_without_buttons(desk):
    contact = desk.held(text="The ramp is broken")
    lead = make_agent(desk.organisation, role=Role.LEAD)
    page = client_of(lead.user, desk.organisation).get(f"/desk/{contact.reference}/").content.decode()
    assert "The ramp is broken" in page
    assert "You are looking on" in page
    assert 'id="composer"' not in page
    assert 'id="act-finish"' not in page


POSTS = [
    ("say", {"body": "Words", "after": "0", "as": "reply"}),
    ("say", {"body": "Words", "after": "0", "as": "note"}),
    ("keep", {"body": "Words", "after": "0"}),
    ("open", {"open": "hand"}),
    ("do/aside", {"usual": "hour"}),
    ("do/transfer", {"queue": "refunds", "reason": "Money"}),
    ("do/type", {"request_type": "refund", "reason": "Money"}),
    ("do/hand", {"why": "decision"}),
    ("do/date", {"needed_by": "1/12/2030"}),
    ("finish", {}),
    ("resume", {}),
    ("close", {"disposition": "solved", "summary": "Done"}),
    ("lower", {}),
    ("revoke", {}),
    ("renew", {}),
    ("do/who", {"way": "document"}),
]


def everything() -> list[object]:
    models = (Contact, Message, Draft, Alarm)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize(("part", "data"), POSTS)
@pytest.mark.parametrize("who", ["colleague", "lead", "other organisation", "nobody"])
def test_contact_of_another_agent_is_not_found_and_nothing_changes(desk, part, data, who):
    contact = desk.held()
    client = {
        "colleague": lambda: client_of(make_agent(desk.organisation).user, desk.organisation),
        "lead": lambda: client_of(make_agent(desk.organisation, role=Role.LEAD).user, desk.organisation),
        "other organisation": lambda: Desk().client,
        "nobody": lambda: type(desk.client)(headers={"host": desk.organisation.hosts.get().host}),
    }[who]()
    before = everything()
    response = client.post(f"/desk/{contact.reference}/{part}/", data)
    assert response.status_code == (302 if who == "nobody" else 404)
    assert everything() == before


@pytest.mark.parametrize(("part", "data"), POSTS)
def test_contact_that_moved_on_says_so_and_nothing_changes(desk, part, data):
    contact = desk.held()
    routing.transfer(
        contact=contact,
        queue=Queue.objects.get(organisation=desk.organisation, code="care"),
        by=make_user(desk.organisation, role=Role.LEAD),
        reason="They know better",
        now=timezone.now(),
    )
    before = everything()
    response = desk.post(contact, part, data)
    assert response.status_code == 409
    assert "This contact is no longer with you" in response.content.decode()
    after = everything()
    assert before[:2] == after[:2]
    assert before[3] == after[3]


@pytest.mark.parametrize(("part", "data"), POSTS)
def test_every_button_works_without_a_script(desk, part, data):
    contact = desk.held()
    if part in {"resume", "close"}:
        conversation.finish(contact=contact, by=desk.agent.user, now=timezone.now())
    response = desk.post(contact, part, data)
    assert response.status_code in {200, 302}
    assert response.status_code == 302 or part == "do/type"


@pytest.mark.parametrize(("part", "data"), POSTS)
def test_every_button_swaps_only_parts_with_a_script(desk, part, data):
    contact = desk.held()
    if part in {"resume", "close"}:
        conversation.finish(contact=contact, by=desk.agent.user, now=timezone.now())
    response = desk.post(contact, part, data, script=True)
    assert response.status_code == 200
    assert "<html" not in response.content.decode()
    assert "HX-Redirect" in response.headers or 'id="desk-head" hx-swap-oob' in response.content.decode()


def test_part_fetched_live_never_touches_the_words_being_written(desk):
    contact = desk.held()
    further.add_words(contact=contact, text="One thing more", door="p", key="1", digest="1", now=timezone.now())
    page = desk.client.get(f"/desk/{contact.reference}/part/", headers=HTMX).content.decode()
    assert "One thing more" in page
    assert "<textarea" not in page
    assert 'id="composer-after"' in page


def test_part_of_a_contact_that_moved_on_says_so(desk):
    contact = desk.held(text="The ramp is broken")
    Contact.objects.filter(pk=contact.pk).update(state=State.WAITING, agent=None)
    page = desk.client.get(f"/desk/{contact.reference}/part/", headers=HTMX).content.decode()
    assert "This contact is no longer with you" in page
    assert "The ramp is broken" not in page


def test_person_who_left_meanwhile_is_told_to_the_agent(desk):
    contact = desk.held()
    leaving.leave(contact=contact, now=timezone.now())
    assert "The person told us that they no longer need help." in desk.get(contact).content.decode()


def test_person_who_left_a_place_that_another_shares_is_named_to_the_agent_and_the_lead(desk):
    contact, other = desk.held(), make_contact(desk.organisation, now=timezone.now())
    merging.merge(keep=contact, join=other, by=desk.agent.user, reasons=[], now=timezone.now())
    leaving.leave(contact=contact, now=timezone.now())
    named = f"{contact.reference}\u2069 needs nothing more. Still waiting in this place: \u2068{other.reference}\u2069."
    assert named in desk.get(contact).content.decode()
    lead = client_of(make_user(desk.organisation, "lead", role=Role.LEAD), desk.organisation)
    assert named in lead.get(reverse("lead_contact", args=[contact.reference])).content.decode()


def test_script_in_words_and_names_stays_text(desk):
    bomb = "<script>alert(1)</script>"
    contact = intake.receive(make_inbound(desk.organisation, text=bomb, name=bomb), now=timezone.now()).contact
    Contact.objects.filter(pk=contact.pk).update(state=State.ACTIVE, agent=desk.agent)
    assert bomb not in desk.get(contact).content.decode()


def test_day_of_the_person_counts_in_their_own_zone(desk):
    midnight = datetime.combine(date(2030, 6, 1), datetime.min.time(), ZoneInfo("Pacific/Auckland")).astimezone(UTC)
    contact = desk.held(time_zone="Pacific/Auckland", needed_by=date(2030, 6, 1))

    def left(at):
        told = needed(contact, Reader("en", "UTC", at))
        assert told
        return told.left

    assert left(midnight - timedelta(seconds=1)) == "tomorrow"
    assert left(midnight) == "today"
    assert left(midnight + timedelta(days=1)) == "past"
