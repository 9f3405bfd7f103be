"""The board over HTTP: what a lead sees and does there."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pharos.actions import alarms, conversation, entries, routing, words
from pharos.models import Agent, Alarm, Channel, Contact, Message, Offer
from tests.factories import make_agent, make_contact, make_entry, make_incident, make_organisation

pytestmark = pytest.mark.django_db


def test_board_empty_says_what_to_do_next(as_lead, as_admin):
    page = as_lead.get("/lead/").text
    for said in ("No alarms.", "Nobody is waiting.", "Ask an administrator", "can’t say yet"):
        assert said in page
    assert reverse("people") in as_admin.get("/lead/").text


def test_board_shows_line_alarms_and_figures(centre, as_lead):
    now = timezone.now()
    make_incident(centre, "storm")
    first = make_contact(centre, now=now - timedelta(minutes=3), danger=True, name="Ani")
    second = make_contact(centre, now=now, needed_by=(now + timedelta(days=2)).date())
    alarms.sweep(organisation=centre, now=now)
    page = as_lead.get("/lead/").text
    assert page.index(first.reference, page.index("Next in line")) < page.index(second.reference)
    for said in ("Danger to life is waiting", "leaves in 2 days", "danger to life goes first", "Storm", "I take it"):
        assert said in page


def test_board_line_names_index_and_who_stands_behind(centre, as_lead):
    now = timezone.now()
    make_contact(centre, now=now - timedelta(hours=2))
    behind = make_contact(centre, now=now - timedelta(hours=1))
    page = as_lead.get(reverse("board_waiting")).text
    assert f"index 0.08; behind it {behind.reference} with 0.04" in page


def test_board_in_persian_uses_its_digits_and_direction(centre, as_lead):
    make_contact(centre, now=timezone.now(), danger=True)
    as_lead.cookies["pharos_language"] = "fa"
    page = as_lead.get("/lead/").text
    assert 'dir="rtl"' in page
    assert "۱" in page


def test_board_parts_are_not_kept_and_follow_live_topics(centre, as_lead):
    page = as_lead.get("/lead/").text
    assert 'sse-connect="/live/staff/?topics=board,alarms&amp;after=' in page
    for part in ("figures", "alarms", "waiting"):
        answer = as_lead.get(reverse(f"board_{part}"))
        assert "<html" not in answer.text
        assert "no-store" in answer["Cache-Control"]


def test_board_queries_do_not_grow(centre, as_lead):
    now = timezone.now()
    counts = []
    for _ in range(3):
        make_agent(centre)
        for danger in (True, False):
            make_contact(centre, now=now, danger=danger)
        alarms.sweep(organisation=centre, now=now)
        with CaptureQueriesContext(connection) as queries:
            as_lead.get("/lead/")
        # Where the live log begins is asked in one way or two, by how old it is.
        counts.append(sum("liveevent" not in query["sql"] for query in queries.captured_queries))
    assert counts[1] == counts[2]


def test_acknowledge_puts_the_name_and_without_scripts_goes_back(centre, lead, as_lead):
    make_contact(centre, now=timezone.now(), danger=True)
    alarms.sweep(organisation=centre, now=timezone.now())
    alarm = Alarm.objects.filter(sort="danger").get()
    answer = as_lead.post(reverse("acknowledge", args=[alarm.pk]), follow=True)
    assert "The alarm is yours." in answer.text
    assert "taken by Lena Lead" in answer.text
    alarm.refresh_from_db()
    assert alarm.acknowledged_by == lead
    again = as_lead.post(reverse("acknowledge", args=[alarm.pk]), follow=True)
    assert "Somebody has this alarm already" in again.text


def test_acknowledge_all_by_script_answers_with_the_alarms(centre, as_lead):
    for _ in range(2):
        make_contact(centre, now=timezone.now(), danger=True)
    alarms.sweep(organisation=centre, now=timezone.now())
    answer = as_lead.post(reverse("acknowledge_all"), {"sort": "danger"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "2 alarms are yours." in answer.text
    assert "<html" not in answer.text
    assert not Alarm.objects.filter(sort="danger", acknowledged_at=None).exists()


def test_mailbox_out_of_reach_stands_on_the_board_and_leads_an_administrator_to_it(centre, as_lead, as_admin):
    entry = make_entry(centre, Channel.EMAIL, "help@example.org")
    for _ in range(2):
        entries.failed(entry=entry, reason="gone", now=timezone.now() - timedelta(seconds=60))
    alarms.sweep(organisation=centre, now=timezone.now())
    way = reverse("entry", args=[entry.pk])
    for client, leads_there in ((as_lead, False), (as_admin, True)):
        for page in ("board", "all_alarms"):
            said = client.get(reverse(page)).text
            assert "help@example.org" in said
            assert (way in said) is leads_there


def test_alarms_page_lists_open_and_over(centre, agent, as_lead):
    now = timezone.now()
    contact = make_contact(centre, now=now, danger=True)
    alarms.sweep(organisation=centre, now=now)
    assert contact.reference in as_lead.get(reverse("all_alarms")).text
    Contact.objects.update(state="closed")
    alarms.sweep(organisation=centre, now=now)
    page = as_lead.get(reverse("all_alarms")).text
    assert "No alarms." in page
    assert "ended by itself" in page


def test_alarm_strip_is_on_every_page_of_a_lead_and_of_nobody_else(centre, agent, as_lead, signed_in):
    make_contact(centre, now=timezone.now(), danger=True)
    alarms.sweep(organisation=centre, now=timezone.now())
    said = "1 alarm needs a name."
    assert said in as_lead.get(reverse("contacts")).text
    assert said in as_lead.get(reverse("alarm_strip")).text
    assert said not in signed_in(agent.user).get("/account/password/change/").text


def test_contact_shows_the_whole_trail(centre, agent, as_lead):
    now = timezone.now()
    contact = make_contact(
        centre, now=now, name="Ani", booking="AB12", request_type="refund", needs=("wheelchair",), text="<b>Help</b>"
    )
    behind = make_contact(centre, now=now)
    routing.set_status(agent=agent, status=Agent.Status.AVAILABLE, now=now)
    routing.dispatch(organisation=centre, now=now)
    routing.accept(offer=Offer.objects.get(), agent=agent, now=now)
    page = as_lead.get(reverse("lead_contact", args=[contact.reference])).text
    for said in (
        "Came in",
        "Offered to agent",
        "Taken by an agent",
        "With an agent",
        "AB12",
        "Refund",
        behind.reference,
    ):
        assert said in page
    assert "&lt;b&gt;Help&lt;/b&gt;" in page


def test_contact_that_waits_shows_place_index_and_promise(centre, as_lead):
    make_contact(centre, now=timezone.now(), danger=True)
    contact = make_contact(centre, now=timezone.now() - timedelta(hours=2))
    page = as_lead.get(reverse("lead_contact", args=[contact.reference])).text
    assert re.search(r"Place in line</dt><dd[^>]*>2<", page)
    assert re.search(r"Index</dt><dd[^>]*><span[^>]*>0\.08<", page)
    assert "about 2 hours" in page


def test_contact_that_is_not_there(as_lead):
    assert as_lead.get(reverse("lead_contact", args=["K7M-4QD"])).status_code == 404


def test_contact_failed_message_says_why(centre, as_lead):
    contact = make_contact(centre, now=timezone.now())
    Message.objects.filter(direction="out").update(state="failed", failure="mailbox full")
    assert "mailbox full" in as_lead.get(reverse("lead_contact", args=[contact.reference])).text


def test_raise_with_a_reason_moves_up_and_is_recorded(centre, lead, as_lead):
    contact = make_contact(centre, now=timezone.now())
    path = reverse("raise_contact", args=[contact.reference])
    answer = as_lead.post(path, {"to": "1", "reason": "Lives alone, no power."}, follow=True)
    assert "was brought forward" in answer.text
    contact.refresh_from_db()
    assert (contact.lane.band, contact.raised_by) == (1, lead)
    assert "Lives alone, no power." in answer.text
    assert "Brought forward by hand" in answer.text


@pytest.mark.parametrize(
    "fields",
    [
        {"to": "front"},
        {"to": "1", "reason": " "},
        {"to": "3", "reason": "x"},
        {"to": "9", "reason": "x"},
        {"reason": "x"},
    ],
)
def test_raise_without_reason_or_not_up_changes_nothing(fields, centre, as_lead):
    contact = make_contact(centre, now=timezone.now())
    assert as_lead.post(reverse("raise_contact", args=[contact.reference]), fields).status_code == 422
    contact.refresh_from_db()
    assert (contact.lane.band, contact.raised_by, contact.front_at) == (3, None, None)


def test_raise_on_danger_or_closed_is_not_offered(centre, as_lead):
    danger = make_contact(centre, now=timezone.now(), danger=True)
    assert "Bring forward" not in as_lead.get(reverse("lead_contact", args=[danger.reference])).text


def test_brought_to_the_front_and_taken_back(centre, lead, as_lead):
    now = timezone.now()
    first = make_contact(centre, now=now - timedelta(hours=2))
    contact = make_contact(centre, now=now)
    address = reverse("lead_contact", args=[contact.reference])
    before = as_lead.get(address).text
    assert "Who goes before it" in before
    assert first.reference in before
    said = {"to": "front", "reason": "Her mother calls the whole time."}
    page = as_lead.post(reverse("raise_contact", args=[contact.reference]), said, follow=True).text
    for told in ("To the front", "Her mother calls the whole time.", "Nobody goes before it.", "Lena Lead"):
        assert told in page
    assert "a lead brought it to the front" in as_lead.get(reverse("contacts")).text
    undo = reverse("raise_undo", args=[contact.reference])
    assert "Taken back" in as_lead.post(undo, follow=True).text
    assert "There is nothing to take back" in as_lead.post(undo, follow=True).text
    page = as_lead.get(address).text
    assert "taken back by Lena Lead" in page
    assert "Who goes before it" in page


def test_why_of_a_contact_in_hand_and_closed(centre, as_lead):
    now = timezone.now()
    contact = make_contact(centre, now=now - timedelta(minutes=12))
    behind = make_contact(centre, now=now)
    agent = make_agent(centre, "ani")
    routing.dispatch(organisation=centre, now=now)
    address = reverse("lead_contact", args=[contact.reference])
    assert "not answered yet" in as_lead.get(address).text
    routing.accept(offer=Offer.objects.get(), agent=agent, now=now)
    contact.refresh_from_db()
    conversation.close(contact=contact, disposition="solved", summary="Done", by=agent.user, now=now)
    page = as_lead.get(address).text
    for told in ("Why it was offered", "it has used up the most of its time", behind.reference, "What was promised"):
        assert told in page
    assert f"{address}#why-title" in as_lead.get(reverse("contacts"), {"q": ""}).text


def test_every_row_of_the_line_leads_to_why_and_forward(centre, as_lead):
    contact = make_contact(centre, now=timezone.now())
    address = reverse("lead_contact", args=[contact.reference])
    for page in ("board", "contacts"):
        text = as_lead.get(reverse(page)).text
        assert f'href="{address}#why-title"' in text
        assert f'href="{address}?raise#raise"' in text
    assert '<details class="fold" id="raise" open>' in as_lead.get(f"{address}?raise").text


def test_contacts_search_and_line(centre, as_lead):
    contact = make_contact(centre, now=timezone.now(), name="Ani Petrosyan")
    other = make_contact(make_organisation(), now=timezone.now(), name="Ani Elsewhere")
    words.write_due()
    assert contact.reference in as_lead.get(reverse("contacts")).text
    found = as_lead.get(reverse("contacts"), {"q": "petros"}).text
    assert contact.reference in found
    assert other.reference not in as_lead.get(reverse("contacts"), {"q": "Ani"}).text
    assert "Nothing found" in as_lead.get(reverse("contacts"), {"q": "<script>"}).text


def test_contacts_search_queries_do_not_grow(centre, as_lead):
    counts = []
    for _ in range(3):
        make_contact(centre, now=timezone.now(), name="Ani")
        words.write_due()
        with CaptureQueriesContext(connection) as queries:
            as_lead.get(reverse("contacts"), {"q": "ani"})
        counts.append(len(queries))
    assert counts[0] == counts[2]
