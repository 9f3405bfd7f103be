"""What people say of suggestions: once, without whom and what it was about."""

from functools import partial

import pytest

from pharos.actions import alarms, conversation, cues, routing, verdicts
from pharos.actions.errors import Refused
from pharos.models import Alarm, Contact, ContactEvent, Cue, Offer, Role, SignalVerdict
from tests.factories import make_agent, make_contact, make_organisation, make_user, who_has
from tests.meeting import meet

pytestmark = pytest.mark.django_db
DANGER = "I want to die"


@pytest.fixture
def organisation():
    return make_organisation()


@pytest.fixture
def lead(organisation):
    return make_user(organisation, "lead", role=Role.LEAD, name="Lena Lead")


def held(organisation, *, now, text="I want my money back") -> Contact:
    contact = make_contact(organisation, now=now, text=text)
    cues.hear_due(now=now)
    agent = make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    return routing.accept(offer=Offer.objects.get(contact=contact, agent=agent), agent=agent, now=now)


def waiting(organisation, *, now) -> Contact:
    contact = make_contact(organisation, now=now, text=DANGER)
    cues.hear_due(now=now)
    return contact


def say(contact, is_right, *, now, sort="request", code="refund", by=None, seen=None) -> bool:
    by, seen = by or who_has(contact), last(contact) if seen is None else seen
    return verdicts.settle(contact=contact, sort=sort, code=code, is_right=is_right, seen=seen, by=by, now=now)


def last(contact) -> int:
    """The number of the newest cue that is shown."""
    return max(Cue.objects.filter(contact=contact).values_list("pk", flat=True), default=0)


def no_danger(contact, *, by, now) -> bool:
    return verdicts.no_danger(contact=contact, seen=last(contact), by=by, now=now)


def more_words(contact, *, now, key="k", text="I will kill myself") -> None:
    conversation.add_words(contact=contact, text=text, door="page", key=key, digest=key, now=now)
    cues.hear_due(now=now)


def stands(contact) -> tuple[int, list[str]]:
    fresh = Contact.objects.select_related("lane").get(pk=contact.pk)
    return fresh.lane.band, [reason["code"] for reason in fresh.reasons]


def open_alarms() -> list[str]:
    return sorted(Alarm.objects.filter(cleared_at=None).values_list("sort", flat=True))


@pytest.mark.parametrize(("is_right", "state"), [(True, "confirmed"), (False, "dismissed")])
def test_a_verdict_is_kept_without_words_or_people(organisation, now, is_right, state):
    contact = held(organisation, now=now)
    assert say(contact, is_right, now=now) is True
    cue = Cue.objects.get(sort="request")
    assert (cue.state, cue.settled_by, cue.settled_at) == (state, who_has(contact), now)
    verdict = SignalVerdict.objects.get()
    assert (verdict.sort, verdict.code, verdict.language, verdict.is_right, verdict.source, verdict.day) == (
        "request",
        "refund",
        "en",
        is_right,
        cue.source,
        now.date(),
    )
    assert verdict.tenth == int(cue.score * 10)
    fields = {field.name for field in SignalVerdict._meta.get_fields()}
    assert fields == {"id", "organisation", "sort", "code", "language", "is_right", "source", "tenth", "day"}


def test_a_verdict_outlives_the_contacts_cues(organisation, now):
    contact = held(organisation, now=now)
    say(contact, True, now=now)
    conversation.close(contact=contact, disposition="solved", summary="Done", by=who_has(contact), now=now)
    assert (Cue.objects.count(), SignalVerdict.objects.count()) == (0, 1)


def test_a_need_that_the_words_suggest_is_not_kept_as_confirmed(organisation, now):
    contact = held(organisation, now=now, text="I cannot hear on the phone")
    assert say(contact, True, sort="need", code="hearing", now=now) is True
    assert not Cue.objects.filter(sort="need").exists()
    assert SignalVerdict.objects.get().is_right is True
    assert say(contact, True, sort="need", code="hearing", now=now) is False


def test_a_second_verdict_changes_nothing(organisation, now):
    contact = held(organisation, now=now)
    assert [say(contact, True, now=now), say(contact, False, now=now)] == [True, False]
    assert SignalVerdict.objects.get().is_right is True


def test_only_who_has_the_contact_may_say(organisation, now):
    contact = held(organisation, now=now)
    other = make_agent(organisation).user
    with pytest.raises(Refused):
        say(contact, True, now=now, by=other)
    assert not SignalVerdict.objects.exists()
    assert Cue.objects.get(sort="request").state == "open"


def test_an_agent_who_confirms_danger_calls_the_lead_by_name(organisation, now):
    contact = held(organisation, now=now, text=DANGER)
    assert open_alarms() == ["danger_words"]
    say(contact, True, now=now, sort="danger", code="danger")
    alarms.sweep(organisation=organisation, now=now)
    assert open_alarms() == ["escalated"]
    assert Alarm.objects.get(sort="escalated").data["why"] == "danger"
    assert stands(contact)[0] == 1


def test_an_agent_who_sees_no_danger_ends_the_alarm(organisation, now):
    contact = held(organisation, now=now, text=DANGER)
    say(contact, False, now=now, sort="danger", code="danger")
    alarms.sweep(organisation=organisation, now=now)
    assert open_alarms() == []
    assert stands(contact) == (3, ["ordinary"])
    assert ContactEvent.objects.get(code="danger_dismissed").user == who_has(contact)


def test_new_words_of_danger_call_again(organisation, now):
    contact = held(organisation, now=now, text=DANGER)
    say(contact, False, now=now, sort="danger", code="danger")
    conversation.add_words(contact=contact, text="I will kill myself", door="page", key="k", digest="d", now=now)
    cues.hear_due(now=now)
    assert open_alarms() == ["danger_words"]
    assert stands(contact)[0] == 1


@pytest.mark.parametrize("by_lead", [True, False])
def test_words_that_were_not_seen_are_not_dismissed(organisation, lead, now, by_lead):
    contact = held(organisation, now=now, text=DANGER)
    seen = last(contact)
    more_words(contact, now=now)
    if by_lead:
        assert verdicts.no_danger(contact=contact, seen=seen, by=lead, now=now) is True
        assert verdicts.no_danger(contact=contact, seen=seen, by=lead, now=now) is False
    else:
        assert say(contact, False, now=now, sort="danger", code="danger", seen=seen) is True
    alarms.sweep(organisation=organisation, now=now)
    assert open_alarms() == ["danger_words"]
    assert stands(contact)[0] == 1
    assert no_danger(contact, by=lead, now=now) is True
    assert (open_alarms(), stands(contact)[0]) == ([], 3)


def test_danger_is_so_and_words_that_were_not_seen_stay_open(organisation, now):
    contact = held(organisation, now=now, text=DANGER)
    seen = last(contact)
    more_words(contact, now=now)
    assert say(contact, True, now=now, sort="danger", code="danger", seen=seen) is True
    assert open_alarms() == ["danger_words", "escalated"]


def test_the_lead_raises_to_band_0_once(organisation, lead, now):
    contact = waiting(organisation, now=now)
    assert verdicts.raise_to_danger(contact=contact, by=lead, now=now) is True
    assert verdicts.raise_to_danger(contact=contact, by=lead, now=now) is False
    assert stands(contact)[0] == 0
    event = ContactEvent.objects.get(contact=contact, code="raised")
    assert (event.user, event.data["band"]) == (lead, 0)
    assert SignalVerdict.objects.get().is_right is True
    alarms.sweep(organisation=organisation, now=now)
    alarm = Alarm.objects.get(cleared_at=None, contact=contact)
    assert (alarm.sort, alarm.acknowledged_by) == ("danger", lead)


def test_the_lead_may_raise_what_an_agent_confirmed(organisation, lead, now):
    contact = held(organisation, now=now, text=DANGER)
    say(contact, True, now=now, sort="danger", code="danger")
    assert verdicts.raise_to_danger(contact=contact, by=lead, now=now) is True
    assert stands(contact)[0] == 0
    assert SignalVerdict.objects.count() == 1


def test_the_lead_says_that_there_is_no_danger(organisation, lead, now):
    contact = waiting(organisation, now=now)
    assert no_danger(contact, by=lead, now=now) is True
    assert no_danger(contact, by=lead, now=now) is False
    assert stands(contact) == (3, ["ordinary"])
    assert open_alarms() == []
    with pytest.raises(Refused) as refused:
        verdicts.raise_to_danger(contact=contact, by=lead, now=now)
    assert refused.value.code == "no_danger"
    assert stands(contact)[0] == 3


def test_only_a_lead_of_the_house_may(organisation, now):
    contact = waiting(organisation, now=now)
    for user in (make_user(organisation), make_user(make_organisation(), role=Role.LEAD)):
        for act in (verdicts.raise_to_danger, partial(verdicts.no_danger, seen=last(contact))):
            with pytest.raises(Refused):
                act(contact=contact, by=user, now=now)
    assert stands(contact)[0] == 1
    assert open_alarms() == ["danger_words"]


def test_a_closed_contact_has_nothing_to_raise(organisation, lead, now):
    contact = make_contact(organisation, now=now, text=DANGER)
    conversation.leave(contact=contact, now=now)
    cues.hear_due(now=now)
    with pytest.raises(Refused):
        verdicts.raise_to_danger(contact=contact, by=lead, now=now)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first_says", [True, False])
def test_of_two_verdicts_at_once_the_first_counts(now, first_says):
    contact = held(make_organisation(), now=now)
    came = meet(lambda: say(contact, first_says, now=now), lambda: say(contact, not first_says, now=now))
    assert came is False
    assert SignalVerdict.objects.get().is_right is first_says


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_lead_and_agent_at_once(now):
    organisation = make_organisation()
    lead = make_user(organisation, "lead", role=Role.LEAD)
    contact = held(organisation, now=now, text=DANGER)
    came = meet(
        lambda: verdicts.raise_to_danger(contact=contact, by=lead, now=now),
        lambda: say(contact, False, now=now, sort="danger", code="danger"),
    )
    assert came is False
    assert stands(contact)[0] == 0
