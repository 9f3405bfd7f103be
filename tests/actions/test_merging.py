"""Two contacts of one person are one place in line, and apart again as they were."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from pharos.actions import contacts, conversation, further, leaving, merging, needs, overrides, promises, routing
from pharos.actions.cues import hear_due
from pharos.actions.errors import Refused
from pharos.models import (
    Agent,
    Alarm,
    Contact,
    ContactEvent,
    Cue,
    Draft,
    Merge,
    Message,
    NotSame,
    Offer,
    Promise,
    Role,
    SupportNeed,
    Webhook,
    WebhookDelivery,
)
from pharos.queries import board, family, floor, hearing
from tests.factories import NOW, make_agent, make_contact, make_incident, make_organisation, make_user

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
State = Contact.State


@pytest.fixture
def centre():
    return make_organisation()


@pytest.fixture
def lead(centre):
    return make_user(centre, "lead", role=Role.LEAD, name="Lena Lead")


def fresh(contact: Contact) -> Contact:
    return Contact.objects.select_related("lane__queue", "organisation", "agent__user", "person").get(pk=contact.pk)


def told(contact: Contact, by: datetime) -> Contact:
    """It was promised an answer by then."""
    Contact.objects.filter(pk=contact.pk).update(promise_by=by, guard_at=by)
    contact.promises.update(by=by)
    return fresh(contact)


def merge(keep: Contact, join: Contact, *, by=None, now: datetime = NOW, **given: Any) -> Merge:
    return merging.merge(keep=keep, join=join, by=by, reasons=[], now=now, **given)


def taken(centre, *, now: datetime = NOW, agent: Agent | None = None) -> tuple[Agent, Contact]:
    """An agent with the contact that is next."""
    agent = agent or make_agent(centre)
    assert routing.dispatch(organisation=centre, now=now) == 1
    return agent, routing.accept(offer=Offer.objects.get(agent=agent, state="open"), agent=agent, now=now)


def rows() -> dict[str, Any]:
    """Everything that stands, without the trail and what was said on the way."""
    tables = (Contact, Promise, Cue, Alarm, Offer, Draft, SupportNeed, Agent)
    found: dict[str, Any] = {model.__name__: list(model.objects.order_by("pk").values()) for model in tables}
    automatic = ("acknowledgement",)
    found["Message"] = list(Message.objects.exclude(sort__in=automatic).order_by("pk").values())
    return found


def different(before: dict[str, Any], after: dict[str, Any]) -> list[Any]:
    """Every value that is not as it was."""
    return [
        (table, one["id"], name, one.get(name), other.get(name))
        for table in before
        for one, other in zip(before[table], after[table], strict=True)
        for name in one
        if one[name] != other.get(name)
    ]


def words(contact: Contact, text: str, now: datetime) -> Message:
    key = f"{len(text)}-{now:%H%M%S}"
    return further.add_words(contact=fresh(contact), text=text, door="page", key=key, digest=key, now=now)


def test_the_best_of_both_survives(centre, lead, now: datetime) -> None:
    old = told(make_contact(centre, now=now - 3 * HOUR), now + HOUR)
    new = told(make_contact(centre, now=now - HOUR, needed_by=(now + 3 * DAY).date(), danger=True), now + 2 * HOUR)
    merge(new, old, by=lead, now=now)
    place, gone = fresh(new), fresh(old)
    assert (place.lane.band, place.virtual_arrival) == (0, old.virtual_arrival)
    assert (gone.state, gone.disposition, gone.merged_into) == (State.CLOSED, "merged", place)
    assert place.guard_at == place.promise_by == now + HOUR
    other = make_contact(centre, now=now - HOUR)
    again = make_contact(centre, now=now, needed_by=(now + 2 * DAY).date())
    merge(other, again, by=lead, now=now)
    assert (fresh(other).needed_by, fresh(other).lane.band) == (again.needed_by, 1)
    assert fresh(other).reasons == fresh(again).reasons
    assert floor.place(contact=fresh(other), now=now) == 2


def test_the_index_of_neither_gets_smaller(centre, lead, now: datetime) -> None:
    written = make_contact(centre, now=now - HOUR, request_type="assistance")
    spoken = make_contact(centre, now=now - 20 * MINUTE, channel="voice", phone="+37491111111")
    before = max(board.index_of(fresh(one), now=now) for one in (written, spoken))
    merge(written, spoken, by=lead, now=now)
    assert board.index_of(fresh(written), now=now) >= before - 1e-9


def test_a_merge_by_itself_needs_one_that_waits_and_nobody_who_said_no(centre, lead, now: datetime) -> None:
    first, again = make_contact(centre, now=now - HOUR), make_contact(centre, now=now)
    merging.not_same(contact=first, other=again, by=lead, now=now)
    with pytest.raises(Refused):
        merge(first, again, now=now)
    NotSame.objects.all().delete()
    _agent, mine = taken(centre, now=now)
    with pytest.raises(Refused):
        merge(again if mine == first else first, mine, now=now)
    assert not Merge.objects.exists()


def test_the_same_merge_again_changes_nothing(centre, lead, now: datetime) -> None:
    first, again = make_contact(centre, now=now - HOUR), make_contact(centre, now=now)
    one = merge(first, again, by=lead, now=now)
    stood = rows()
    assert merge(first, again, by=lead, now=now + MINUTE) == one
    assert rows() == stood
    with pytest.raises(Refused) as refused:  # the other way round, at the same time
        merge(again, first, by=lead, now=now)
    assert refused.value.code == "already_one"
    assert rows() == stood


def test_other_organisations_and_exercises_are_never_joined(centre, lead, now: datetime) -> None:
    mine = make_contact(centre, now=now)
    drill = make_contact(centre, now=now, incident=make_incident(centre, is_drill=True))
    for other in (drill, make_contact(make_organisation(), now=now), mine):
        with pytest.raises(Refused):
            merge(mine, other, by=lead, now=now)
    assert not Merge.objects.exists()


def test_a_stranger_may_not(centre, now: datetime) -> None:
    first, again = make_contact(centre, now=now - HOUR), make_contact(centre, now=now)
    stranger = make_agent(centre)
    with pytest.raises(Refused):
        merge(first, again, by=stranger.user, now=now)
    done = merge(first, again, now=now)
    for act in (merging.undo, merging.confirm):
        with pytest.raises(Refused):
            act(merge=done, by=stranger.user, now=now)
    with pytest.raises(Refused):
        merging.not_same(contact=first, other=again, by=stranger.user, now=now)


def test_an_offer_is_withdrawn_and_the_agent_is_free(centre, lead, now: datetime) -> None:
    first, again = make_contact(centre, now=now - HOUR), make_contact(centre, now=now)
    agent = make_agent(centre)
    routing.dispatch(organisation=centre, now=now)
    offer = Offer.objects.get()
    merge(again if offer.contact == first else first, offer.contact, by=lead, now=now)
    offer.refresh_from_db()
    assert offer.state == Offer.State.WITHDRAWN
    with pytest.raises(Refused):
        routing.accept(offer=offer, agent=agent, now=now)
    assert routing.dispatch(organisation=centre, now=now) == 1


def test_nobody_loses_what_they_have_in_hand_to_another(centre, now: datetime) -> None:
    make_contact(centre, now=now - HOUR)
    make_contact(centre, now=now)
    (one, mine), (other, theirs) = taken(centre, now=now), taken(centre, now=now)
    with pytest.raises(Refused) as refused:
        merge(mine, theirs, by=one.user, now=now)
    assert refused.value.code == "in_other_hands"
    done = merging.join_to(mine=fresh(mine), other=fresh(theirs), by=one.user, reasons=[], now=now)
    assert (done.keep, done.join) == (theirs, mine)  # handed over
    assert fresh(theirs).agent == other
    assert (fresh(mine).state, fresh(mine).agent) == (State.CLOSED, None)


def test_who_has_one_in_hand_keeps_it_and_joins_the_other(centre, now: datetime) -> None:
    first = make_contact(centre, now=now - HOUR)
    agent, mine = taken(centre, now=now)
    again = make_contact(centre, now=now)
    with pytest.raises(Refused) as refused:
        merge(again, mine, by=agent.user, now=now)
    assert refused.value.code == "keep_yours"
    done = merging.join_to(mine=mine, other=again, by=agent.user, reasons=[], now=now)
    assert (done.keep, done.join, fresh(first).state) == (first, again, State.ACTIVE)


def test_what_was_set_aside_or_closed_waits_again_and_sleeps_again(centre, now: datetime) -> None:
    make_contact(centre, now=now - HOUR)
    agent, mine = taken(centre, now=now)
    conversation.reply(contact=mine, body="We look into it", by=agent.user, now=now)
    conversation.pend(contact=fresh(mine), until=now + DAY, by=agent.user, now=now)
    again = make_contact(centre, now=now)
    stood = rows()
    done = merge(mine, again, now=now + MINUTE)
    assert (fresh(mine).state, fresh(mine).preferred_agent, fresh(mine).agent) == (State.WAITING, agent, None)
    merging.undo(merge=done, by=make_user(centre, role=Role.LEAD), now=now + 2 * MINUTE)
    assert rows() == stood
    conversation.resume(contact=fresh(mine), by=agent.user, now=now)
    conversation.finish(contact=fresh(mine), by=agent.user, now=now)
    conversation.close(contact=fresh(mine), disposition="solved", summary="Done", by=agent.user, now=now)
    third = told(make_contact(centre, now=now), now + HOUR)
    stood = rows()
    done = merge(mine, third, now=now + MINUTE)
    assert (fresh(mine).state, fresh(mine).disposition) == (State.WAITING, "")
    assert fresh(mine).promise_by == third.promise_by
    merging.undo(merge=done, by=make_user(centre, role=Role.LEAD), now=now + 2 * MINUTE)
    assert rows() == stood


def test_set_aside_by_the_one_who_joins_is_taken_up_again(centre, now: datetime) -> None:
    make_contact(centre, now=now - HOUR)
    agent, mine = taken(centre, now=now)
    conversation.pend(contact=mine, until=now + DAY, by=agent.user, now=now)
    stood = fresh(mine)
    done = merge(mine, make_contact(centre, now=now), by=agent.user, now=now + MINUTE)
    assert (fresh(mine).state, fresh(mine).agent) == (State.ACTIVE, agent)
    merging.undo(merge=done, by=agent.user, now=now + 2 * MINUTE)
    assert (fresh(mine).state, fresh(mine).wake_at) == (State.PENDING, stood.wake_at)


def test_words_for_the_joined_one_stay_its_own_and_wake_the_place(centre, lead, now: datetime) -> None:
    make_contact(centre, now=now - HOUR)
    agent, mine = taken(centre, now=now)
    again = make_contact(centre, now=now)
    merge(mine, again, by=agent.user, now=now)
    conversation.finish(contact=fresh(mine), by=agent.user, now=now)
    conversation.close(contact=fresh(mine), disposition="solved", summary="Done", by=agent.user, now=now)
    said = words(again, "And my mother?", now + MINUTE)
    assert said.contact == again
    assert (fresh(mine).state, fresh(again).state) == (State.WAITING, State.CLOSED)
    assert fresh(mine).last_inbound_at == fresh(again).last_inbound_at == now + MINUTE
    assert {"reopened", "words_joined"} <= set(mine.events.values_list("code", flat=True))
    assert again.messages.filter(body__contains="open again").exists()
    assert not mine.messages.filter(body__contains="open again").exists()


def test_an_answer_goes_by_the_road_of_whose_words_it_answers(centre, now: datetime) -> None:
    make_contact(centre, now=now - HOUR, email="ani@example.org")
    agent, mine = taken(centre, now=now)
    again = make_contact(centre, now=now, email="other@example.net")
    done = merge(mine, again, by=agent.user, now=now)
    first = conversation.reply(contact=fresh(mine), body="To the one", by=agent.user, now=now)
    second = conversation.reply(contact=fresh(mine), body="To the other", to=again, by=agent.user, now=now)
    assert (first.contact, first.address) == (mine, "ani@example.org")
    assert (second.contact, second.address) == (again, "other@example.net")
    assert fresh(again).first_answered_at == now
    assert not Promise.objects.filter(settled_at__isnull=True).exists()
    merging.undo(merge=done, by=agent.user, now=now)
    with pytest.raises(Refused) as refused:
        conversation.reply(contact=fresh(mine), body="Once more", to=again, by=agent.user, now=now)
    assert refused.value.code == "not_merged"


def test_a_page_shows_the_other_only_once_it_is_confirmed(centre, lead, now: datetime) -> None:
    one, two, three = (make_contact(centre, now=now - HOUR * number) for number in (3, 2, 1))
    first, second = merge(one, two, by=lead, now=now), merge(one, three, by=lead, now=now)
    assert [family.shown_on(fresh(each)) for each in (one, two, three)] == [[one.pk], [two.pk], [three.pk]]
    merging.confirm(merge=first, by=lead, now=now)
    merging.confirm(merge=first, by=lead, now=now)
    assert family.shown_on(fresh(one)) == family.shown_on(fresh(two)) == [one.pk, two.pk]
    assert family.shown_on(fresh(three)) == [three.pk]
    assert ContactEvent.objects.filter(code="merge_confirmed").count() == 1
    merging.undo(merge=first, by=lead, now=now)
    assert family.shown_on(fresh(two)) == [two.pk]
    with pytest.raises(Refused):
        merging.confirm(merge=first, by=lead, now=now)
    assert second.confirmed_at is None


def test_danger_in_the_words_of_either_goes_along_and_comes_back(centre, lead, now: datetime) -> None:
    first = make_contact(centre, now=now - HOUR)
    again = make_contact(centre, now=now, text="He is not breathing and unconscious, please help us")
    hear_due(now=now)
    assert Cue.objects.filter(contact=again, sort="danger").exists()
    stood = rows()
    done = merge(first, again, by=lead, now=now)
    assert not Cue.objects.filter(contact=again).exists()
    assert fresh(first).lane.band == 1
    assert Alarm.objects.get(sort="danger_words", cleared_at__isnull=True).contact == first
    words(again, "He is bleeding badly and does not wake up", now + MINUTE)
    hear_due(now=now + MINUTE)
    assert not Cue.objects.filter(contact=again).exists()
    Message.objects.filter(body__contains="bleeding").delete()
    merging.undo(merge=done, by=lead, now=now + 2 * MINUTE)
    assert rows()["Cue"] == stood["Cue"]
    assert Alarm.objects.get(sort="danger_words", cleared_at__isnull=True).contact == again
    assert (fresh(first).lane.band, fresh(again).lane.band) == (3, 1)


def test_a_need_of_the_joined_one_counts_while_it_is_joined(centre, lead, now: datetime) -> None:
    first = make_contact(centre, now=now - HOUR)
    again = make_contact(centre, now=now, needs=("medical_equipment",))
    assert fresh(again).has_needs
    band = fresh(again).lane.band
    assert band < 3
    done = merge(first, again, by=lead, now=now)
    assert (fresh(first).lane.band, fresh(first).has_needs) == (band, True)
    needs.withdraw(contact=fresh(again), need=None, by=None, now=now)
    assert not fresh(first).has_needs
    merging.undo(merge=done, by=lead, now=now)
    assert not fresh(first).has_needs


def test_a_promise_that_breaks_is_told_to_both_by_their_own_roads(centre, lead, now: datetime) -> None:
    first = told(make_contact(centre, now=now - 2 * HOUR, email="ani@example.org"), now + HOUR)
    again = told(make_contact(centre, now=now - HOUR, email="other@example.net"), now + HOUR)
    done = merge(first, again, by=lead, now=now)
    late = now + HOUR + MINUTE
    assert promises.revise(organisation=centre, now=late) == 1
    moved = Message.objects.filter(sort="promise_moved")
    assert {one.address: one.contact_id for one in moved} == {
        "ani@example.org": first.pk,
        "other@example.net": again.pk,
    }
    assert fresh(again).promise_by == fresh(first).promise_by
    merging.undo(merge=done, by=lead, now=late)
    for one in (first, again):
        assert fresh(one).promises.filter(settled_at__isnull=True).count() == 1


def test_who_was_not_answered_still_waits_after_it_is_taken_back(centre, now: datetime) -> None:
    make_contact(centre, now=now - HOUR)
    agent, mine = taken(centre, now=now)
    again = told(make_contact(centre, now=now), now + HOUR)
    done = merge(mine, again, by=agent.user, now=now)
    conversation.reply(contact=fresh(mine), body="All is well", by=agent.user, now=now + MINUTE)
    conversation.finish(contact=fresh(mine), by=agent.user, now=now + MINUTE)
    conversation.close(contact=fresh(mine), disposition="solved", summary="Done", by=agent.user, now=now + MINUTE)
    assert again.messages.filter(body__contains="another one that we take to be yours").count() == 1
    merging.undo(merge=done, by=agent.user, now=now + 2 * MINUTE)
    assert (fresh(mine).state, fresh(again).state) == (State.CLOSED, State.WAITING)
    assert fresh(again).promises.filter(settled_at__isnull=True).count() == 1
    assert fresh(again).promise_by == again.promise_by
    assert not mine.promises.filter(settled_at__isnull=True).exists()


def test_who_alone_was_not_answered_waits_too(centre, now: datetime) -> None:
    make_contact(centre, now=now - HOUR)
    agent, mine = taken(centre, now=now)
    again = make_contact(centre, now=now)
    done = merge(mine, again, by=agent.user, now=now)
    conversation.reply(contact=fresh(mine), body="To you", to=again, by=agent.user, now=now + MINUTE)
    merging.undo(merge=done, by=agent.user, now=now + 2 * MINUTE)
    assert fresh(mine).first_answered_at is None
    assert mine.promises.filter(settled_at__isnull=True).count() == 1
    assert fresh(again).first_answered_at == now + MINUTE


def test_chains_come_apart_in_any_order(centre, lead, now: datetime) -> None:
    one, two, three = (make_contact(centre, now=now - number * HOUR) for number in (1, 2, 3))
    stood = rows()
    upper = merge(two, three, by=lead, now=now)
    assert fresh(two).virtual_arrival == three.virtual_arrival
    lower = merge(one, two, by=lead, now=now)
    assert {fresh(two).merged_into, fresh(three).merged_into} == {one}
    assert fresh(one).virtual_arrival == three.virtual_arrival
    merging.undo(merge=upper, by=lead, now=now)
    assert (fresh(three).merged_into, fresh(two).merged_into) == (None, one)
    assert fresh(one).virtual_arrival == two.virtual_arrival
    merging.undo(merge=lower, by=lead, now=now)
    assert rows() == stood
    NotSame.objects.all().delete()
    upper, lower = merge(two, three, by=lead, now=now), merge(one, two, by=lead, now=now)
    merging.undo(merge=lower, by=lead, now=now)
    assert fresh(three).merged_into == two
    assert fresh(one).virtual_arrival == one.virtual_arrival
    merging.undo(merge=upper, by=lead, now=now)
    assert rows() == stood


def test_what_was_put_right_meanwhile_stays(centre, lead, now: datetime) -> None:
    first = make_contact(centre, now=now - HOUR)
    again = make_contact(centre, now=now, needed_by=(now + 2 * DAY).date())
    third = make_contact(centre, now=now, needed_by=(now + 9 * DAY).date())
    one = merge(first, again, by=lead, now=now)
    right = (now + 20 * DAY).date()
    contacts.correct_date(contact=fresh(first), needed_by=right, by=lead, now=now)
    assert fresh(first).lane.band == 3
    other = merge(first, third, by=lead, now=now)
    assert fresh(first).needed_by == third.needed_by
    merging.undo(merge=other, by=lead, now=now)
    assert fresh(first).needed_by == right
    merging.undo(merge=one, by=lead, now=now)
    assert (fresh(first).needed_by, fresh(again).needed_by) == (right, again.needed_by)


def test_a_raise_and_a_merge_are_taken_back_in_either_order(centre, lead, now: datetime) -> None:
    first, again = make_contact(centre, now=now - HOUR), make_contact(centre, now=now - 2 * HOUR)
    stood = fresh(first)
    raised = {"band": 1, "reason": "Alone", "by": lead, "now": now}
    overrides.raise_band(contact=fresh(first), **raised)
    done = merge(first, again, by=lead, now=now)
    overrides.undo(contact=fresh(first), by=lead, now=now)
    assert (fresh(first).lane.band, fresh(first).virtual_arrival) == (3, again.virtual_arrival)
    merging.undo(merge=done, by=lead, now=now)
    assert (fresh(first).lane, fresh(first).virtual_arrival) == (stood.lane, stood.virtual_arrival)


def test_after_a_transfer_it_comes_apart_all_the_same(centre, now: datetime) -> None:
    make_contact(centre, now=now - HOUR)
    agent, mine = taken(centre, now=now)
    again = make_contact(centre, now=now)
    done = merge(mine, again, by=agent.user, now=now)
    queue = centre.queues.get(code="care")
    routing.transfer(contact=fresh(mine), queue=queue, by=agent.user, reason="Theirs", now=now)
    merging.undo(merge=done, by=make_user(centre, role=Role.LEAD), now=now)
    assert (fresh(mine).lane.queue, fresh(mine).state) == (queue, State.WAITING)
    assert (fresh(again).lane, fresh(again).state) == (again.lane, State.WAITING)


def test_who_leaves_does_not_take_the_place_with_them_until_it_is_confirmed(centre, lead, now: datetime) -> None:
    first, again = make_contact(centre, now=now - HOUR), make_contact(centre, now=now)
    done = merge(first, again, by=lead, now=now)
    leaving.leave(contact=fresh(again), now=now)
    leaving.leave(contact=fresh(again), now=now)
    assert fresh(first).state == State.WAITING
    assert first.events.filter(code="member_left").count() == 1
    merging.undo(merge=done, by=lead, now=now + MINUTE)
    assert (fresh(again).state, fresh(again).disposition) == (State.CLOSED, "left")
    third, fourth = make_contact(centre, now=now - HOUR), make_contact(centre, now=now)
    merging.confirm(merge=merge(third, fourth, by=lead, now=now), by=lead, now=now)
    leaving.leave(contact=fresh(fourth), now=now)
    assert fresh(third).state == State.CLOSED


def test_who_wrote_after_leaving_and_was_set_aside_stays_when_it_comes_apart(centre, lead, now: datetime) -> None:
    again = make_contact(centre, now=now)
    agent, mine = taken(centre, now=now)
    leaving.leave(contact=mine, now=now)
    further.add_words(contact=fresh(again), text="No, wait", door="page", key="k", digest="d", now=now + MINUTE)
    conversation.pend(contact=fresh(again), until=now + HOUR, by=agent.user, now=now + MINUTE)
    routing.wake_due(now=now + HOUR)
    done = merge(make_contact(centre, now=now - HOUR), fresh(again), by=lead, now=now + HOUR)
    merging.undo(merge=done, by=lead, now=now + HOUR)
    assert (fresh(again).state, fresh(again).left_at) == (State.WAITING, now)


def test_told_once_that_one_is_enough(centre, lead, now: datetime) -> None:
    first = make_contact(centre, now=now - HOUR, email="ani@example.org")
    again, third = (make_contact(centre, now=now, email="ani@example.org", language="fa") for _ in range(2))
    for one in (again, third):
        merge(first, one, now=now)
    told = Message.objects.filter(body__contains="یک درخواست کافی است. دوباره")
    assert [(one.contact, one.address) for one in told] == [(again, "ani@example.org")]
    assert again.reference in told[0].subject
    assert again.page_token
    assert again.page_token in told[0].body


def test_who_is_being_talked_to_is_not_told(centre, now: datetime) -> None:
    make_contact(centre, now=now - HOUR)
    agent, mine = taken(centre, now=now)
    merge(mine, make_contact(centre, now=now), by=agent.user, now=now)
    assert not ContactEvent.objects.filter(code="told_one_is_enough").exists()


def test_other_systems_are_told(centre, lead, now: datetime) -> None:
    Webhook.objects.create(organisation=centre, url="https://example.org/", secret="s", created_at=now)
    first, again = make_contact(centre, now=now - HOUR), make_contact(centre, now=now)
    done = merge(first, again, by=lead, now=now)
    merging.undo(merge=done, by=lead, now=now)
    said = {one.event: one.body["data"] for one in WebhookDelivery.objects.filter(event__endswith="merged")}
    assert said["contact.merged"]["reference"] == said["contact.unmerged"]["reference"] == again.reference
    assert (said["contact.merged"]["into"], said["contact.unmerged"]["from"]) == (first.reference, first.reference)
    assert not WebhookDelivery.objects.filter(event="contact.closed").exists()


def test_what_was_typed_is_kept(centre, now: datetime) -> None:
    make_contact(centre, now=now - HOUR)
    agent, mine = taken(centre, now=now)
    again = make_contact(centre, now=now)
    for contact in (mine, again):
        Draft.objects.create(contact=contact, agent=agent, sort="reply", body="Half", saved_at=now)
    done = merge(mine, again, by=agent.user, now=now)
    merging.undo(merge=done, by=agent.user, now=now)
    assert Draft.objects.count() == 2


class TestAnyMerge(TestCase):
    """Whatever two contacts are, and whatever the order: no place is worse, and taken back all is as it was."""

    ago = st.integers(min_value=0, max_value=5 * 24 * 60).map(lambda minutes: NOW - minutes * MINUTE)
    contact = st.fixed_dictionaries(
        {
            "now": ago,
            "channel": st.sampled_from(["web", "voice", "email"]),
            "danger": st.booleans(),
            "needed_by": st.none() | st.integers(-3, 12).map(lambda days: (NOW + days * DAY).date()),
            "time_zone": st.sampled_from(["", "Pacific/Auckland", "America/Los_Angeles"]),
            "needs": st.sampled_from([(), ("medical_equipment",)]),
            "request_type": st.sampled_from(["", "refund", "assistance"]),
            "text": st.sampled_from(["My ferry is cancelled", "He is not breathing, he is unconscious"]),
            "promised": st.none() | st.integers(-60, 600),
            "raised": st.none() | st.sampled_from([0, 1, 2, "front"]),
        }
    )

    @settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
    @given(st.lists(contact, min_size=3, max_size=3), st.permutations([0, 1]))
    def test_no_place_is_worse_and_all_comes_back(self, given_: list[dict[str, Any]], order: list[int]) -> None:
        centre = make_organisation()
        lead = make_user(centre, role=Role.LEAD)
        one, two, three = (self._made(centre, lead, dict(each)) for each in given_)
        hear_due(now=NOW)
        routing.reband_due(now=NOW)
        stood = rows()
        before = [board.index_of(fresh(each), now=NOW) for each in (one, two, three)]
        bands = [fresh(each).lane.band for each in (one, two, three)]
        arrivals = [fresh(each).virtual_arrival for each in (one, two, three)]
        done = [merge(two, three, by=lead), merge(one, two, by=lead)]
        place = fresh(one)
        assert place.lane.band == min(bands)
        assert place.virtual_arrival <= min(arrivals)
        assert board.index_of(place, now=NOW) >= max(before) - 1e-6
        told_by = [by for by in Promise.objects.filter(contact=one).values_list("by", flat=True) if by]
        assert place.guard_at == place.promise_by == min(told_by, default=None)
        for number in order:
            merging.undo(merge=done[number], by=lead, now=NOW)
        assert different(stood, rows()) == []

    def _made(self, centre: Any, lead: Any, given_: dict[str, Any]) -> Contact:
        raised, promised = given_.pop("raised"), given_.pop("promised")
        contact = make_contact(centre, **given_)
        if promised is not None:
            told(contact, NOW + promised * MINUTE)
        if raised == "front" and contact.lane.band:
            overrides.to_front(contact=fresh(contact), reason="Alone", by=lead, now=NOW)
        elif isinstance(raised, int) and raised < contact.lane.band:
            overrides.raise_band(contact=fresh(contact), band=raised, reason="Alone", by=lead, now=NOW)
        return fresh(contact)


def test_words_that_were_under_way_while_their_contact_was_joined_wake_the_place_and_no_other(centre):
    make_contact(centre, name="Ani")
    agent, keep = taken(centre)
    join = make_contact(centre, name="Ani")
    stale = fresh(join)
    conversation.pend(contact=keep, until=NOW + DAY, by=agent.user, now=NOW)
    Contact.objects.filter(pk=join.pk).update(state=State.CLOSED, closed_at=NOW)
    merge(fresh(keep), fresh(join), by=agent.user)
    further.add_words(contact=stale, text="Hello?", door="page", key="k", digest="d", now=NOW + MINUTE)
    assert (fresh(join).state, fresh(join).merged_into_id) == (State.CLOSED, keep.pk)
    assert (fresh(keep).state, fresh(keep).last_inbound_at) == (State.WAITING, NOW + MINUTE)


def test_danger_in_words_whose_contact_is_joined_while_they_are_read_is_heard_for_the_place(centre, monkeypatch):
    keep, join = make_contact(centre, name="Ani"), make_contact(centre, name="Ani")
    hear_due(now=NOW)
    further.add_words(
        contact=join, text="My father is having a heart attack", door="page", key="k", digest="d", now=NOW
    )
    listen = hearing.hear

    def meanwhile(said):
        if fresh(join).merged_into_id is None:
            merge(fresh(keep), fresh(join))
        return listen(said)

    monkeypatch.setattr(hearing, "hear", meanwhile)
    hear_due(now=NOW)
    hear_due(now=NOW)
    assert Cue.objects.filter(sort=Cue.Sort.DANGER).values_list("contact", flat=True).distinct().get() == keep.pk
    assert not Message.objects.filter(direction="in", is_heard=False).exists()
