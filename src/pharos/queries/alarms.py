"""The alarms as people read them."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
from django.db.models.query import QuerySet
from django.utils import translation
from django.utils.translation import gettext

from pharos import content
from pharos.content import calendars
from pharos.models import Alarm, Channel, Organisation
from pharos.queries import cues
from pharos.queries.cues import Suggestion

Sort = Alarm.Sort
LOUDEST = (
    Sort.DANGER,
    Sort.DANGER_WORDS,
    Sort.ESCALATED,
    Sort.NOBODY_CAN_SERVE,
    Sort.NOT_REACHED,
    Sort.URGENT_UNANSWERED,
    Sort.UPDATE_OVERDUE,
    Sort.PROMISE_BROKEN,
    Sort.URGENT_SOON_UNANSWERED,
    Sort.PROMISE_AT_RISK,
    Sort.OLDEST,
    Sort.DELIVERY_FAILED,
)
SHOWN = 3  # of one sort; the rest is a number


class Shown(NamedTuple):
    """One alarm in words. `by` is the name it was acknowledged with; `words`: what was written that raised it."""

    alarm: Alarm
    text: str
    since: str
    by: str
    words: Suggestion | None = None


class Group(NamedTuple):
    """The open alarms of one sort: those without a name first, the oldest first."""

    sort: str
    title: str
    open: int
    untaken: int
    escalated: bool
    shown: list[Shown]

    @property
    def more(self) -> int:
        """How many are not spelled out."""
        return self.open - len(self.shown)


def untaken(organisation: Organisation) -> int:
    """How many alarms wait for a name."""
    return _open(organisation).filter(acknowledged_at__isnull=True).count()


def groups(*, organisation: Organisation, language: str, now: datetime, shown: int = SHOWN) -> list[Group]:
    """The open alarms by sort, the loudest sort first. Words are in the active language, as is `language`."""
    free = Q(acknowledged_at__isnull=True)
    counts = {
        row["sort"]: row
        for row in _open(organisation)
        .values("sort")
        .annotate(
            open=Count("pk"),
            untaken=Count("pk", filter=free),
            escalated=Count("pk", filter=free & Q(escalated_at__isnull=False)),
        )
        .order_by()
    }
    first = _first(organisation, shown) if counts else []
    words = cues.of_danger([one.contact_id for one in first if one.sort == Sort.DANGER_WORDS and one.contact_id])
    called = titles()
    return [
        Group(
            sort=sort,
            title=called[sort],
            open=counts[sort]["open"],
            untaken=counts[sort]["untaken"],
            escalated=bool(counts[sort]["escalated"]),
            shown=[
                _shown(alarm, words, organisation=organisation, language=language, now=now)
                for alarm in first
                if alarm.sort == sort
            ],
        )
        for sort in LOUDEST
        if sort in counts
    ]


def _shown(
    alarm: Alarm, words: Mapping[int, Suggestion], *, organisation: Organisation, language: str, now: datetime
) -> Shown:
    return Shown(
        alarm=alarm,
        text=sentence(alarm, organisation=organisation, language=language, now=now),
        since=_clock(alarm.raised_at, organisation, language, now),
        by=alarm.acknowledged_by.get_full_name() if alarm.acknowledged_by else "",
        words=words.get(alarm.contact_id or 0) if alarm.sort == Sort.DANGER_WORDS else None,
    )


def _open(organisation: Organisation) -> "QuerySet[Alarm, Alarm]":
    return Alarm.objects.filter(organisation=organisation, cleared_at__isnull=True)


def _first(organisation: Organisation, limit: int) -> list[Alarm]:
    """The first few of each sort: without a name before those with one, the oldest first."""
    nameless_first = [F("acknowledged_at").asc(nulls_first=True), F("raised_at").asc(), F("pk").asc()]
    number = Window(RowNumber(), partition_by="sort", order_by=nameless_first)
    numbered = _open(organisation).annotate(number=number).filter(number__lte=limit).order_by("number")
    first = list(numbered.values_list("pk", flat=True))  # only these few are worth their joins
    found = Alarm.objects.select_related("contact", "incident", "acknowledged_by").in_bulk(first)
    return [found[pk] for pk in first]


def titles() -> dict[str, str]:
    """What each sort of alarm is called, in the active language."""
    return {
        Sort.DANGER: gettext("Danger to life is waiting"),
        Sort.DANGER_WORDS: gettext("Words that may mean danger to life"),
        Sort.ESCALATED: gettext("An agent asks for you"),
        Sort.NOBODY_CAN_SERVE: gettext("Nobody here can answer"),
        Sort.URGENT_UNANSWERED: gettext("Urgent and unanswered"),
        Sort.UPDATE_OVERDUE: gettext("Public update overdue"),
        Sort.PROMISE_BROKEN: gettext("Promise broken"),
        Sort.URGENT_SOON_UNANSWERED: gettext("Urgent and unanswered for long"),
        Sort.PROMISE_AT_RISK: gettext("Promise at risk"),
        Sort.OLDEST: gettext("Waiting very long"),
        Sort.DELIVERY_FAILED: gettext("A message did not arrive"),
        Sort.NOT_REACHED: gettext("A channel cannot be reached"),
    }


def sentence(alarm: Alarm, *, organisation: Organisation, language: str, now: datetime) -> str:
    """One alarm in one sentence; its words are in the active language, as is `language`."""
    facts = _facts(alarm, organisation=organisation, language=language, now=now)
    return _sentence(alarm, facts) % facts


def _facts(alarm: Alarm, *, organisation: Organisation, language: str, now: datetime) -> dict[str, object]:
    def clock(code: str) -> str:
        said = alarm.data.get(code)
        at = datetime.fromisoformat(said) if said else alarm.raised_at
        return _clock(at, organisation, language, now)

    return {
        "reference": alarm.contact.reference if alarm.contact else "",
        "incident": content.pick(alarm.incident.name, language).text if alarm.incident else "",
        "by": clock("by"),
        "since": clock("since"),
        "due": clock("due"),
        "queue": content.pick(alarm.data.get("queue", {}), language).text,
        "language": language_name(alarm.data.get("language", "")),
        "waiting": calendars.local_digits(alarm.data.get("waiting", 0), language),
        "agent": alarm.data.get("agent", ""),
        "address": f"\u2066{alarm.data.get('address', '')}\u2069",
        "why": hand_whys().get(alarm.data.get("why", ""), ""),
    }


def hand_whys() -> dict[str, str]:
    """Why an agent may ask for the duty lead, in the active language."""
    return {
        "danger": gettext("Someone may be in danger."),
        "decision": gettext("A decision is needed."),
        "hostile": gettext("It has become hostile."),
        "over_to_you": gettext("Someone else should go on with this."),
    }


def _clock(at: datetime, organisation: Organisation, language: str, now: datetime) -> str:
    return calendars.local_moment(at, organisation.time_zone, language, now=now, zone_named=False)


def _sentence(alarm: Alarm, facts: dict[str, object]) -> str:
    if alarm.sort == Sort.NOBODY_CAN_SERVE and alarm.data.get("why") in ("skill", "level", "training"):
        return {
            "skill": gettext("No one here has the skill for “%(queue)s”. Waiting: %(waiting)s."),
            "level": gettext("“%(queue)s” asks for a higher level than anyone here has. Waiting: %(waiting)s."),
            "training": gettext("No one here has all the training for “%(queue)s”. Waiting: %(waiting)s."),
        }[alarm.data["why"]]
    if alarm.sort == Sort.OLDEST and alarm.data.get("kind") == "live":
        return gettext("Someone on the phone or in chat has been waiting since %(since)s.")
    if alarm.sort == Sort.NOT_REACHED and alarm.data.get("channel") == Channel.EMAIL:
        return gettext("The mailbox %(address)s has not been reached since %(since)s. New mail waits there unread.")
    return {
        Sort.DANGER: gettext("%(reference)s: danger to life, and nobody has taken it."),
        Sort.DANGER_WORDS: gettext("%(reference)s: what was written may mean danger to life. Please look now."),
        Sort.ESCALATED: gettext("%(reference)s: %(agent)s asks for you. %(why)s"),
        Sort.NOBODY_CAN_SERVE: gettext("No one for “%(queue)s” speaks %(language)s. Waiting: %(waiting)s."),
        Sort.URGENT_UNANSWERED: gettext("%(reference)s: urgent, and nobody has answered for days."),
        Sort.URGENT_SOON_UNANSWERED: gettext("%(reference)s: urgent, and still without an answer."),
        Sort.UPDATE_OVERDUE: gettext("%(incident)s: the update announced for %(due)s has not been published."),
        Sort.PROMISE_BROKEN: gettext("%(reference)s: we promised an answer by %(by)s and have not kept it."),
        Sort.PROMISE_AT_RISK: gettext("%(reference)s: we promised an answer by %(by)s, and nobody has taken it."),
        Sort.OLDEST: gettext("A written request has been waiting since %(since)s."),
        Sort.DELIVERY_FAILED: gettext("%(reference)s: a message could not be delivered."),
        Sort.NOT_REACHED: gettext("%(address)s has not been reached since %(since)s. What comes and goes there waits."),
    }[Sort(alarm.sort)]


def language_name(code: str) -> str:
    """A language by its name in the active language."""
    return str(translation.get_language_info(code)["name_translated"]) if code in dict(settings.LANGUAGES) else code
