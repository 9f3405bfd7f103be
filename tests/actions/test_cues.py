"""Signals are looked for in what people write, once; danger calls a person."""

from datetime import timedelta

import pytest

from pharos.actions import alarms, conversation, cues, further, leaving, routing, trail, trims, verdicts
from pharos.actions.errors import Refused
from pharos.models import Alarm, Contact, ContactEvent, Cue, LiveEvent, Message, Offer, Role, StaffMail
from pharos.queries import floor
from tests.factories import make_agent, make_contact, make_incident, make_organisation, make_user, who_has
from tests.meeting import meet

pytestmark = pytest.mark.django_db
DANGER = "I want to die"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def organisation():
    return make_organisation()


def hear(now) -> None:
    while cues.hear_due(now=now):
        pass


def band(contact: Contact) -> int:
    return Contact.objects.select_related("lane").get(pk=contact.pk).lane.band


def line(organisation, now) -> list[int]:
    return [place.contact.pk for place in floor.serving_order(organisation=organisation, now=now, limit=20)]


def words(contact: Contact, text: str, *, now, key: str = "k") -> None:
    further.add_words(contact=contact, text=text, door="page", key=key, digest=text, now=now)


def held(contact: Contact, *, now) -> Contact:
    agent = make_agent(contact.organisation)
    routing.dispatch(organisation=contact.organisation, now=now)
    return routing.accept(offer=Offer.objects.get(contact=contact), agent=agent, now=now)


def test_words_become_cues_with_their_places(organisation, now):
    contact = make_contact(organisation, now=now, text="I want my money back, I cannot hear on the phone")
    hear(now)
    found = {cue.sort: cue for cue in Cue.objects.filter(contact=contact)}
    assert {"request", "need"} <= set(found)
    assert (found["request"].code, found["need"].code) == ("refund", "hearing")
    body = found["need"].message.body
    assert [body[start:end] for start, end in found["need"].places] != [""]
    assert (found["need"].state, found["need"].language, found["need"].found_at) == ("open", "en", now)


def test_every_message_is_heard_once(organisation, now):
    contact = make_contact(organisation, now=now, text="I want my money back")
    hear(now)
    hear(now)
    assert Cue.objects.filter(contact=contact).count() == 1
    assert not Message.objects.filter(direction="in", is_heard=False).exists()


def test_what_we_write_is_not_heard(organisation, now):
    contact = make_contact(organisation, now=now, text="Hello")
    conversation.note(contact=contact, body=DANGER, by=make_user(organisation), now=now)
    hear(now)
    assert not Cue.objects.exists()


def test_the_subject_counts(organisation, now):
    contact = make_contact(organisation, now=now, text="See above")
    Message.objects.filter(contact=contact, direction="in").update(subject=DANGER)
    hear(now)
    assert Cue.objects.get(contact=contact, sort="danger").places[0][0] < len(DANGER)


def test_nothing_is_due(now, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert cues.hear_due(now=now) is False


def test_the_number_of_queries_does_not_grow(organisation, now, django_assert_num_queries):
    for count in (1, 3):
        for _ in range(count):
            make_contact(organisation, now=now, text="I want my money back")
        with django_assert_num_queries(9):
            cues.hear_due(now=now)


def test_much_is_heard_a_batch_at_a_time(organisation, now, monkeypatch):
    monkeypatch.setattr(cues, "BATCH", 2)
    for _ in range(2):
        make_contact(organisation, now=now)
    assert [cues.hear_due(now=now) for _ in range(2)] == [True, False]
    monkeypatch.setattr(cues, "MOST_CHARACTERS", 10)
    for _ in range(2):
        make_contact(organisation, now=now, text="long " * 10)
    assert [cues.hear_due(now=now) for _ in range(3)] == [True, False, False]


@pytest.mark.parametrize("text", ["😀" * 3000, "\u200c\u200d", "x " * 50_000])
def test_odd_texts_are_heard_like_others(organisation, now, text):
    make_contact(organisation, now=now, text=text)
    danger = make_contact(organisation, now=now, text=DANGER)
    hear(now)
    assert Cue.objects.filter(contact=danger, sort="danger").exists()
    assert not Message.objects.filter(direction="in", is_heard=False).exists()


def test_danger_goes_to_the_head_of_band_1_and_never_to_band_0(organisation, now):
    soon = (now + timedelta(days=2)).date()
    old = make_contact(organisation, now=now - 300 * MINUTE, needed_by=soon)
    live = make_contact(organisation, now=now - 20 * MINUTE, needed_by=soon, channel="chat")
    raised = make_contact(organisation, now=now, danger=True)
    first = make_contact(organisation, now=now - 5 * MINUTE, text=DANGER)
    second = make_contact(organisation, now=now, text=DANGER, channel="chat")
    third = make_contact(organisation, now=now, text=DANGER, language="fa")
    hear(now)
    assert [band(one) for one in (first, second, third, old)] == [1, 1, 1, 1]
    order = line(organisation, now)
    assert order[0] == raised.pk
    assert set(order[1:4]) == {first.pk, second.pk, third.pk}
    assert order.index(first.pk) < order.index(third.pk)
    assert set(order[4:]) == {old.pk, live.pk}
    contact = Contact.objects.get(pk=first.pk)
    assert contact.reasons[0]["code"] == "danger_signal"


def test_danger_calls_the_duty_lead_at_once(organisation, now):
    make_user(organisation, role=Role.LEAD, email="lead@example.org")
    contact = make_contact(organisation, now=now, text=DANGER)
    before = LiveEvent.objects.order_by("-id").values_list("id", flat=True)[0]
    hear(now)
    alarm = Alarm.objects.get(contact=contact)
    assert (alarm.sort, alarm.raised_at, alarm.cleared_at) == ("danger_words", now, None)
    topics = set(LiveEvent.objects.filter(id__gt=before).values_list("topic", flat=True))
    assert {"alarms", "board", "queue", f"contact:{contact.pk}"} <= topics
    assert ContactEvent.objects.filter(contact=contact, code="danger_read", data={}).exists()
    alarms.sweep(organisation=organisation, now=now)
    mail = StaffMail.objects.get()
    assert contact.reference in mail.body
    assert DANGER not in mail.body


def test_an_alarm_that_was_not_raised_is_raised_by_the_sweep(organisation, now):
    contact = make_contact(organisation, now=now, text=DANGER)
    hear(now)
    Alarm.objects.all().delete()
    alarms.sweep(organisation=organisation, now=now)
    assert Alarm.objects.get(sort="danger_words").contact == contact


def test_danger_of_band_0_has_its_own_alarm(organisation, now):
    contact = make_contact(organisation, now=now, text=DANGER, danger=True)
    hear(now)
    alarms.sweep(organisation=organisation, now=now)
    assert set(Alarm.objects.exclude(contact=None).values_list("sort", flat=True)) == {"danger"}
    assert Cue.objects.filter(contact=contact, sort="danger").exists()


def test_danger_in_a_conversation_calls_too(organisation, now):
    contact = held(make_contact(organisation, now=now), now=now)
    hear(now)
    words(contact, DANGER, now=now)
    hear(now)
    assert Alarm.objects.get().sort == "danger_words"
    assert band(contact) == 1


def test_words_that_travellers_use_need_an_incident_with_people_in_danger(organisation, now):
    text = "We are trapped here"
    calm = make_contact(organisation, now=now, text=text)
    hear(now)
    assert not Cue.objects.filter(contact=calm, sort="danger").exists()
    make_incident(organisation, people_in_danger=True)
    other = make_contact(organisation, now=now, text=text)
    elsewhere = make_contact(make_organisation(), now=now, text=text)
    hear(now)
    assert Cue.objects.filter(contact=other, sort="danger").exists()
    assert not Cue.objects.filter(contact=elsewhere, sort="danger").exists()


def test_what_we_know_is_no_news(organisation, now):
    text = "I want my money back, I cannot hear on the phone"
    contact = make_contact(organisation, now=now, text=text, request_type="refund", needs=("hearing",))
    hear(now)
    assert not Cue.objects.filter(contact=contact, sort__in=["request", "need"]).exists()


def test_a_person_answers_once(organisation, now):
    contact = held(make_contact(organisation, now=now, text="I want my money back"), now=now)
    hear(now)
    seen, by = Cue.objects.get(sort="request").pk, who_has(contact)
    verdicts.settle(contact=contact, sort="request", code="refund", is_right=False, seen=seen, by=by, now=now)
    words(contact, "Please, my money back", now=now)
    hear(now)
    assert Cue.objects.filter(contact=contact, sort="request").count() == 1


def test_the_same_again_and_again_is_kept_a_few_times(organisation, now):
    contact = make_contact(organisation, now=now, text="I want my money back")
    for number in range(8):
        words(contact, "I want my money back", now=now, key=f"k{number}")
        hear(now)
    assert Cue.objects.filter(contact=contact, sort="request").count() == cues.MOST_ALIKE


def close(contact: Contact, *, now) -> None:
    by = who_has(contact)
    conversation.close(contact=contact, disposition="solved", summary="Done", by=by, now=now)


def open_alarms() -> list[str]:
    return list(Alarm.objects.filter(cleared_at=None).exclude(contact=None).values_list("sort", flat=True))


def dismiss(contact: Contact, *, now) -> None:
    seen = Cue.objects.filter(contact=contact).latest("pk").pk
    lead = make_user(contact.organisation, role=Role.LEAD)
    verdicts.no_danger(contact=contact, seen=seen, by=lead, now=now)


def test_cues_go_with_the_close(organisation, now):
    contact = held(make_contact(organisation, now=now, text=DANGER), now=now)
    hear(now)
    dismiss(contact, now=now)
    close(contact, now=now)
    assert not Cue.objects.exists()
    alarms.sweep(organisation=organisation, now=now)
    assert open_alarms() == []


def test_nobody_closes_while_danger_is_unanswered(organisation, now):
    contact = held(make_contact(organisation, now=now, text=DANGER), now=now)
    hear(now)
    with pytest.raises(Refused) as refused:
        close(contact, now=now)
    assert refused.value.code == "danger_open"
    contact.refresh_from_db()
    assert contact.state == "active"
    assert Cue.objects.filter(sort="danger", state="open").exists()


def test_who_leaves_in_danger_stays_in_line_until_somebody_answers(organisation, now):
    contact = make_contact(organisation, now=now, text=DANGER)
    hear(now)
    leaving.leave(contact=contact, now=now)
    leaving.leave(contact=contact, now=now)
    alarms.sweep(organisation=organisation, now=now)
    contact.refresh_from_db()
    assert (contact.state, contact.left_at, open_alarms()) == ("waiting", now, ["danger_words"])
    assert ContactEvent.objects.filter(code="left").count() == 1
    dismiss(contact, now=now)
    contact.refresh_from_db()
    assert (contact.state, contact.disposition, open_alarms()) == ("closed", "left", [])
    assert not Cue.objects.exists()


def test_who_writes_again_has_not_left(organisation, now):
    contact = make_contact(organisation, now=now, text=DANGER)
    hear(now)
    leaving.leave(contact=contact, now=now)
    words(contact, "Are you there?", now=now)
    contact.refresh_from_db()
    assert (contact.state, contact.left_at) == ("waiting", None)


def test_words_of_a_closed_contact_are_heard_for_danger_alone(organisation, now):
    contact = make_contact(organisation, now=now, text=f"I want my money back. {DANGER}")
    leaving.leave(contact=contact, now=now)
    hear(now)
    assert not Cue.objects.exists()
    assert not Message.objects.filter(direction="in", is_heard=False).exists()
    alarms.sweep(organisation=organisation, now=now)
    assert open_alarms() == ["danger_words"]
    words(contact, "Hello?", now=now)
    hear(now)
    alarms.sweep(organisation=organisation, now=now)
    assert open_alarms() == ["danger_words"]
    alarm, lead = Alarm.objects.get(sort="danger_words"), make_user(organisation, role=Role.LEAD)
    alarms.acknowledge(alarm=alarm, by=lead, now=now)
    alarms.sweep(organisation=organisation, now=now)
    assert open_alarms() == []


def test_a_close_before_the_words_are_heard_silences_nothing(organisation, now):
    contact = held(make_contact(organisation, now=now, text="Hello"), now=now)
    words(contact, DANGER, now=now)
    close(contact, now=now)
    hear(now)
    alarms.sweep(organisation=organisation, now=now)
    assert open_alarms() == ["danger_words"]


def test_what_others_have_dealt_with_long_ago_calls_nobody(organisation, now):
    day = timedelta(days=1)
    in_hand = held(make_contact(organisation, now=now - day, text=DANGER), now=now - day)
    closed = held(make_contact(make_organisation(), now=now - day, text=DANGER), now=now - day)
    close(closed, now=now - day)
    left = make_contact(organisation, now=now - 2 * day, text=DANGER)
    leaving.leave(contact=left, now=now - 2 * day)
    hear(now)
    assert not Alarm.objects.exists()
    assert not Message.objects.filter(direction="in", is_heard=False).exists()
    words(in_hand, DANGER, now=now)
    hear(now)
    assert Alarm.objects.get().contact == in_hand


def test_old_words_of_who_waits_or_was_taken_just_now_are_heard(organisation, now):
    taken = held(make_contact(organisation, now=now - 5 * MINUTE, text=DANGER), now=now)
    waits = make_contact(organisation, now=now - timedelta(days=3), text=DANGER)
    hear(now)
    assert set(Alarm.objects.values_list("contact", flat=True)) == {taken.pk, waits.pk}


def test_new_words_of_danger_are_told_anew_to_who_took_the_alarm(organisation, now):
    lead = make_user(organisation, role=Role.LEAD, email="lead@example.org")
    contact = make_contact(organisation, now=now, text=DANGER)
    make_agent(organisation)
    hear(now)
    alarms.sweep(organisation=organisation, now=now)
    alarms.acknowledge(alarm=Alarm.objects.get(), by=lead, now=now)
    words(contact, "Hello?", now=now, key="k1")
    hear(now)
    assert Alarm.objects.get().acknowledged_by == lead
    words(contact, "I will kill myself", now=now, key="k2")
    hear(now + MINUTE)
    alarm = Alarm.objects.get()
    assert (alarm.acknowledged_at, alarm.acknowledged_by, alarm.raised_at) == (None, None, now + MINUTE)
    alarms.sweep(organisation=organisation, now=now + MINUTE)
    assert StaffMail.objects.count() == 2


def test_who_comes_back_stands_where_the_facts_put_them(organisation, now):
    contact = held(make_contact(organisation, now=now, text=DANGER), now=now)
    hear(now)
    by = who_has(contact)
    seen = Cue.objects.get(sort="danger").pk
    verdicts.settle(contact=contact, sort="danger", code="danger", is_right=True, seen=seen, by=by, now=now)
    Contact.objects.filter(pk=contact.pk).update(front_at=now)
    close(contact, now=now)
    assert band(contact) == 1
    words(contact, "Thank you", now=now)
    contact.refresh_from_db()
    assert (contact.state, contact.front_at, band(contact)) == ("waiting", None, 3)
    assert [reason["code"] for reason in contact.reasons] == ["ordinary"]


def test_words_after_the_close_are_heard(organisation, now):
    contact = make_contact(organisation, now=now, text="Hello")
    leaving.leave(contact=contact, now=now)
    words(contact, DANGER, now=now)
    hear(now)
    assert Alarm.objects.get(cleared_at=None).sort == "danger_words"


def test_what_an_older_release_left_behind_is_dropped(organisation, now):
    contact = make_contact(organisation, now=now, text=DANGER)
    hear(now)
    assert trims.cues(now=now) == 0
    Contact.objects.filter(pk=contact.pk).update(state="closed")
    assert trims.cues(now=now) > 0
    assert not Cue.objects.exists()


def test_a_worker_that_dies_leaves_all_for_the_next(organisation, now, monkeypatch):
    contact = make_contact(organisation, now=now, text=DANGER)

    def dies(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(trail, "tell", dies)
        with pytest.raises(KeyboardInterrupt):
            cues.hear_due(now=now)
    assert not Cue.objects.exists()
    assert not Alarm.objects.exists()
    assert band(contact) == 3
    hear(now)
    assert (Alarm.objects.get().sort, band(contact)) == ("danger_words", 1)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_keep_one(now):
    organisation = make_organisation()
    make_contact(organisation, now=now, text=DANGER)

    assert meet(lambda: cues.hear_due(now=now), lambda: cues.hear_due(now=now)) is False
    assert Cue.objects.filter(sort="danger").count() == 1
    assert ContactEvent.objects.filter(code="danger_read").count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_close_at_the_same_moment_leaves_no_cue(now):
    organisation = make_organisation()
    contact = held(make_contact(organisation, now=now, text=DANGER), now=now)

    assert meet(lambda: close(contact, now=now), lambda: cues.hear_due(now=now)) is False
    assert not Cue.objects.exists()
    assert open_alarms() == ["danger_words"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_close_that_comes_second_is_refused(now):
    organisation = make_organisation()
    contact = held(make_contact(organisation, now=now, text=DANGER), now=now)

    def closes() -> str:
        try:
            close(contact, now=now)
        except Refused as refused:
            return refused.code
        return ""

    assert meet(lambda: cues.hear_due(now=now), closes) == "danger_open"
    assert Cue.objects.filter(sort="danger", state="open").exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_who_leaves_at_that_moment_stays_in_line(now):
    contact = make_contact(make_organisation(), now=now, text=DANGER)
    meet(lambda: cues.hear_due(now=now), lambda: leaving.leave(contact=contact, now=now))
    contact.refresh_from_db()
    assert (contact.state, contact.left_at, open_alarms()) == ("waiting", now, ["danger_words"])
