"""Who leaves closes nothing that waits for another who shares the place and may be somebody else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connections

from pharos.actions import conversation, further, leaving, letters, merging, promises, routing, verdicts
from pharos.actions.cues import hear_due
from pharos.models import Agent, Contact, Cue, Message, Offer, Organisation, User
from pharos.queries import family, staying
from tests.actions.test_merging import HOUR, MINUTE, centre, fresh, lead, merge, taken, told, words
from tests.factories import NOW, make_agent, make_contact
from tests.meeting import meet, until_somebody_waits

__all__ = ["centre", "lead"]
pytestmark = pytest.mark.django_db
DANGER = "My father is having a heart attack"


@pytest.fixture
def ani(centre: Organisation) -> Contact:
    return make_contact(centre, now=NOW - HOUR, email="ani@example.org", name="Ani")


@pytest.fixture
def bea(centre: Organisation) -> Contact:
    return make_contact(centre, now=NOW - 30 * MINUTE, email="bea@example.org", name="Bea")


def leave(contact: Contact, minutes: int) -> None:
    leaving.leave(contact=fresh(contact), now=NOW + minutes * MINUTE)


def stands(contact: Contact) -> tuple[str, str, bool]:
    one = fresh(contact)
    return one.state, one.disposition, one.left_at is not None


def sent(contact: Contact, sort: str) -> int:
    return Message.objects.filter(contact=contact, direction=Message.Direction.OUT, sort=sort).count()


def test_the_place_stands_for_who_was_joined_when_the_one_whose_it_is_leaves(
    centre: Organisation, lead: User, ani: Contact, bea: Contact
) -> None:
    merge(ani, bea, by=lead)
    arrival, promised = fresh(ani).virtual_arrival, ani.promises.filter(settled_at=None).count()
    leave(ani, 1)
    leave(ani, 2)
    assert stands(ani) == ("waiting", "", True)
    assert (fresh(ani).virtual_arrival, ani.promises.filter(settled_at=None).count()) == (arrival, promised)
    assert ani.events.filter(code="left").count() == 1
    agent = make_agent(centre)
    routing.dispatch(organisation=centre, now=NOW + HOUR)
    assert Offer.objects.get(agent=agent).contact == ani


def test_the_place_closes_when_the_last_of_them_has_left(
    centre: Organisation, lead: User, ani: Contact, bea: Contact
) -> None:
    cleo = make_contact(centre, now=NOW, email="cleo@example.org")
    for one in (bea, cleo):
        merge(ani, one, by=lead)
    for minutes, one in enumerate((ani, cleo)):
        leave(one, minutes)
        assert stands(ani)[0] == "waiting"
    leave(bea, 3)
    assert stands(ani) == ("closed", "left", True)
    assert not ani.promises.filter(settled_at=None).exists()


def test_one_person_who_was_confirmed_leaves_with_all_they_wrote(lead: User, ani: Contact, bea: Contact) -> None:
    merging.confirm(merge=merge(ani, bea, by=lead), by=lead, now=NOW)
    leave(ani, 1)
    assert stands(ani) == ("closed", "left", True)


def test_who_was_confirmed_stays_with_the_words_that_came_later(lead: User, ani: Contact, bea: Contact) -> None:
    done = merge(ani, bea, by=lead)
    leave(ani, 1)
    words(bea, "I still wait", NOW + 2 * MINUTE)
    merging.confirm(merge=done, by=lead, now=NOW + 3 * MINUTE)
    assert [one.pk for one in staying.still_here(fresh(ani))] == [ani.pk, bea.pk]


def test_words_of_the_other_do_not_take_back_that_one_has_left(lead: User, ani: Contact, bea: Contact) -> None:
    merge(ani, bea, by=lead)
    leave(ani, 1)
    words(bea, "I still wait", NOW + 2 * MINUTE)
    assert stands(ani) == ("waiting", "", True)
    leave(bea, 3)
    assert stands(ani) == ("closed", "left", True)


def test_words_of_the_one_who_left_bring_them_back(lead: User, ani: Contact, bea: Contact) -> None:
    merge(ani, bea, by=lead)
    leave(ani, 1)
    words(ani, "I need you after all", NOW + 2 * MINUTE)
    leave(bea, 3)
    assert stands(ani) == ("waiting", "", False)


def test_an_agent_who_has_both_reads_who_left(centre: Organisation, ani: Contact, bea: Contact) -> None:
    agent, mine = taken(centre)
    other = bea if mine == ani else ani
    merge(mine, other, by=agent.user)
    leave(mine, 1)
    assert stands(mine) == ("active", "", True)
    assert family.answered_next(fresh(mine), family.members(mine)) == other
    words(other, "Hello?", NOW + 2 * MINUTE)
    assert staying.has_left(fresh(mine))


def closed_by(agent: Agent, contact: Contact) -> None:
    conversation.finish(contact=fresh(contact), by=agent.user, now=NOW + 5 * MINUTE)
    conversation.close(
        contact=fresh(contact), disposition="solved", summary="A room", by=agent.user, now=NOW + 5 * MINUTE
    )


def answered(agent: Agent, contact: Contact, to: Contact) -> None:
    conversation.reply(contact=fresh(contact), to=fresh(to), body="A room", by=agent.user, now=NOW + 2 * MINUTE)


def test_the_summary_goes_to_whom_we_answered_last_if_they_are_still_there(
    centre: Organisation, ani: Contact, bea: Contact
) -> None:
    agent, mine = taken(centre)
    other = bea if mine == ani else ani
    merge(mine, other, by=agent.user)
    leave(mine, 1)
    answered(agent, mine, other)
    closed_by(agent, mine)
    assert (sent(mine, "summary"), sent(other, "summary")) == (0, 1)
    assert "A room" in Message.objects.get(sort="summary").body


def test_a_summary_about_who_has_left_is_read_by_nobody_else(centre: Organisation, ani: Contact, bea: Contact) -> None:
    agent, mine = taken(centre)
    other = bea if mine == ani else ani
    told(other, NOW + 10 * MINUTE)
    merge(mine, fresh(other), by=agent.user)
    answered(agent, mine, mine)
    leave(mine, 3)
    before = sent(other, "acknowledgement")
    closed_by(agent, mine)
    assert (sent(mine, "summary"), sent(other, "summary")) == (0, 0)
    assert sent(other, "acknowledgement") == before + 1


def test_who_has_left_is_not_told_of_the_close(centre: Organisation, ani: Contact, bea: Contact) -> None:
    agent, mine = taken(centre)
    other = bea if mine == ani else ani
    merge(mine, other, by=agent.user)
    leave(other, 1)
    before = sent(other, "acknowledgement")
    closed_by(agent, mine)
    assert (sent(mine, "summary"), sent(other, "acknowledgement")) == (1, before)


def test_a_promise_that_breaks_is_told_to_who_is_still_there_alone(
    centre: Organisation, lead: User, ani: Contact, bea: Contact
) -> None:
    told(ani, NOW + 10 * MINUTE)
    merge(ani, bea, by=lead)
    leave(ani, 1)
    assert promises.revise(organisation=centre, now=NOW + HOUR) == 1
    assert (sent(ani, "promise_moved"), sent(bea, "promise_moved")) == (0, 1)


def test_who_was_closed_with_the_place_holds_it_no_longer(centre: Organisation, ani: Contact, bea: Contact) -> None:
    agent, mine = taken(centre)
    other = bea if mine == ani else ani
    merge(mine, other, by=agent.user)
    closed_by(agent, mine)
    words(mine, "One thing more", NOW + HOUR)
    assert staying.still_here(fresh(mine)) == [mine]
    words(other, "And for me", NOW + HOUR)
    leave(mine, 90)
    assert stands(mine) == ("waiting", "", True)
    leave(other, 95)
    assert stands(mine) == ("closed", "left", True)


def test_taken_apart_the_one_who_left_is_closed_and_the_other_waits(lead: User, ani: Contact, bea: Contact) -> None:
    done = merge(ani, bea, by=lead)
    leave(ani, 1)
    merging.undo(merge=done, by=lead, now=NOW + 2 * MINUTE)
    assert stands(ani) == ("closed", "left", True)
    assert stands(bea) == ("waiting", "", False)
    assert bea.promises.filter(settled_at=None).exists()


def test_who_left_before_another_was_joined_has_left(lead: User, ani: Contact, bea: Contact) -> None:
    leave(ani, -50)
    done = merge(ani, bea, by=lead)
    assert stands(ani) == ("waiting", "", True)
    merging.undo(merge=done, by=lead, now=NOW + MINUTE)
    assert stands(ani) == ("closed", "left", True)
    merge(ani, fresh(bea), by=lead, now=NOW + 2 * MINUTE)
    leave(bea, 3)
    assert stands(ani) == ("closed", "left", True)


def in_danger(contact: Contact) -> int:
    """The newest of the cues of danger that its words make."""
    further.add_words(contact=fresh(contact), text=DANGER, door="page", key="k", digest="d", now=NOW)
    while hear_due(now=NOW):
        pass
    return Cue.objects.filter(sort=Cue.Sort.DANGER).latest("pk").pk


@pytest.mark.parametrize("joined_leaves", [False, True])
def test_no_danger_lets_go_only_when_nobody_else_waits(
    lead: User, ani: Contact, bea: Contact, joined_leaves: bool
) -> None:
    merge(ani, bea, by=lead)
    seen = in_danger(ani)
    leave(ani, 1)
    if joined_leaves:
        leave(bea, 2)
    assert stands(ani) == ("waiting", "", True)
    assert verdicts.no_danger(contact=fresh(ani), seen=seen, by=lead, now=NOW + 3 * MINUTE)
    assert stands(ani)[0] == ("closed" if joined_leaves else "waiting")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("leaves_first", [False, True])
def test_a_join_at_the_moment_of_leaving_loses_nobody(
    lead: User, ani: Contact, bea: Contact, leaves_first: bool
) -> None:
    go: Callable[[], object] = partial(leaving.leave, contact=ani, now=NOW + MINUTE)
    join: Callable[[], object] = partial(merge, ani, bea, by=lead)
    result = meet(go, join) if leaves_first else meet(join, go)
    assert not isinstance(result, Exception)
    assert stands(ani) == ("waiting", "", True)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_who_leave_at_the_same_moment_close_the_place(lead: User, ani: Contact, bea: Contact) -> None:
    merge(ani, bea, by=lead)
    both = [partial(leaving.leave, contact=fresh(one), now=NOW + MINUTE) for one in (ani, bea)]
    assert meet(*both) is None
    assert stands(ani) == ("closed", "left", True)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["reply", "close"])
def test_who_leaves_while_an_agent_writes_waits_and_is_not_refused(
    centre: Organisation, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    older = make_contact(centre, now=NOW - HOUR, email="bea@example.org", name="Bea")
    agent = make_agent(centre)
    first = make_contact(centre, now=NOW - 2 * HOUR, email="ani@example.org", name="Ani")
    routing.dispatch(organisation=centre, now=NOW)
    routing.accept(offer=Offer.objects.get(agent=agent, contact=first), agent=agent, now=NOW)
    merge(fresh(first), older, by=agent.user)
    if how == "close":
        answered(agent, first, older)
        leave(first, 3)
    write = {"reply": answered, "close": lambda agent, top, _to: closed_by(agent, top)}[how]
    sort = {"reply": "reply", "close": "summary"}[how]
    whole, gone = getattr(letters, sort), fresh(older)

    def go() -> None:
        try:
            leaving.leave(contact=gone, now=NOW + 6 * MINUTE)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        left = []

        def slowly(*told: object, **more: object) -> object:
            left.append(pool.submit(go))
            until_somebody_waits()
            return whole(*told, **more)

        monkeypatch.setattr(letters, sort, slowly)
        write(agent, first, older)
        left[0].result(60)
    assert (sent(older, sort), staying.has_left(fresh(older))) == (1, how == "reply")
