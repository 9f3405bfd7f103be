"""Adding, changing, inviting and signing off colleagues."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pharos.actions import routing, staff, tokens
from pharos.actions.errors import Refused
from pharos.models import Agent, Contact, LiveEvent, Offer, OneTimeLink, Organisation, Role, StaffMail, User
from pharos.queries.api import token_of
from tests.factories import make_agent, make_contact, make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre() -> Organisation:
    return make_organisation()


@pytest.fixture
def admin(centre) -> User:
    return make_user(centre, "admin", role=Role.ADMIN)


def profile(username: str = "sara", *, organisation=None, **fields) -> staff.Profile:
    skills = {skill.pk: 4 for skill in organisation.skills.filter(code="refunds")} if organisation else {}
    given = {
        "username": username,
        "name": "Sara Ahmadi",
        "email": "sara@example.org",
        "role": Role.AGENT,
        "language": "fa",
        "languages": ("fa", "en"),
        "skills": skills,
        "capacity_live": 1,
        "capacity_written": 3,
        **fields,
    }
    return staff.Profile(**given)


def test_add_agent_with_skills_and_no_password(centre, now):
    user = staff.add(organisation=centre, profile=profile(organisation=centre), now=now)
    assert (user.organisation, user.role, user.has_usable_password()) == (centre, "agent", False)
    assert (user.agent.languages, user.agent.status) == (["fa", "en"], "offline")
    assert [(one.skill.code, one.level) for one in user.agent.skills.all()] == [("refunds", 4)]
    assert set(LiveEvent.objects.values_list("topic", flat=True)) == {"board", "queue"}


def test_add_lead_without_skills_is_no_agent(centre, now):
    user = staff.add(organisation=centre, profile=profile(role=Role.LEAD), now=now)
    assert not Agent.objects.filter(user=user).exists()


def test_add_all_is_all_or_nothing(centre, now):
    make_user(centre, "third")
    with pytest.raises(Refused):
        staff.add_all(organisation=centre, profiles=[profile(name) for name in ("first", "second", "third")], now=now)
    assert list(User.objects.values_list("username", flat=True)) == ["third"]


def test_change_replaces_skills_and_keeps_the_agent(centre, admin, now):
    user = staff.add(organisation=centre, profile=profile(organisation=centre), now=now)
    skill = centre.skills.get(code="care")
    staff.change(user=user, profile=profile("sara2", skills={skill.pk: 2}, languages=("hy",)), now=now)
    user.refresh_from_db()
    assert (user.username, user.agent.languages) == ("sara2", ["hy"])
    assert [(one.skill.code, one.level) for one in user.agent.skills.all()] == [("care", 2)]


def test_change_to_a_taken_user_name_changes_nothing(centre, admin, now):
    user = staff.add(organisation=centre, profile=profile(organisation=centre), now=now)
    with pytest.raises(Refused):
        staff.change(user=user, profile=profile("admin", name="Other"), now=now)
    user.refresh_from_db()
    assert (user.username, user.name) == ("sara", "Sara Ahmadi")


def test_last_administrator_stays_one(centre, admin, now):
    with pytest.raises(Refused) as refused:
        staff.change(user=admin, profile=profile("admin", role=Role.LEAD), now=now)
    assert refused.value.code == "last_administrator"
    second = make_user(centre, "second", role=Role.ADMIN)
    staff.change(user=admin, profile=profile("admin", role=Role.LEAD), now=now)
    with pytest.raises(Refused):
        staff.deactivate(user=second, by=admin, now=now)
    second.refresh_from_db()
    assert second.is_active


def test_deactivate_yourself_is_refused(centre, admin, now):
    make_user(centre, "second", role=Role.ADMIN)
    with pytest.raises(Refused) as refused:
        staff.deactivate(user=admin, by=admin, now=now)
    assert refused.value.code == "yourself"


def test_deactivate_sends_what_was_held_back_to_its_old_place(centre, admin, now):
    agent = make_agent(centre, "agent")
    held, offered = make_contact(centre, now=now), make_contact(centre, now=now)
    routing.dispatch(organisation=centre, now=now)
    routing.accept(offer=Offer.objects.get(contact=held), agent=agent, now=now)
    routing.dispatch(organisation=centre, now=now)
    made = tokens.make_token(organisation=centre, name="mine", agent=agent, now=now)
    staff.invite(users=[agent.user], now=now)
    later = now + timedelta(minutes=5)
    staff.deactivate(user=agent.user, by=admin, now=later)
    for contact in (held, offered):
        contact.refresh_from_db()
        assert (contact.state, contact.agent, contact.virtual_arrival) == (Contact.State.WAITING, None, now)
    agent.refresh_from_db()
    assert agent.status == Agent.Status.OFFLINE
    assert token_of(made.plain) is None
    assert not OneTimeLink.objects.exists()


def test_reactivate_lets_in_again(centre, admin, now):
    user = make_user(centre, "back", is_active=False)
    staff.reactivate(user=user, now=now)
    user.refresh_from_db()
    assert user.is_active


def test_invite_mails_those_who_have_an_address_in_their_language(centre, now):
    user = staff.add(organisation=centre, profile=profile(organisation=centre), now=now)
    silent = staff.add(organisation=centre, profile=profile("silent", email=""), now=now)
    Organisation.objects.filter(pk=centre.pk).update(address="https://centre.example.org/")
    links = staff.invite(users=User.objects.filter(pk__in=(user.pk, silent.pk)).order_by("pk"), now=now)
    assert all(one.link.startswith("https://centre.example.org/invitation/") for one in links)
    mail = StaffMail.objects.get()
    assert mail.to == "sara@example.org"
    assert links[0].link in mail.body
    assert "sara" in mail.body


def test_invite_again_kills_the_link_before(centre, now):
    user = staff.add(organisation=centre, profile=profile(organisation=centre), now=now)
    first, second = (staff.invite(users=[user], now=now)[0].link.rstrip("/").rpartition("/")[2] for _ in range(2))
    assert staff.invited(token=first, now=now) is None
    assert staff.invited(token=second, now=now) == user


def test_invite_someone_who_left_is_refused(centre, now):
    with pytest.raises(Refused):
        staff.invite(users=[make_user(centre, is_active=False)], now=timezone.now())
