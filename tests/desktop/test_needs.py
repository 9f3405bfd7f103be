"""What a person needs, at the desk: its effect for all who help, all of it for few, the drill for what is new."""

import pytest

from pharos.models import Contact, NeedView, Skill, SupportNeed
from tests.desktop.conftest import Desk

SAID = "I find it hard to hear on the phone"
EFFECT = "Written summary after the contact"
CONSENT = {"at": "3", "consent": "yes"}


def allow(desk: Desk) -> None:
    Skill.objects.filter(organisation=desk.organisation, code="care").update(opens_needs=True)


def side(desk: Desk, contact: Contact) -> str:
    """The panel of the side column."""
    page = desk.get(contact).content.decode()
    begin = page.index('aria-labelledby="side-needs"')
    return str(page[begin : page.index("</section>", begin)])


def test_all_who_hold_it_see_the_effect_and_not_the_need(desk):
    contact = desk.held(needs=("hearing",), needs_words="Left ear")
    page = side(desk, contact)
    assert EFFECT in page
    assert SAID not in page
    assert "Left ear" not in desk.get(contact).content.decode()
    assert "Read what was said" not in page
    shown = desk.post(contact, "do/needs", {"act": "x"}).content.decode()
    assert SAID not in shown
    assert "colleagues trained for it" in shown
    assert not NeedView.objects.exists()


def test_with_the_right_all_of_it_is_read_and_each_time_is_kept(desk):
    allow(desk)
    contact = desk.held(needs=("hearing",), needs_words="Left ear")
    assert "Read what was said" in side(desk, contact)
    assert not NeedView.objects.exists()
    shown = desk.post(contact, "open", {"open": "needs"}, script=True).content.decode()
    assert SAID in shown
    assert "Left ear" in shown
    assert NeedView.objects.filter(user=desk.agent.user, contact=contact).count() == 1
    assert SAID in desk.client.get(f"/desk/{contact.reference}/?open=needs").content.decode()
    assert NeedView.objects.count() == 2


def test_the_drill_without_a_yes_keeps_nothing(desk):
    contact = desk.held()
    last = {"at": "4", "code": "hearing", "words": "Left ear", "go": "next"}
    shown = desk.post(contact, "do/need", last, script=True)
    assert "Are you happy for me to record this?" in shown.content.decode()
    assert not SupportNeed.objects.exists()
    desk.post(contact, "do/need", {**last, "at": "3"}, script=True)
    assert not SupportNeed.objects.exists()


def test_the_drill_with_a_no_goes_on_as_before(desk):
    contact = desk.held()
    before = Contact.objects.select_related("lane").get(pk=contact.pk)
    shown = desk.post(contact, "do/need", {"at": "2", "go": "no"}, script=True)
    assert "Nothing was noted" in shown.content.decode()
    assert not SupportNeed.objects.exists()
    after = Contact.objects.select_related("lane").get(pk=contact.pk)
    assert (after.state, after.lane, after.reasons) == (before.state, before.lane, before.reasons)
    assert list(contact.events.filter(code__startswith="need").values_list("code", flat=True)) == ["need_asked"]


@pytest.mark.parametrize("script", [True, False])
def test_the_drill_step_by_step_ends_with_a_need(desk, script):
    contact = desk.held()
    opened = desk.post(contact, "open", {"open": "need"}, script=True).content.decode()
    assert "Thank you for telling me." in opened
    data: dict[str, str] = {"at": "0", "go": "next"}
    said = desk.post(contact, "do/need", data, script=script).content.decode()
    assert "Notice 2026-11" in said
    said = desk.post(contact, "do/need", {"at": "1", "go": "next"}, script=script).content.decode()
    assert "They said yes" in said
    said = desk.post(contact, "do/need", {"at": "2", "go": "yes"}, script=script).content.decode()
    assert 'name="consent" value="yes"' in said
    assert 'name="at" value="3"' in said
    empty = desk.post(contact, "do/need", {**CONSENT, "go": "next"}, script=script)
    assert empty.status_code == 422
    picked = {**CONSENT, "code": "hearing", "words": "Left ear"}
    said = desk.post(contact, "do/need", {**picked, "go": "next"}, script=script).content.decode()
    assert 'name="at" value="4"' in said
    assert 'name="code" value="hearing"' in said
    desk.post(contact, "do/need", {**picked, "at": "4", "go": "next"}, script=script)
    need = SupportNeed.objects.get()
    assert (need.code, need.words, need.noted_by) == ("hearing", "Left ear", desk.agent.user)
    assert EFFECT in side(desk, contact)


def test_the_drill_goes_back(desk):
    contact = desk.held()
    said = desk.post(contact, "do/need", {"at": "3", "consent": "yes", "go": "back"}, script=True).content.decode()
    assert 'name="at" value="2"' in said


@pytest.mark.parametrize("at", ["x", "99", "-1", "9" * 40])
def test_a_step_that_is_none_keeps_nothing(desk, at):
    contact = desk.held()
    assert desk.post(contact, "do/need", {"at": at, "go": "next"}, script=True).status_code in {200, 422}
    assert not SupportNeed.objects.exists()


def test_what_was_noticed_is_kept_apart_and_confirmed(desk):
    allow(desk)
    contact = desk.held()
    desk.post(contact, "do/observe", {"code": "hearing", "words": "Asks again and again"}, script=True)
    need = SupportNeed.objects.get()
    assert not need.is_verified
    shown = desk.post(contact, "open", {"open": "needs"}, script=True).content.decode()
    assert "noticed, not confirmed" in shown
    desk.post(contact, "do/needs", {"act": f"yes:{need.pk}"}, script=True)
    assert SupportNeed.objects.get().is_verified


def test_taking_back_in_the_middle_of_a_contact(desk):
    allow(desk)
    contact = desk.held(needs=("hearing",))
    need = SupportNeed.objects.get()
    shown = desk.post(contact, "do/needs", {"act": f"withdraw:{need.pk}"}, script=True).content.decode()
    assert "It is gone everywhere." in shown
    assert EFFECT not in side(desk, contact)
    assert SupportNeed.objects.get().what == {}


def test_another_persons_need_cannot_be_taken_back(desk):
    allow(desk)
    first = desk.held(needs=("hearing",))
    second = desk.held(needs=("sight",))
    need = SupportNeed.objects.get(person=first.person)
    assert desk.post(second, "do/needs", {"act": f"withdraw:{need.pk}"}, script=True).status_code == 422
    assert SupportNeed.objects.get(pk=need.pk).ended_at is None


def test_ways_of_talking_stand_beside_the_conversation(desk):
    page = desk.get(desk.held()).content.decode()
    for name in ("IDEA", "BRUCE", "CARERS", "BLAKE"):
        assert name in page
