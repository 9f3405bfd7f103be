"""The duty lead sees the words that may mean danger to life, and says whether they do."""

import pytest
from django.utils import timezone

from pharos.actions import conversation, cues, further, routing, verdicts
from pharos.models import Agent, Alarm, Contact, Cue, Offer, Organisation, Role
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
    further.add_words(contact=contact, text=words, door="page", key="k", digest="d", now=timezone.now())
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
        further.add_words(contact=contact, text=words, door="page", key=words, digest="d", now=timezone.now())
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
    assert counts[1] <= counts[0]


@pytest.fixture
def answered(centre: Organisation, contact: Contact, agent: Agent) -> Contact:
    """An agent has it in hand, and has said that there is no danger."""
    routing.set_status(agent=agent, status=Agent.Status.AVAILABLE, now=timezone.now())
    routing.dispatch(organisation=centre, now=timezone.now())
    held = routing.accept(offer=Offer.objects.get(contact=contact), agent=agent, now=timezone.now())
    seen, by = last(contact), agent.user
    verdicts.settle(contact=held, sort="danger", code="danger", is_right=False, seen=seen, by=by, now=timezone.now())
    return held


def put_right(client, contact, said="danger", **data):
    path = f"/lead/contacts/{contact.reference}/danger/put-right/"
    return client.post(path, {"cue": last(contact), "answer": said, **data}, follow=True)


def test_the_page_of_the_contact_shows_who_answered_what_and_how_to_put_it_right(as_lead, answered, agent):
    page = as_lead.get(f"/lead/contacts/{answered.reference}/").content.decode()
    assert "Answered: danger to life?" in page
    assert agent.user.get_full_name() in page.partition("Answered: danger to life?")[2]
    assert "want to die</mark>" in page
    assert "Put this answer right" in page
    assert f'/lead/contacts/{answered.reference}/danger/"' not in page


def test_an_alarm_that_is_over_says_how_its_words_were_answered(as_lead, answered, agent):
    page = as_lead.get("/lead/alarms/").content.decode()
    assert f"/lead/contacts/{answered.reference}/#answers-title" in page
    assert ">no danger<" in page
    close = {"disposition": "solved", "summary": "Done"}
    conversation.close(contact=answered, **close, by=agent.user, now=timezone.now())
    assert "#answers-title" not in as_lead.get("/lead/alarms/").content.decode()


def test_an_answer_is_put_right_and_back(as_lead, answered, lead):
    page = put_right(as_lead, answered, reason="They speak of <b>tonight</b>.").content.decode()
    assert "Put right: there may be danger to life." in page
    assert "There may be danger to life; They speak of &lt;b&gt;tonight&lt;/b&gt;." in page
    assert page.count("want to die</mark>") == 1
    assert f'/lead/contacts/{answered.reference}/danger/"' in page
    assert band(answered) == 1
    assert "This was put right already." in put_right(as_lead, answered).content.decode()
    assert Cue.objects.get(sort="danger").settled_by == lead
    assert "Put right: no danger to life." in put_right(as_lead, answered, "no-danger").content.decode()
    assert band(answered) == 3


def test_who_stands_before_everyone_for_another_reason_stays_there(as_lead, answered):
    put_right(as_lead, answered)
    as_lead.post(f"/lead/contacts/{answered.reference}/danger/")
    assert "It goes before everyone still" in put_right(as_lead, answered, "no-danger").content.decode()
    assert band(answered) == 0


def test_a_reason_that_is_too_long_comes_back_with_what_was_typed(as_lead, answered):
    answer = put_right(as_lead, answered, reason="a" * 301)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "a" * 301 in page
    assert "Everything you typed is still here." in page
    assert band(answered) == 3


@pytest.mark.parametrize("data", [{"answer": "yes"}, {"answer": ""}, {"cue": ""}, {"cue": "x"}, {"cue": "-1"}])
def test_nonsense_puts_nothing_right(as_lead, answered, data):
    assert put_right(as_lead, answered, **{"said": "danger", **data}).status_code == 404
    assert Cue.objects.get(sort="danger").state == "dismissed"


def test_after_the_close_nothing_is_put_right(as_lead, answered, agent):
    cue = last(answered)
    close = {"disposition": "solved", "summary": "Done"}
    conversation.close(contact=answered, **close, by=agent.user, now=timezone.now())
    path = f"/lead/contacts/{answered.reference}/"
    assert "Put this answer right" not in as_lead.get(path).content.decode()
    page = as_lead.post(f"{path}danger/put-right/", {"cue": cue, "answer": "danger"}, follow=True).content.decode()
    assert "This contact is closed: what was answered in it stays as it is." in page


def test_only_a_lead_of_the_house_puts_right(answered, agent, signed_in):
    stranger = make_user(make_organisation(), role=Role.LEAD)
    for user in (agent.user, stranger):
        assert put_right(signed_in(user), answered).status_code in {403, 404}
    assert Cue.objects.get(sort="danger").state == "dismissed"


def test_more_answers_ask_no_more_of_the_database(as_lead, answered, agent, django_assert_max_num_queries):
    counts = []
    for number in (1, 2):
        for one in range(number):
            key = f"{number}.{one}"
            words = f"I want to die {key}"
            further.add_words(contact=answered, text=words, door="page", key=key, digest="d", now=timezone.now())
            cues.hear_due(now=timezone.now())
            verdicts.settle(
                contact=answered,
                sort="danger",
                code="danger",
                is_right=False,
                seen=last(answered),
                by=agent.user,
                now=timezone.now(),
            )
        with django_assert_max_num_queries(60) as queries_made:
            as_lead.get(f"/lead/contacts/{answered.reference}/")
        counts.append(len(queries_made))
    assert counts[1] <= counts[0]
