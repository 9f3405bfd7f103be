"""The people who work here, as set-up shows them."""

from datetime import datetime
from typing import NamedTuple

from pharos.engine.lanes import eligible
from pharos.models import Agent, OneTimeLink, Organisation, Queue, Skill, User
from pharos.queries import floor, watch, workforce


class SkillLevel(NamedTuple):
    """A skill and how well someone has it, 1 to 5."""

    skill: Skill
    level: int


class Colleague(NamedTuple):
    """A member of staff. `agent` is None for those who take no contacts; `invited_until`: an invitation is open."""

    user: User
    agent: Agent | None
    skills: list[SkillLevel]
    invited_until: datetime | None
    has_password: bool


class Gaps(NamedTuple):
    """What nobody here can answer: languages without anyone, skills without anyone."""

    languages: list[str]
    skills: list[Skill]


def colleagues(*, organisation: Organisation, now: datetime) -> list[Colleague]:
    """Everyone, those who may sign in first, by name."""
    users = User.objects.filter(organisation=organisation).select_related("agent")
    rows = users.prefetch_related("agent__skills__skill").order_by("-is_active", "name", "username")
    open_links = OneTimeLink.objects.filter(
        user__organisation=organisation, used_at__isnull=True, expires_at__gt=now
    ).values_list("user_id", "expires_at")
    invited = dict(open_links)
    return [_colleague(user, invited.get(user.pk)) for user in rows]


def _colleague(user: User, invited_until: datetime | None) -> Colleague:
    agent: Agent | None = getattr(user, "agent", None)
    skills = [SkillLevel(one.skill, one.level) for one in agent.skills.all()] if agent else []
    return Colleague(user, agent, sorted(skills, key=_by_code), invited_until, user.has_usable_password())


def _by_code(skill: SkillLevel) -> str:
    return skill.skill.code


def gaps(*, organisation: Organisation) -> Gaps:
    """Languages the organisation serves and skills its queues ask for that no agent has."""
    agents = Agent.objects.filter(organisation=organisation, user__is_active=True).prefetch_related("skills")
    staff = [(set(agent.languages), {one.skill_id for one in agent.skills.all()}) for agent in agents]
    working = [(languages, skills) for languages, skills in staff if skills]
    spoken = set().union(*(languages for languages, _ in working))
    known = set().union(*(skills for _, skills in working))
    wanted = Skill.objects.filter(organisation=organisation, queues__isnull=False).distinct().order_by("code")
    return Gaps(
        languages=[code for code in organisation.languages if code not in spoken],
        skills=[skill for skill in wanted if skill.pk not in known],
    )


def usernames_taken(wanted: list[str]) -> set[str]:
    """Those of the wanted user names that somebody has already, in any organisation."""
    return set(User.objects.filter(username__in=wanted).values_list("username", flat=True))


class Served(NamedTuple):
    """Who can answer a queue. `missing`: what nobody here has for it, or blank; `left_out`: specialists who cannot."""

    missing: str
    left_out: list[str]


def served(queue: Queue) -> Served:
    """Whether anybody here can answer a queue in some language, and who of the specialist team cannot."""
    group, staff = floor.group_for(queue, ""), workforce.staff(queue.organisation)
    left_out = [one.agent_id for one in staff if one.is_specialist and not eligible(one, group)]
    users = User.objects.filter(agent__in=left_out).order_by("name", "username")
    return Served(watch.missing(group, staff), [user.get_full_name() for user in users])
