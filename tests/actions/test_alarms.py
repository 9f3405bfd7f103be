"""Alarms: raised once, told once, taken by a name, escalated, cleared."""

from datetime import datetime, timedelta

import pytest

from pharos.actions import alarms, conversation, entries, further, routing
from pharos.actions.errors import Refused
from pharos.models import (
    Agent,
    AgentSkill,
    Alarm,
    Channel,
    Contact,
    ContactEvent,
    LiveEvent,
    Message,
    Offer,
    Promise,
    Queue,
    Role,
    StaffMail,
    User,
)
from tests.factories import make_agent, make_contact, make_entry, make_incident, make_organisation, make_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def centre(now: datetime):
    organisation = make_organisation()
    make_agent(organisation, "agent", status=Agent.Status.OFFLINE)
    make_user(organisation, "lead", role=Role.LEAD, email="lead@example.org")
    make_user(organisation, "admin", role=Role.ADMIN, email="admin@example.org")
    return organisation


def sorts(organisation) -> list[str]:
    return sorted(Alarm.objects.filter(organisation=organisation, cleared_at=None).values_list("sort", flat=True))


def promise(contact: Contact, by: datetime, told_at: datetime) -> None:
    Contact.objects.filter(pk=contact.pk).update(promise_by=by, guard_at=by)
    Promise.objects.filter(contact=contact).delete()
    Promise.objects.create(contact=contact, told_at=told_at, band=3, kind="written", by=by)


def urgent(organisation, now: datetime) -> Contact:
    return make_contact(organisation, now=now, needed_by=(now + 5 * DAY).date())


def hold(contact: Contact, *, now: datetime) -> Agent:
    agent = Agent.objects.get(user__username="agent")
    routing.set_status(agent=agent, status=Agent.Status.AVAILABLE, now=now)
    routing.dispatch(organisation=contact.organisation, now=now)
    routing.accept(offer=Offer.objects.get(contact=contact, state="open"), agent=agent, now=now)
    contact.refresh_from_db()
    return agent


def test_sweep_quiet_centre_changes_nothing(centre, now, django_assert_max_num_queries):
    make_contact(centre, now=now)
    with django_assert_max_num_queries(32):
        assert alarms.sweep(organisation=centre, now=now) == 0
    assert not Alarm.objects.exists()


def test_danger_alarm_reaches_lead_once_and_ends_when_taken(centre, now):
    contact = make_contact(centre, now=now, danger=True)
    for step in range(3):
        alarms.sweep(organisation=centre, now=now + step * MINUTE)
    assert sorts(centre) == ["danger"]
    mails = StaffMail.objects.all()
    assert [mail.to for mail in mails] == ["lead@example.org"]
    assert contact.reference in mails[0].body
    hold(contact, now=now + 3 * MINUTE)
    alarms.sweep(organisation=centre, now=now + 3 * MINUTE)
    assert sorts(centre) == []
    assert StaffMail.objects.count() == 1


def test_urgent_unanswered_warns_at_two_days_and_alarms_at_three(centre, now):
    urgent(centre, now)
    for after, wanted in (
        (2 * DAY - MINUTE, []),
        (2 * DAY, ["urgent_soon_unanswered"]),
        (3 * DAY - MINUTE, ["urgent_soon_unanswered"]),
        (3 * DAY, ["urgent_unanswered"]),
    ):
        alarms.sweep(organisation=centre, now=now + after)
        assert [sort for sort in sorts(centre) if sort.startswith("urgent")] == wanted


def test_urgent_unanswered_ordinary_contact_is_none(centre, now):
    make_contact(centre, now=now)
    alarms.sweep(organisation=centre, now=now + 4 * DAY)
    assert "urgent_unanswered" not in sorts(centre)


def test_urgent_unanswered_note_is_no_answer_reply_is(centre, now):
    contact = urgent(centre, now)
    agent = hold(contact, now=now)
    conversation.note(contact=contact, body="Called the port.", by=agent.user, now=now + DAY)
    later = now + 3 * DAY
    alarms.sweep(organisation=centre, now=later)
    assert "urgent_unanswered" in sorts(centre)
    conversation.reply(contact=contact, body="You are rebooked.", by=agent.user, now=later)
    alarms.sweep(organisation=centre, now=later)
    assert "urgent_unanswered" not in sorts(centre)


def test_urgent_unanswered_new_words_count_from_the_first_of_them(centre, now):
    contact = urgent(centre, now)
    agent = hold(contact, now=now)
    conversation.reply(contact=contact, body="Which day?", by=agent.user, now=now + HOUR)
    for number, after in enumerate((2 * HOUR, 2 * DAY)):
        further.add_words(contact=contact, text="Friday", door="page", key=f"k{number}", digest="d", now=now + after)
    alarms.sweep(organisation=centre, now=now + 2 * HOUR + 3 * DAY - MINUTE)
    assert "urgent_unanswered" not in sorts(centre)
    alarms.sweep(organisation=centre, now=now + 2 * HOUR + 3 * DAY)
    assert "urgent_unanswered" in sorts(centre)


def test_promise_at_risk_by_kind_then_broken_then_answered(centre, now):
    contact = make_contact(centre, now=now)
    promise(contact, now + HOUR, now)
    alarms.sweep(organisation=centre, now=now + 29 * MINUTE)
    assert sorts(centre) == []
    alarms.sweep(organisation=centre, now=now + 30 * MINUTE)
    assert sorts(centre) == ["promise_at_risk"]
    alarms.sweep(organisation=centre, now=now + HOUR)
    assert sorts(centre) == ["promise_broken"]
    agent = hold(contact, now=now + HOUR)
    conversation.reply(contact=contact, body="Here we are.", by=agent.user, now=now + HOUR)
    alarms.sweep(organisation=centre, now=now + HOUR)
    assert sorts(centre) == []


def test_promise_at_risk_live_contact_five_minutes_before(centre, now):
    contact = make_contact(centre, now=now, channel=Channel.CHAT)
    promise(contact, now + HOUR, now)
    alarms.sweep(organisation=centre, now=now + 54 * MINUTE)
    assert sorts(centre) == []
    alarms.sweep(organisation=centre, now=now + 55 * MINUTE)
    assert sorts(centre) == ["promise_at_risk"]


def test_promise_broken_in_an_agents_hands_is_marked_once(centre, now):
    contact = make_contact(centre, now=now)
    hold(contact, now=now)
    promise(contact, now + HOUR, now)
    for minutes in (60, 61):
        alarms.sweep(organisation=centre, now=now + minutes * MINUTE)
    contact.refresh_from_db()
    assert contact.promise_broken_at == now + HOUR
    assert ContactEvent.objects.filter(contact=contact, code="promise_broken").count() == 1
    assert sorts(centre) == ["promise_broken"]


def test_oldest_counts_opening_hours_only(centre, now):
    make_contact(centre, now=now, channel=Channel.CHAT)
    centre.opening_hours.create(kind="live", weekday=1, opens_minute=0, closes_minute=12 * 60 + 30)
    centre.opening_hours.create(kind="live", weekday=2, opens_minute=12 * 60, closes_minute=24 * 60)
    alarms.sweep(organisation=centre, now=now + 2 * HOUR)
    assert "oldest" not in sorts(centre)
    alarms.sweep(organisation=centre, now=now + DAY + 31 * MINUTE)
    assert "oldest" in sorts(centre)


def test_update_overdue_until_a_new_time_is_named(centre, now):
    incident = make_incident(centre, next_update_at=now)
    alarms.sweep(organisation=centre, now=now)
    assert sorts(centre) == []
    alarms.sweep(organisation=centre, now=now + MINUTE)
    assert sorts(centre) == ["update_overdue"]
    incident.next_update_at = now + HOUR
    incident.save()
    alarms.sweep(organisation=centre, now=now + MINUTE)
    assert sorts(centre) == []


def test_nobody_can_serve_says_language_or_skill(centre, now):
    agent = Agent.objects.get(user__username="agent")
    agent.languages = ["en"]
    agent.save()
    agent.skills.filter(skill__code="refunds").delete()
    make_contact(centre, now=now, language="hy")
    make_contact(centre, now=now, language="en", request_type="refund")
    make_contact(centre, now=now, language="en")
    alarms.sweep(organisation=centre, now=now)
    found = Alarm.objects.filter(sort="nobody_can_serve").order_by("data__why")
    assert [(alarm.data["why"], alarm.data["language"], alarm.data["waiting"]) for alarm in found] == [
        ("language", "hy", 1),
        ("skill", "en", 1),
    ]
    agent.languages = ["en", "hy"]
    agent.save()
    alarms.sweep(organisation=centre, now=now)
    assert [alarm.data["why"] for alarm in Alarm.objects.filter(cleared_at=None)] == ["skill"]


def test_nobody_can_serve_says_level_or_training(centre, now):
    refunds, care = centre.queues.get(code="refunds"), centre.skills.get(code="care")
    make_contact(centre, now=now, request_type="refund")

    def asks(level, *training):
        Queue.objects.filter(pk=refunds.pk).update(level=level, training=[skill.pk for skill in training])
        alarms.sweep(organisation=centre, now=now)
        return [alarm.data["why"] for alarm in Alarm.objects.filter(sort="nobody_can_serve", cleared_at=None)]

    assert asks(3) == []
    assert asks(5) == ["level"]
    assert asks(3, care) == []
    AgentSkill.objects.filter(skill=care).delete()
    assert asks(3, care) == ["training"]


def test_delivery_failed_until_something_arrives(centre, now):
    contact = make_contact(centre, now=now)
    sent = contact.messages.get(direction="out")
    Message.objects.filter(pk=sent.pk).update(state="failed", settled_at=now)
    alarms.sweep(organisation=centre, now=now)
    assert sorts(centre) == ["delivery_failed"]
    Message.objects.filter(pk=sent.pk).update(state="queued")
    alarms.sweep(organisation=centre, now=now)
    assert sorts(centre) == []


def test_mailbox_out_of_reach_is_an_alarm_after_a_minute_and_ends_by_itself(centre, now):
    entry = make_entry(centre, Channel.EMAIL, "help@example.org", secret={"password": "hush"})
    entries.failed(entry=entry, reason="hush: Connection refused", now=now)
    alarms.sweep(organisation=centre, now=now + MINUTE)
    assert sorts(centre) == []
    entries.failed(entry=entry, reason="hush: Connection refused", now=now + MINUTE / 12)
    alarms.sweep(organisation=centre, now=now + MINUTE - timedelta(seconds=1))
    assert sorts(centre) == []
    alarms.sweep(organisation=centre, now=now + MINUTE)
    assert sorts(centre) == ["not_reached"]
    told = StaffMail.objects.get(to="lead@example.org")
    assert "help@example.org" in told.body
    assert "hush" not in told.body + str(Alarm.objects.get().data)
    entries.read(entry=entry, cursor={}, now=now + 2 * MINUTE)
    alarms.sweep(organisation=centre, now=now + 2 * MINUTE)
    assert sorts(centre) == []
    entries.failed(entry=entry, reason="Connection refused", now=now + 3 * MINUTE)
    alarms.sweep(organisation=centre, now=now + HOUR)
    assert sorts(centre) == []


@pytest.mark.parametrize("way", ["off", "changed", "removed"])
def test_mailbox_out_of_reach_that_is_put_right_by_hand_is_no_alarm(centre, now, way):
    entry = make_entry(centre, Channel.EMAIL, "help@example.org", secret={"password": "hush"})
    for second in (0, 5):
        entries.failed(entry=entry, reason="gone", now=now + timedelta(seconds=second))
    alarms.sweep(organisation=centre, now=now + MINUTE)
    assert sorts(centre) == ["not_reached"]
    if way == "off":
        entries.switch(entry=entry, on=False)
    elif way == "changed":
        entries.change(entry=entry, address=entry.address, language="", incident=None, options={}, secret={})
    else:
        entries.remove(entry=entry)
    alarms.sweep(organisation=centre, now=now + 2 * MINUTE)
    assert sorts(centre) == []


def test_tell_many_at_once_is_one_mail_and_then_a_pause(centre, now):
    for _ in range(20):
        promise(make_contact(centre, now=now), now + HOUR, now)
    alarms.sweep(organisation=centre, now=now + HOUR)
    promise(make_contact(centre, now=now), now + HOUR, now)
    alarms.sweep(organisation=centre, now=now + HOUR + MINUTE / 2)
    assert StaffMail.objects.count() == 1
    assert "20 alarms need a name" in StaffMail.objects.get().subject
    alarms.sweep(organisation=centre, now=now + HOUR + 2 * MINUTE)
    assert StaffMail.objects.count() == 2
    assert Alarm.objects.filter(told_at=None).count() == 0


def test_tell_danger_does_not_wait_for_the_pause(centre, now):
    promise(make_contact(centre, now=now), now + HOUR, now)
    alarms.sweep(organisation=centre, now=now + HOUR)
    make_contact(centre, now=now + HOUR, danger=True)
    alarms.sweep(organisation=centre, now=now + HOUR)
    assert StaffMail.objects.count() == 2


def test_tell_speaks_the_leads_language_and_skips_those_who_left(centre, now):
    make_user(centre, "gone", role=Role.LEAD, email="gone@example.org", is_active=False)
    make_contact(centre, now=now, danger=True)
    alarms.sweep(organisation=centre, now=now)
    assert [mail.to for mail in StaffMail.objects.all()] == ["lead@example.org"]


def test_tell_counts_in_the_leads_digits(centre, now):
    User.objects.filter(username="lead").update(language="fa")
    for _ in range(20):
        promise(make_contact(centre, now=now), now + HOUR, now)
    alarms.sweep(organisation=centre, now=now + HOUR)
    assert "۲۰" in StaffMail.objects.get().subject


def test_escalate_unacknowledged_alarm_goes_to_the_administrators_once(centre, now):
    make_contact(centre, now=now, danger=True)
    for minutes in (0, 4, 5, 6):
        alarms.sweep(organisation=centre, now=now + minutes * MINUTE)
    assert [mail.to for mail in StaffMail.objects.order_by("pk")] == ["lead@example.org", "admin@example.org"]
    assert Alarm.objects.get().escalated_at == now + 5 * MINUTE


def test_acknowledge_by_a_name_stops_the_escalation(centre, now):
    make_contact(centre, now=now, danger=True)
    alarms.sweep(organisation=centre, now=now)
    lead, admin = (centre.users.get(username=name) for name in ("lead", "admin"))
    alarm = Alarm.objects.get()
    assert alarms.acknowledge(alarm=alarm, by=lead, now=now) is True
    assert alarms.acknowledge(alarm=alarm, by=admin, now=now) is False
    alarms.sweep(organisation=centre, now=now + HOUR)
    alarm.refresh_from_db()
    assert (alarm.acknowledged_by, alarm.escalated_at) == (lead, None)
    assert StaffMail.objects.count() == 1


def test_acknowledge_all_of_a_sort(centre, now):
    for _ in range(3):
        make_contact(centre, now=now, danger=True)
    alarms.sweep(organisation=centre, now=now)
    lead = centre.users.get(username="lead")
    assert alarms.acknowledge_all(organisation=centre, sort="danger", by=lead, now=now) == 3
    assert alarms.acknowledge_all(organisation=centre, sort="danger", by=lead, now=now) == 0


def test_acknowledge_by_an_agent_or_a_stranger_is_refused(centre, now):
    make_contact(centre, now=now, danger=True)
    alarms.sweep(organisation=centre, now=now)
    stranger = make_user(make_organisation(), "stranger", role=Role.LEAD)
    for user in (centre.users.get(username="agent"), stranger):
        with pytest.raises(Refused):
            alarms.acknowledge(alarm=Alarm.objects.get(), by=user, now=now)
    assert Alarm.objects.get().acknowledged_at is None


def test_sweep_leaves_other_organisations_alone(centre, now):
    other = make_organisation()
    make_agent(other, "elsewhere")
    make_contact(other, now=now, danger=True)
    assert alarms.sweep(organisation=centre, now=now) == 0
    assert not Alarm.objects.exists()


def test_sweep_nudges_alarms_and_board_only_when_something_changed(centre, now):
    make_contact(centre, now=now, danger=True)
    before = LiveEvent.objects.count()
    alarms.sweep(organisation=centre, now=now)
    assert set(LiveEvent.objects.order_by("pk").values_list("topic", flat=True)[before:]) == {"alarms", "board"}
    after = LiveEvent.objects.count()
    alarms.sweep(organisation=centre, now=now)
    assert LiveEvent.objects.count() == after


def test_sweep_large_backlog_is_taken_in_batches(centre, now, monkeypatch):
    monkeypatch.setattr(alarms, "BATCH", 2)
    for _ in range(5):
        make_contact(centre, now=now, danger=True)
    counts = []
    for _ in range(3):
        alarms.sweep(organisation=centre, now=now)
        counts.append(Alarm.objects.count())
    assert counts == [2, 4, 5]


def test_a_promise_at_risk_is_one_alarm_though_offers_come_and_go(now):
    organisation = make_organisation()
    make_agent(organisation)
    contact = make_contact(organisation, now=now)
    Contact.objects.filter(pk=contact.pk).update(promise_by=now + timedelta(minutes=5))
    alarms.sweep(organisation=organisation, now=now)
    routing.dispatch(organisation=organisation, now=now)
    alarms.sweep(organisation=organisation, now=now + timedelta(seconds=2))
    routing.expire_offers(now=now + timedelta(minutes=4))
    alarms.sweep(organisation=organisation, now=now + timedelta(minutes=4))
    assert Alarm.objects.filter(sort=Alarm.Sort.PROMISE_AT_RISK).count() == 1
