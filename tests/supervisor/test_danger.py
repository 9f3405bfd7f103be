"""The duty lead sees the words that may mean danger to life, and says whether they do."""

import pytest
from django.utils import timezone

from pharos.actions import conversation, cues
from pharos.models import Alarm, Contact, Cue, Organisation, Role
from pharos.queries import cues as queries
from tests.factories import make_contact, make_organisation, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def contact(centre: Organisation) -> Contact:
    found = make_contact(centre, now=timezone.now(), text="Please hurry. I want to die <b>now</b>.")
    cues.hear_due(now=timezone.now())
    return found


def last(contact: Contact) -> int:
    return Cue.objects.filter(contact=contact, sort="danger").latest("pk").pk


def band(contact: Contact) -> int:
    return Contact.objects.select_related("lane").get(pk=contact.pk).lane.band


@pytest.mark.parametrize("path", ["/lead/", "/lead/parts/alarms/", "/lead/alarms/"])
def test_alarm_shows_the_words_and_both_answers(as_lead, contact, path):
    page = as_lead.get(path).content.decode()
    assert "want to die</mark>" in page
    assert "<b>now" not in page
    assert f"/lead/contacts/{contact.reference}/danger/" in page
    assert f"/lead/contacts/{contact.reference}/no-danger/" in page
    assert page.count('aria-keyshortcuts="Alt+R"') == 1


def test_the_strip_of_other_pages_tells_it(as_lead, contact):
    assert "alarm-strip" in as_lead.get("/lead/contacts/").content.decode()


def test_one_press_raises_and_shows_the_alarms_again(as_lead, lead, contact):
    answer = as_lead.post(f"/lead/contacts/{contact.reference}/danger/", headers=HTMX)
    assert answer.status_code == 200
    assert f"{contact.reference} goes before everyone now." in answer.content.decode()
    assert band(contact) == 0
    assert Alarm.objects.get(sort="danger").acknowledged_by == lead
    again = as_lead.post(f"/lead/contacts/{contact.reference}/danger/", headers=HTMX)
    assert "A colleague has raised" in again.content.decode()


def test_one_press_says_that_there_is_no_danger(as_lead, contact):
    answer = as_lead.post(f"/lead/contacts/{contact.reference}/no-danger/", {"seen": last(contact)})
    assert answer.headers["Location"] == "/lead/"
    assert band(contact) == 3
    assert not Alarm.objects.filter(sort="danger_words", cleared_at=None).exists()
    refused = as_lead.post(f"/lead/contacts/{contact.reference}/danger/", headers=HTMX)
    assert "Somebody has said already that there is no danger" in refused.content.decode()
    assert band(contact) == 3


def test_words_that_came_after_the_page_was_drawn_stay_open(as_lead, contact):
    seen = last(contact)
    assert f'name="seen" value="{seen}"' in as_lead.get("/lead/").content.decode()
    assert f'name="seen" value="{seen}"' in as_lead.get(f"/lead/contacts/{contact.reference}/").content.decode()
    words = "I will kill myself tonight"
    conversation.add_words(contact=contact, text=words, door="page", key="k", digest="d", now=timezone.now())
    cues.hear_due(now=timezone.now())
    path = f"/lead/contacts/{contact.reference}/no-danger/"
    answer = as_lead.post(path, {"seen": seen}, headers=HTMX).content.decode()
    assert f"{contact.reference}: new words came meanwhile. Please read them." in answer
    assert "kill myself" in answer
    assert Alarm.objects.filter(sort="danger_words", cleared_at=None).exists()
    assert band(contact) == 1


@pytest.mark.parametrize("seen", [None, "", "x", "-1", "٣", "9" * 30])
def test_an_answer_to_nothing_that_was_shown_is_not_found(as_lead, contact, seen):
    data = {} if seen is None else {"seen": seen}
    assert as_lead.post(f"/lead/contacts/{contact.reference}/no-danger/", data).status_code == 404
    assert Cue.objects.get(sort="danger").state == "open"


def test_of_many_words_the_newest_are_quoted_and_the_rest_counted(as_lead, contact):
    for number in range(5):
        words = f"I want to die, day {number}"
        conversation.add_words(contact=contact, text=words, door="page", key=words, digest="d", now=timezone.now())
    cues.hear_due(now=timezone.now())
    for path in ("/lead/parts/alarms/", f"/lead/contacts/{contact.reference}/"):
        page = as_lead.get(path).content.decode()
        assert f'name="seen" value="{last(contact)}"' in page
        assert ">and 3 more<" in page
    found = queries.of_danger([contact.pk])[contact.pk]
    assert (len(found.quotations), found.more, found.last) == (3, 3, last(contact))


def test_the_page_of_the_contact_has_both_too(as_lead, contact):
    page = as_lead.get(f"/lead/contacts/{contact.reference}/").content.decode()
    assert "What the words suggest" in page
    assert "the words may mean danger to life" in page
    assert "want to die</mark>" in page
    answer = as_lead.post(f"/lead/contacts/{contact.reference}/danger/", {"on_page": "yes"}, follow=True)
    assert answer.redirect_chain == [(f"/lead/contacts/{contact.reference}/", 302)]
    page = answer.content.decode()
    assert "goes before everyone now" in page
    assert "Brought forward by hand" in page
    assert "/no-danger/" not in page


@pytest.mark.parametrize("act", ["danger", "no-danger"])
def test_only_a_lead_of_the_house_may(contact, agent, signed_in, act):
    stranger = make_user(make_organisation(), role=Role.LEAD)
    for user in (agent.user, stranger):
        assert signed_in(user).post(f"/lead/contacts/{contact.reference}/{act}/").status_code in {403, 404}
    assert band(contact) == 1
    assert Cue.objects.get(sort="danger").state == "open"


def test_a_contact_of_another_house_is_not_found(as_lead):
    other = make_contact(make_organisation(), now=timezone.now(), text="I want to die")
    assert as_lead.post(f"/lead/contacts/{other.reference}/danger/").status_code == 404


def test_the_board_asks_no_more_of_the_database_for_more_words(as_lead, centre, django_assert_max_num_queries):
    counts = []
    for number in (1, 2):
        for _ in range(number):
            make_contact(centre, now=timezone.now(), text="I want to die")
        cues.hear_due(now=timezone.now())
        with django_assert_max_num_queries(20) as queries:
            as_lead.get("/lead/parts/alarms/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
