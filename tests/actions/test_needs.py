"""The register of needs: nothing without a yes, once and once only, and gone when it is taken back."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from pharos import content
from pharos.actions import conversation, needs, routing
from pharos.actions.errors import Refused
from pharos.models import Agent, CheckIn, Contact, Cue, NeedView, Offer, Skill, SupportNeed
from pharos.queries import needs as register
from tests.factories import make_agent, make_contact, make_organisation

pytestmark = pytest.mark.django_db
Basis, Source, Way = SupportNeed.Basis, SupportNeed.Source, SupportNeed.Way


def hold(contact: Contact, agent: Agent, now: datetime) -> Contact:
    Contact.objects.filter(pk=contact.pk).update(state="active", agent=agent, accepted_at=now)
    return fresh(contact)


def fresh(contact: Contact) -> Contact:
    return Contact.objects.select_related("lane__queue", "organisation", "person", "agent__user").get(pk=contact.pk)


@pytest.fixture
def agent(db: None) -> Agent:
    return make_agent(make_organisation())


@pytest.fixture
def contact(agent: Agent, now: datetime) -> Contact:
    return hold(make_contact(agent.organisation, now=now), agent, now)


def record(contact: Contact, agent: Agent, now: datetime, **fields: object) -> SupportNeed:
    given: dict[str, object] = {"code": "hearing", "words": "The line crackles", "consent": True, **fields}
    return needs.record(contact=contact, by=agent.user, now=now, **given)  # type: ignore[arg-type]


def reasons(contact: Contact) -> list[str]:
    return [reason["code"] for reason in fresh(contact).reasons]


def test_declare_on_the_form_keeps_picks_and_own_words_with_their_ground(agent, now):
    contact = make_contact(
        agent.organisation, now=now, needs=("medical_equipment", "medical_equipment"), needs_words=" My pump "
    )
    rows = {need.code: need for need in register.holding(contact.person_id, now=now)}
    assert set(rows) == {"medical_equipment", "other"}
    need = rows["medical_equipment"]
    assert (need.source, need.basis, need.is_verified) == (Source.DECLARED, Basis.CONSENT, True)
    assert (need.consent_way, need.consented_at) == (Way.FORM, now)
    assert need.notice_version == content.needs_notice().edition
    assert need.review_at == now + timedelta(days=365)
    assert rows["other"].words == "My pump"
    assert fresh(contact).lane.band == 1
    assert fresh(contact).needs == []


def test_what_it_is_cannot_be_read_in_the_database(agent, now):
    contact = make_contact(agent.organisation, now=now, needs=("medical_equipment",), needs_words="My pump")
    with connection.cursor() as sql:
        sql.execute("SELECT what FROM pharos_supportneed")
        kept = [row[0] for row in sql.fetchall()]
        sql.execute("SELECT reasons FROM pharos_contact")
        why = str(sql.fetchall())
    assert len(kept) == 2
    assert len({len(one) for one in kept}) == 1
    assert not any(word in "".join(kept) for word in ("medical", "pump", "health"))
    assert "medical" not in why
    assert contact.reasons == [{"code": "need", "params": {"weight": 3}}]


def test_record_without_a_yes_is_refused_and_keeps_nothing(contact, agent, now):
    with pytest.raises(Refused, match="consent"):
        record(contact, agent, now, consent=False)
    assert not SupportNeed.objects.exists()
    assert not contact.events.filter(code__startswith="need").exists()


def test_asked_in_vain_leaves_only_that_we_asked(contact, agent, now):
    before = fresh(contact)
    needs.asked_in_vain(contact=contact, by=agent.user, now=now)
    assert not SupportNeed.objects.exists()
    assert [(one.code, one.data) for one in contact.events.filter(code__startswith="need")] == [("need_asked", {})]
    after = fresh(contact)
    assert (after.lane, after.virtual_arrival, after.reasons) == (before.lane, before.virtual_arrival, before.reasons)


def suggested(contact, now, *codes):
    first = contact.messages.first()
    rows = [("need", code) for code in codes] + [("request", "refund")]
    Cue.objects.bulk_create(
        Cue(contact=contact, message=first, sort=sort, code=code, score=0.9, source="lexicon", found_at=now)
        for sort, code in rows
    )


def needs_suggested(contact):
    assert contact.cues.filter(sort="request").exists()
    return sorted(contact.cues.filter(sort="need").values_list("code", flat=True))


def test_asked_in_vain_nothing_is_left_of_what_words_suggested(contact, agent, now):
    suggested(contact, now, "hearing", "sight")
    needs.asked_in_vain(contact=contact, by=agent.user, now=now)
    assert needs_suggested(contact) == []


def test_withdraw_takes_along_what_words_suggested(contact, agent, now):
    need = record(contact, agent, now)
    suggested(contact, now, "hearing", "sight")
    needs.withdraw(contact=contact, need=need, by=None, now=now)
    assert needs_suggested(contact) == ["sight"]
    needs.withdraw(contact=contact, need=None, by=None, now=now)
    assert needs_suggested(contact) == []


def test_withdraw_takes_the_fact_off_why_an_agent_was_chosen(agent, now):
    contact = make_contact(agent.organisation, now=now, needs=("hearing",))
    routing.dispatch(organisation=agent.organisation, now=now)
    offer = Offer.objects.get(contact=contact)
    assert offer.fit == "no_specialist"
    needs.withdraw(contact=contact, need=None, by=None, now=now)
    offer.refresh_from_db()
    assert offer.fit == ""


def test_record_with_a_yes_keeps_words_time_agent_and_notice(contact, agent, now):
    need = SupportNeed.objects.get(pk=record(contact, agent, now).pk)
    assert (need.code, need.words, need.noted_by, need.noted_at) == ("hearing", "The line crackles", agent.user, now)
    assert (need.basis, need.consent_way, need.consented_at) == (Basis.CONSENT, Way.WRITTEN, now)
    assert need.notice_version == content.needs_notice().edition
    assert (need.said("driver"), need.said("permanence")) == ("health", "long_term")
    assert contact.events.get(code="need_recorded").data == {}


def test_record_twice_is_one_with_the_newest_yes(contact, agent, now):
    later = now + timedelta(hours=1)
    first = record(contact, agent, now)
    again = record(contact, agent, later, words="It crackles badly")
    assert first.pk == again.pk
    assert (again.words, again.consented_at) == ("It crackles badly", later)
    assert SupportNeed.objects.count() == 1


def test_record_moves_the_person_forward_with_a_reason(contact, agent, now):
    assert fresh(contact).lane.band == 3
    record(contact, agent, now, code="stranded")
    assert fresh(contact).lane.band == 1
    assert fresh(contact).reasons == [{"code": "need", "params": {"weight": 3}}]


@pytest.mark.parametrize(("code", "words"), [("telepathy", "x"), ("other", "  "), ("", "")])
def test_record_of_nothing_we_know_is_refused(contact, agent, now, code, words):
    with pytest.raises(Refused, match="need"):
        record(contact, agent, now, code=code, words=words)
    assert not SupportNeed.objects.exists()


def test_record_by_one_who_has_not_the_contact_in_hand_changes_nothing(contact, now):
    other = make_agent(contact.organisation)
    for act in (
        lambda: record(contact, other, now),
        lambda: needs.asked_in_vain(contact=contact, by=other.user, now=now),
        lambda: needs.observe(contact=contact, code="hearing", words="", by=other.user, now=now),
        lambda: needs.withdraw(contact=contact, need=None, by=other.user, now=now),
    ):
        with pytest.raises(Refused, match="moved_on"):
            act()
    assert not SupportNeed.objects.exists()
    assert not contact.events.filter(code__startswith="need").exists()


def test_observe_is_unverified_moves_nobody_and_is_confirmed_by_a_yes(contact, agent, now):
    need = needs.observe(contact=contact, code="stranded", words="Calls from a station", by=agent.user, now=now)
    assert (need.is_verified, need.basis, need.ends_at) == (False, Basis.CARE, now + timedelta(days=30))
    assert fresh(contact).lane.band == 3
    assert [one.code for one in register.effects([need])]
    with pytest.raises(Refused, match="consent"):
        needs.confirm(contact=contact, need=need, consent=False, by=agent.user, now=now)
    needs.confirm(contact=contact, need=need, consent=True, by=agent.user, now=now)
    kept = SupportNeed.objects.get()
    assert (kept.is_verified, kept.basis, kept.ends_at, kept.words) == (
        True,
        Basis.CONSENT,
        None,
        "Calls from a station",
    )
    assert fresh(contact).lane.band == 1


def test_record_of_what_was_noticed_makes_it_the_persons_own(contact, agent, now):
    noticed = needs.observe(contact=contact, code="hearing", words="Shouts", by=agent.user, now=now)
    said = record(contact, agent, now)
    assert noticed.pk == said.pk
    assert (said.is_verified, said.ends_at, said.words) == (True, None, "The line crackles")


def test_withdraw_in_the_middle_of_a_contact_wipes_all_but_the_fact(contact, agent, now):
    record(contact, agent, now, code="stranded")
    need = record(contact, agent, now)
    later = now + timedelta(minutes=5)
    assert needs.withdraw(contact=contact, need=need, by=None, now=later) == 1
    left = SupportNeed.objects.get(pk=need.pk)
    assert (left.what, left.weight, left.withdrawn_at, left.end) == ({}, 0, later, SupportNeed.End.WITHDRAWN)
    assert register.codes(contact.person_id, now=later) == ["stranded"]
    assert fresh(contact).lane.band == 1
    assert needs.withdraw(contact=contact, need=None, by=None, now=later) == 1
    assert register.withdrawals(contact.person_id) == 2
    assert fresh(contact).lane.band == 3
    assert reasons(contact) == ["ordinary"]
    assert contact.events.filter(code="rebanded").last().data == {"before": 1, "after": 3}
    conversation.reply(contact=fresh(contact), body="We carry on.", by=agent.user, now=later)


def test_withdraw_while_it_waits_keeps_the_index_from_falling(agent, now):
    contact = make_contact(agent.organisation, now=now, needs=("stranded",))
    later = now + timedelta(minutes=30)
    assert needs.withdraw(contact=contact, need=None, by=None, now=later) == 1
    after = fresh(contact)
    assert after.lane.band == 3
    assert after.virtual_arrival < now


def test_withdraw_takes_the_reason_off_closed_contacts_too(contact, agent, now):
    record(contact, agent, now, code="stranded")
    conversation.close(contact=fresh(contact), disposition="solved", summary="Done", by=agent.user, now=now)
    assert reasons(contact) == ["need"]
    needs.withdraw(contact=fresh(contact), need=None, by=None, now=now)
    assert reasons(contact) == ["ordinary"]
    assert fresh(contact).state == "closed"


def test_withdraw_of_another_persons_need_changes_nothing(contact, agent, now):
    need = record(contact, agent, now)
    stranger = make_contact(agent.organisation, now=now)
    assert needs.withdraw(contact=stranger, need=need, by=None, now=now) == 0
    assert register.codes(contact.person_id, now=now) == ["hearing"]


def test_withdrawn_need_is_not_confirmed_any_more(contact, agent, now):
    need = record(contact, agent, now)
    needs.withdraw(contact=contact, need=need, by=None, now=now)
    assert not needs.still_right(contact=contact, need=need, by=None, now=now)
    with pytest.raises(Refused, match="gone"):
        needs.confirm(contact=contact, need=need, consent=True, by=agent.user, now=now)
    assert SupportNeed.objects.get().what == {}


def test_withdraw_by_the_agent_who_heard_it(contact, agent, now):
    need = record(contact, agent, now)
    assert needs.withdraw(contact=contact, need=need, by=agent.user, now=now) == 1
    assert contact.events.get(code="need_withdrawn").user == agent.user


def test_still_right_asks_again_after_as_long_a_time(contact, agent, now):
    need = record(contact, agent, now)
    CheckIn.objects.create(organisation=agent.organisation, person=contact.person, need=need, due_at=now, asked_at=now)
    later = now + timedelta(days=1)
    assert needs.still_right(contact=contact, need=need, by=None, now=later)
    assert SupportNeed.objects.get().review_at == later + timedelta(days=730)
    check_in = CheckIn.objects.get()
    assert (check_in.settled_at, check_in.outcome) == (later, CheckIn.Outcome.CONFIRMED)


def test_look_needs_the_case_in_hand_and_a_skill_that_may_and_is_kept(contact, agent, now):
    record(contact, agent, now)
    with pytest.raises(Refused, match="not_allowed"):
        needs.look(contact=contact, by=agent.user, now=now)
    Skill.objects.filter(organisation=agent.organisation, code="care").update(opens_needs=True)
    stranger = make_agent(agent.organisation)
    with pytest.raises(Refused, match="not_allowed"):
        needs.look(contact=contact, by=stranger.user, now=now)
    assert not NeedView.objects.exists()
    assert [need.code for need in needs.look(contact=contact, by=agent.user, now=now)] == ["hearing"]
    view = NeedView.objects.get()
    assert (view.user, view.contact, view.why, view.at) == (agent.user, contact, NeedView.Why.IN_HAND, now)
    Contact.objects.filter(pk=contact.pk).update(state="closed")
    with pytest.raises(Refused, match="not_allowed"):
        needs.look(contact=fresh(contact), by=agent.user, now=now)


def test_look_at_nothing_leaves_no_mark(contact, agent, now):
    Skill.objects.filter(organisation=agent.organisation, code="care").update(opens_needs=True)
    assert needs.look(contact=contact, by=agent.user, now=now) == []
    assert not NeedView.objects.exists()


def test_effects_are_said_once_and_safety_first(agent, now):
    contact = make_contact(agent.organisation, now=now, needs=("mental_health", "domestic_abuse", "bereavement"))
    effects = register.effects(register.holding(contact.person_id, now=now))
    codes = [one.code for one in effects]
    assert len(codes) == len(set(codes))
    assert effects[0].category == "safety"
    assert "specialist_team" in codes
