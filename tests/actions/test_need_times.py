"""Time and the register: questions fall due once, what was kept for a while ends, older rows move in."""

from datetime import timedelta

import pytest

from pharos.actions import need_times, needs
from pharos.models import CheckIn, Contact, Message, SupportNeed
from pharos.queries import needs as register
from tests.factories import make_agent, make_contact, make_organisation

pytestmark = pytest.mark.django_db
YEARS = timedelta(days=800)


@pytest.fixture
def organisation(db: None):
    return make_organisation()


def asked(contact: Contact) -> list[Message]:
    return list(contact.messages.filter(sort=Message.Sort.CHECK_IN))


def test_a_review_date_past_becomes_one_question(organisation, now):
    contact = make_contact(organisation, now=now, needs=("hearing",))
    assert need_times.pass_on(now=now + timedelta(days=729)) == 0
    due = now + YEARS
    assert need_times.pass_on(now=due) == 1
    assert need_times.pass_on(now=due + timedelta(days=90)) == 0
    check_in = CheckIn.objects.get()
    assert (check_in.due_at, check_in.asked_at) == (now + timedelta(days=730), due)
    (letter,) = asked(contact)
    assert letter.address
    assert "hear" not in letter.subject + letter.body
    assert register.codes(contact.person_id, now=due) == ["hearing"]


def test_a_question_goes_by_mail_only_where_that_is_safe(organisation, now):
    contact = make_contact(organisation, now=now, needs=("domestic_abuse",))
    need_times.ask_due(now=now + YEARS)
    (letter,) = asked(contact)
    assert (letter.address, letter.state) == ("", Message.State.SHOWN)


def test_what_holds_for_a_time_ends_when_nobody_says_that_it_still_does(organisation, now):
    contact = make_contact(organisation, now=now, needs=("stranded",))
    due = now + timedelta(days=14)
    need_times.ask_due(now=due)
    assert need_times.end_due(now=due + timedelta(days=29)) == 0
    over = due + timedelta(days=30)
    assert need_times.end_due(now=over) == 1
    need = SupportNeed.objects.get()
    assert (need.what, need.end, need.withdrawn_at) == ({}, SupportNeed.End.EXPIRED, None)
    assert CheckIn.objects.get().outcome == CheckIn.Outcome.DROPPED
    assert Contact.objects.select_related("lane").get(pk=contact.pk).lane.band == 3


def test_an_answer_keeps_what_holds_for_a_time(organisation, now):
    contact = make_contact(organisation, now=now, needs=("stranded",))
    due = now + timedelta(days=14)
    need_times.ask_due(now=due)
    needs.still_right(contact=contact, need=SupportNeed.objects.get(), by=None, now=due)
    assert need_times.end_due(now=due + timedelta(days=13)) == 0
    assert need_times.ask_due(now=due + timedelta(days=14)) == 1


def test_taking_back_stops_a_question_that_is_open(organisation, now):
    contact = make_contact(organisation, now=now, needs=("stranded",))
    need_times.ask_due(now=now + timedelta(days=14))
    needs.withdraw(contact=contact, need=None, by=None, now=now + timedelta(days=15))
    assert CheckIn.objects.get().outcome == CheckIn.Outcome.DROPPED
    assert need_times.pass_on(now=now + YEARS) == 0


def test_an_observation_ends_by_itself(organisation, now):
    agent = make_agent(organisation)
    contact = make_contact(organisation, now=now)
    Contact.objects.filter(pk=contact.pk).update(state="active", agent=agent)
    needs.observe(contact=contact, code="hearing", words="Shouts", by=agent.user, now=now)
    month = now + timedelta(days=30)
    assert register.codes(contact.person_id, now=month) == []
    assert need_times.end_due(now=month) == 1
    assert SupportNeed.objects.get().what == {}


def test_codes_beside_an_old_contact_move_into_the_register(organisation, now):
    contact = make_contact(organisation, now=now, needs=("hearing",))
    other = make_contact(organisation, now=now)
    reasons = [{"code": "need", "params": {"code": "stranded", "weight": 3}}]
    Contact.objects.filter(pk=contact.pk).update(needs=["hearing", "stranded", "gone"], reasons=reasons)
    assert need_times.take_in_old(now=now) == 1
    assert need_times.take_in_old(now=now) == 0
    assert register.codes(contact.person_id, now=now) == ["hearing", "stranded"]
    assert register.codes(other.person_id, now=now) == []
    moved = Contact.objects.select_related("lane").get(pk=contact.pk)
    assert (moved.needs, moved.lane.band) == ([], 1)
    assert moved.reasons == [{"code": "need", "params": {"weight": 3}}]


def test_contacts_of_an_earlier_version_are_counted_in_once(organisation, now):
    contact = make_contact(organisation, now=now, needs=("hearing",))
    over = make_contact(organisation, now=now, needs=("hearing",))
    without = make_contact(organisation, now=now)
    Contact.objects.filter(pk=over.pk).update(state="closed")
    Contact.objects.update(has_needs=False)
    assert need_times.count_in(now=now) == 1
    assert need_times.count_in(now=now) == 0
    assert list(Contact.objects.filter(has_needs=True)) == [contact]
    assert without.reasons == Contact.objects.get(pk=without.pk).reasons
