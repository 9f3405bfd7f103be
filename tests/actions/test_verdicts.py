"""What people say of suggestions: once, without whom and what it was about."""

from datetime import timedelta
from functools import partial

import pytest

from pharos.actions import alarms, conversation, cues, further, hands, leaving, merging, routing, verdicts
from pharos.actions.errors import Refused
from pharos.models import Alarm, Contact, ContactEvent, Cue, LiveEvent, Offer, Role, SignalVerdict
from pharos.queries import cues as queries
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
    further.add_words(contact=contact, text=text, door="page", key=key, digest=key, now=now)
    cues.hear_due(now=now)


def danger(contact) -> int:
    """The number of the newest cue of danger."""
    return Cue.objects.filter(contact=contact, sort="danger").latest("pk").pk


def answered(contact, is_right, *, now) -> int:
    """What an agent answered about danger; returns the number by which it is put right."""
    number = danger(contact)
    assert say(contact, is_right, now=now, sort="danger", code="danger") is True
    return number


def right(contact, cue, is_right, *, by, now, reason="") -> bool:
    return verdicts.put_right(contact=contact, cue=cue, is_right=is_right, reason=reason, by=by, now=now)


def states(contact) -> list[str]:
    return list(Cue.objects.filter(contact=contact, sort="danger").order_by("pk").values_list("state", flat=True))


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
    further.add_words(contact=contact, text="I will kill myself", door="page", key="k", digest="d", now=now)
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
    leaving.leave(contact=contact, now=now)
    cues.hear_due(now=now)
    with pytest.raises(Refused):
        verdicts.raise_to_danger(contact=contact, by=lead, now=now)


def test_the_lead_puts_a_mistaken_no_right(organisation, lead, now):
    contact = held(organisation, now=now, text=DANGER)
    cue, later = answered(contact, False, now=now), now + timedelta(minutes=5)
    assert right(contact, cue, True, by=lead, now=later, reason=" They speak of tonight. ") is True
    row = Cue.objects.get(pk=cue)
    assert (row.state, row.settled_by, row.settled_at) == ("confirmed", lead, later)
    assert stands(contact) == (1, ["danger_signal"])
    verdict = SignalVerdict.objects.get()
    assert (verdict.is_right, verdict.day) == (True, now.date())
    event = ContactEvent.objects.get(code="danger_put_right")
    assert (event.user, event.at) == (lead, later)
    assert event.data == {"is_danger": True, "why": "They speak of tonight."}
    alarms.sweep(organisation=organisation, now=later)
    assert open_alarms() == []
    assert verdicts.raise_to_danger(contact=contact, by=lead, now=later) is True
    assert stands(contact)[0] == 0


def test_the_lead_puts_a_mistaken_yes_right(organisation, lead, now):
    contact = held(organisation, now=now, text=DANGER)
    cue = answered(contact, True, now=now)
    assert open_alarms() == ["escalated"]
    assert right(contact, cue, False, by=lead, now=now) is True
    assert Cue.objects.get(pk=cue).state == "dismissed"
    assert stands(contact) == (3, ["ordinary"])
    assert SignalVerdict.objects.get().is_right is False
    alarms.sweep(organisation=organisation, now=now)
    assert open_alarms() == []
    assert ContactEvent.objects.get(code="hand_lowered").user == lead


def test_a_call_that_was_no_part_of_the_answer_stays(organisation, lead, now):
    contact = held(organisation, now=now, text=DANGER)
    hands.raise_hand(contact=contact, why="decision", words="", by=who_has(contact), now=now - timedelta(seconds=9))
    right(contact, answered(contact, True, now=now), False, by=lead, now=now)
    assert open_alarms() == ["escalated"]


@pytest.mark.parametrize("by_agent", [False, True])
def test_the_call_for_danger_stands_as_long_as_any_danger_does(organisation, lead, now, by_agent):
    contact = held(organisation, now=now, text=DANGER)
    first = answered(contact, True, now=now)
    more_words(contact, now=now)
    second = answered(contact, True, now=now + timedelta(minutes=1))
    more_words(contact, now=now, key="k2", text="I cannot go on, I will end my life tonight")
    for cue, left in ((first, 2), (second, 1)):
        assert right(contact, cue, False, by=lead, now=now + timedelta(minutes=2)) is True
        assert (states(contact).count("dismissed"), "escalated" in open_alarms()) == (3 - left, True)
    if by_agent:
        say(contact, False, now=now, sort="danger", code="danger")
    else:
        no_danger(contact, by=lead, now=now)
    assert open_alarms() == []


@pytest.mark.parametrize("first_said", [True, False])
def test_putting_right_twice_is_once_and_there_is_a_way_back(organisation, lead, now, first_said):
    contact = held(organisation, now=now, text=DANGER)
    cue = answered(contact, first_said, now=now)
    assert right(contact, cue, first_said, by=lead, now=now) is False
    for is_right in (not first_said, first_said, not first_said):
        assert right(contact, cue, is_right, by=lead, now=now) is True
        assert right(contact, cue, is_right, by=lead, now=now) is False
        assert SignalVerdict.objects.get().is_right is is_right
        assert stands(contact)[0] == (1 if is_right else 3)
    assert ContactEvent.objects.filter(code="danger_put_right").count() == 3


def test_only_the_answer_that_was_mistaken_is_put_right(organisation, lead, now):
    contact = held(organisation, now=now, text=DANGER)
    first = answered(contact, False, now=now)
    more_words(contact, now=now)
    second = answered(contact, False, now=now)
    assert right(contact, second, True, by=lead, now=now) is True
    assert states(contact) == ["dismissed", "confirmed"]
    assert sorted(SignalVerdict.objects.values_list("is_right", flat=True)) == [False, True]
    assert [(one.words.last, one.said.is_danger) for one in queries.answers(contact)] == [
        (second, True),
        (first, False),
    ]
    assert right(contact, second, False, by=lead, now=now) is True
    assert set(SignalVerdict.objects.values_list("is_right", flat=True)) == {False}


def test_words_that_were_answered_together_are_put_right_together(organisation, lead, now):
    contact = held(organisation, now=now, text=DANGER)
    first = danger(contact)
    more_words(contact, now=now)
    answered(contact, False, now=now)
    assert right(contact, first, True, by=lead, now=now) is True
    assert states(contact) == ["confirmed", "confirmed"]
    assert SignalVerdict.objects.get().is_right is True
    assert len(queries.answers(contact)) == 1


def test_words_that_nobody_has_answered_stay_open_with_their_alarm(organisation, lead, now):
    contact = held(organisation, now=now, text=DANGER)
    cue = answered(contact, True, now=now)
    more_words(contact, now=now)
    assert right(contact, cue, False, by=lead, now=now) is True
    assert states(contact) == ["dismissed", "open"]
    alarms.sweep(organisation=organisation, now=now)
    assert (open_alarms(), stands(contact)[0]) == (["danger_words", "escalated"], 1)
    with pytest.raises(Refused) as refused:
        right(contact, danger(contact), False, by=lead, now=now)
    assert refused.value.code == "not_answered"


def test_a_second_answer_of_danger_brings_nobody_to_the_head_again(organisation, lead, now):
    contact = held(organisation, now=now, text=DANGER)
    first = answered(contact, False, now=now)
    more_words(contact, now=now)
    answered(contact, True, now=now)
    routing.transfer(contact=contact, queue=contact.lane.queue, reason="r", by=who_has(contact), now=now)
    arrival = Contact.objects.get(pk=contact.pk).virtual_arrival
    make_contact(organisation, now=now - timedelta(days=2), needed_by=now.date() + timedelta(days=1))
    right(contact, first, True, by=lead, now=now)
    assert Contact.objects.get(pk=contact.pk).virtual_arrival == arrival


def test_a_contact_that_waits_goes_to_the_head_of_band_1(organisation, lead, now):
    contact = waiting(organisation, now=now)
    cue = danger(contact)
    no_danger(contact, by=lead, now=now)
    other = make_contact(organisation, now=now - timedelta(days=2), needed_by=now.date() + timedelta(days=1))
    assert stands(other)[0] == 1
    assert right(contact, cue, True, by=lead, now=now) is True
    mine, theirs = Contact.objects.get(pk=contact.pk), Contact.objects.get(pk=other.pk)
    assert mine.virtual_arrival < theirs.virtual_arrival
    assert right(contact, cue, False, by=lead, now=now) is True
    assert stands(contact) == (3, ["ordinary"])


def test_a_place_that_was_given_by_hand_stays(organisation, lead, now):
    contact = held(organisation, now=now, text=DANGER)
    cue = answered(contact, True, now=now)
    verdicts.raise_to_danger(contact=contact, by=lead, now=now)
    assert right(contact, cue, False, by=lead, now=now) is True
    assert stands(contact)[0] == 0


def test_who_left_and_was_kept_for_their_words_may_go(organisation, lead, now):
    contact = waiting(organisation, now=now)
    cue = danger(contact)
    leaving.leave(contact=contact, now=now)
    Cue.objects.filter(pk=cue).update(state="confirmed", settled_by=lead, settled_at=now)
    assert right(contact, cue, False, by=lead, now=now) is True
    assert Contact.objects.get(pk=contact.pk).state == "closed"
    assert not Cue.objects.exists()


def in_line(contact) -> str:
    return Contact.objects.get(pk=contact.pk).state


def test_who_left_stays_in_line_while_danger_is_confirmed(organisation, lead, now):
    contact = waiting(organisation, now=now)
    verdicts.raise_to_danger(contact=contact, by=lead, now=now)
    leaving.leave(contact=contact, now=now)
    leaving.leave(contact=contact, now=now)
    assert (in_line(contact), stands(contact)[0], states(contact)) == ("waiting", 0, ["confirmed"])
    agent = make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    routing.accept(offer=Offer.objects.get(contact=contact, agent=agent), agent=agent, now=now)
    mine, later = Contact.objects.get(pk=contact.pk), now + timedelta(minutes=1)
    conversation.close(contact=mine, disposition="solved", summary="Done", by=agent.user, now=later)
    assert in_line(contact) == "closed"


def test_who_left_before_danger_was_confirmed_stays_in_line(organisation, lead, now):
    contact = waiting(organisation, now=now)
    leaving.leave(contact=contact, now=now)
    verdicts.raise_to_danger(contact=contact, by=lead, now=now)
    leaving.leave(contact=contact, now=now)
    assert (in_line(contact), states(contact)) == ("waiting", ["confirmed"])


def test_who_left_stays_in_line_while_other_danger_is_confirmed(organisation, lead, now):
    contact = waiting(organisation, now=now)
    first = danger(contact)
    verdicts.raise_to_danger(contact=contact, by=lead, now=now)
    more_words(contact, now=now)
    leaving.leave(contact=contact, now=now)
    assert no_danger(contact, by=lead, now=now) is True
    assert (in_line(contact), states(contact)) == ("waiting", ["confirmed", "dismissed"])
    assert right(contact, danger(contact), True, by=lead, now=now) is True
    assert right(contact, first, False, by=lead, now=now) is True
    assert (in_line(contact), states(contact)) == ("waiting", ["dismissed", "confirmed"])
    assert right(contact, danger(contact), False, by=lead, now=now) is True
    assert in_line(contact) == "closed"


@pytest.mark.parametrize("text", ["Are you there?", "I will kill myself"])
def test_words_that_come_while_somebody_is_let_go_keep_them(organisation, lead, now, monkeypatch, text):
    contact, whole = waiting(organisation, now=now), leaving.leave
    leaving.leave(contact=contact, now=now)

    def late(**given):
        more_words(contact, now=now, text=text)
        whole(**given)

    monkeypatch.setattr(leaving, "leave", late)
    assert no_danger(contact, by=lead, now=now) is True
    assert (in_line(contact), Contact.objects.get(pk=contact.pk).left_at) == ("waiting", None)


@pytest.mark.parametrize("leaves_again", [False, True])
def test_who_wrote_after_leaving_and_was_set_aside_stays_unless_they_leave_again(organisation, lead, now, leaves_again):
    contact, minute = held(organisation, now=now, text=DANGER), timedelta(minutes=1)
    cue = answered(contact, True, now=now)
    leaving.leave(contact=contact, now=now + minute)
    more_words(contact, now=now + 2 * minute, text="No, wait. I still need you")
    if leaves_again:
        leaving.leave(contact=contact, now=now + 3 * minute)
    mine = Contact.objects.get(pk=contact.pk)
    conversation.pend(contact=mine, until=now + 60 * minute, by=who_has(mine), now=now + 4 * minute)
    assert right(contact, cue, False, by=lead, now=now + 5 * minute) is True
    assert in_line(contact) == ("closed" if leaves_again else "pending")


def cut_off(**_: object) -> None:
    raise SystemExit


@pytest.mark.parametrize("is_put_right", [False, True])
def test_a_press_that_is_cut_off_before_it_lets_go_has_said_nothing(organisation, lead, now, monkeypatch, is_put_right):
    contact = waiting(organisation, now=now)
    if is_put_right:
        verdicts.raise_to_danger(contact=contact, by=lead, now=now)
    press = partial(right, contact, danger(contact), False) if is_put_right else partial(no_danger, contact)
    leaving.leave(contact=contact, now=now)
    with monkeypatch.context() as patch:
        patch.setattr(leaving, "leave", cut_off)
        with pytest.raises(SystemExit):
            press(by=lead, now=now)
    assert (in_line(contact), states(contact)) == ("waiting", ["confirmed" if is_put_right else "open"])
    assert press(by=lead, now=now + timedelta(minutes=1)) is True
    assert (in_line(contact), contact.events.filter(code="left").count()) == ("closed", 2)


def test_a_press_lets_go_whom_an_older_release_did_not(organisation, lead, now):
    contact = waiting(organisation, now=now)
    leaving.leave(contact=contact, now=now)
    Cue.objects.filter(contact=contact).update(state="dismissed", settled_by=lead, settled_at=now)
    assert no_danger(contact, by=lead, now=now) is False
    assert in_line(contact) == "closed"


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_no_danger_while_it_is_being_offered_leaves_no_offer_open(organisation, lead, now):
    contact = waiting(organisation, now=now)
    make_agent(organisation)
    leaving.leave(contact=contact, now=now)
    dispatch = partial(routing.dispatch, organisation=organisation, now=now)
    assert meet(dispatch, partial(no_danger, contact, by=lead, now=now + timedelta(minutes=1))) is True
    assert (in_line(contact), Offer.objects.get().state) == ("closed", "withdrawn")


def test_a_second_press_takes_nothing_from_the_agent_who_set_it_aside(organisation, lead, now):
    contact, later = held(organisation, now=now, text=DANGER), now + timedelta(hours=1)
    seen = last(contact)
    leaving.leave(contact=contact, now=now)
    assert no_danger(contact, by=lead, now=now) is True
    conversation.pend(contact=Contact.objects.get(pk=contact.pk), until=later, by=who_has(contact), now=now)
    assert verdicts.no_danger(contact=contact, seen=seen, by=lead, now=now) is False
    assert in_line(contact) == "pending"


def test_nothing_is_put_right_after_the_close(organisation, lead, now):
    contact = held(organisation, now=now, text=DANGER)
    cue = answered(contact, False, now=now)
    conversation.close(contact=contact, disposition="solved", summary="Done", by=who_has(contact), now=now)
    with pytest.raises(Refused) as refused:
        right(contact, cue, True, by=lead, now=now)
    assert refused.value.code == "closed"
    assert SignalVerdict.objects.get().is_right is False
    assert not ContactEvent.objects.filter(code="danger_put_right").exists()


def test_nobody_closes_who_cannot_have_seen_that_there_is_danger_after_all(organisation, lead, now):
    contact = held(organisation, now=now, text=DANGER)
    right(contact, answered(contact, False, now=now), True, by=lead, now=now)
    close = partial(conversation.close, contact=contact, disposition="solved", summary="Done", by=who_has(contact))
    with pytest.raises(Refused) as refused:
        close(now=now + timedelta(seconds=29))
    assert refused.value.code == "danger_said"
    close(now=now + timedelta(seconds=30))
    assert Contact.objects.get(pk=contact.pk).state == "closed"


def test_an_answer_is_put_right_where_the_request_waits_now(organisation, lead, now):
    keep, contact = make_contact(organisation, now=now), waiting(organisation, now=now)
    cue = danger(contact)
    no_danger(contact, by=lead, now=now)
    merge = merging.merge(keep=keep, join=contact, by=lead, reasons=(), now=now)
    with pytest.raises(Refused) as refused:
        right(contact, cue, True, by=lead, now=now)
    assert refused.value.code == "merged"
    assert right(keep, cue, True, by=lead, now=now) is True
    assert stands(keep)[0] == 1
    merging.undo(merge=merge, by=lead, now=now)
    assert (stands(keep)[0], stands(contact)[0]) == (3, 1)
    assert right(contact, cue, False, by=lead, now=now) is True
    assert stands(contact)[0] == 3
    assert SignalVerdict.objects.get().is_right is False


def test_only_a_lead_of_the_house_puts_right(organisation, now):
    contact = held(organisation, now=now, text=DANGER)
    cue = answered(contact, False, now=now)
    for user in (who_has(contact), make_user(make_organisation(), role=Role.LEAD)):
        with pytest.raises(Refused) as refused:
            right(contact, cue, True, by=user, now=now)
        assert refused.value.code == "not_allowed"
    assert (states(contact), stands(contact)[0]) == (["dismissed"], 3)


def test_a_cue_of_another_contact_or_meaning_is_no_answer(organisation, lead, now):
    contact = held(organisation, now=now, text=f"I want my money back. {DANGER}")
    say(contact, True, now=now)
    other = waiting(organisation, now=now)
    for cue in (Cue.objects.get(contact=contact, sort="request").pk, danger(other), 0):
        with pytest.raises(Refused) as refused:
            right(contact, cue, False, by=lead, now=now)
        assert refused.value.code == "not_answered"


def test_the_pages_of_the_agent_the_leads_and_the_line_hear_of_it(organisation, lead, now):
    contact = held(organisation, now=now, text=DANGER)
    cue = answered(contact, False, now=now)
    since = LiveEvent.objects.latest("pk").pk
    right(contact, cue, True, by=lead, now=now)
    told = set(LiveEvent.objects.filter(pk__gt=since).values_list("topic", flat=True))
    assert told >= {f"contact:{contact.pk}", f"agent:{contact.agent_id}", "board", "queue", "alarms"}


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


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_put_right_once(now):
    organisation = make_organisation()
    lead = make_user(organisation, "lead", role=Role.LEAD)
    contact = held(organisation, now=now, text=DANGER)
    cue = answered(contact, False, now=now)
    press = partial(right, contact, cue, True, by=lead, now=now)
    assert meet(press, press) is False
    assert SignalVerdict.objects.get().is_right is True
    assert ContactEvent.objects.filter(code="danger_put_right").count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lead_first", [True, False])
def test_putting_right_and_a_close_at_once(now, lead_first):
    organisation = make_organisation()
    lead = make_user(organisation, "lead", role=Role.LEAD)
    contact = held(organisation, now=now, text=DANGER)
    cue, by = answered(contact, True, now=now), who_has(contact)
    turn = partial(right, contact, cue, False, by=lead, now=now)
    close = partial(conversation.close, contact=contact, disposition="solved", summary="Done", by=by, now=now)
    came = meet(turn, close) if lead_first else meet(close, turn)
    assert (came is None) if lead_first else (isinstance(came, Refused) and came.code == "closed")
    assert SignalVerdict.objects.get().is_right is not lead_first
    assert not Cue.objects.exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_close_that_meets_danger_after_all_is_refused(now):
    organisation = make_organisation()
    lead = make_user(organisation, "lead", role=Role.LEAD)
    contact = held(organisation, now=now, text=DANGER)
    cue, by = answered(contact, False, now=now), who_has(contact)
    came = meet(
        lambda: right(contact, cue, True, by=lead, now=now),
        lambda: conversation.close(contact=contact, disposition="solved", summary="Done", by=by, now=now),
    )
    assert isinstance(came, Refused)
    assert came.code == "danger_said"
    assert stands(contact)[0] == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_putting_right_while_the_agent_answers_later_words(now):
    organisation = make_organisation()
    lead = make_user(organisation, "lead", role=Role.LEAD)
    contact = held(organisation, now=now, text=DANGER)
    cue = answered(contact, False, now=now)
    more_words(contact, now=now)
    came = meet(
        lambda: right(contact, cue, True, by=lead, now=now),
        lambda: say(contact, False, now=now, sort="danger", code="danger"),
    )
    assert came is True
    assert states(contact) == ["confirmed", "dismissed"]
    assert (stands(contact)[0], open_alarms()) == (1, [])
    assert sorted(SignalVerdict.objects.values_list("is_right", flat=True)) == [False, True]
