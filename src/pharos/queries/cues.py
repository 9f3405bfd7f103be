"""What the words of a person suggest, as staff see it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from itertools import groupby
from typing import Final, NamedTuple

from django.db.models import Count, Q
from django.db.models.query import QuerySet

from pharos.engine.cues import DANGER, LIKELY, Part, quotations
from pharos.models import Contact, Cue, Message, Organisation, SignalVerdict, User
from pharos.queries.hearing import words_of

ORDER: Final = {
    sort: place
    for place, sort in enumerate(("danger", "request", "need", "distress", "confusion", "hostility", "frustration"))
}
QUOTED: Final = 3
PUT_RIGHT: Final = "danger_put_right"
ABOUT_DANGER: Final = (PUT_RIGHT, "danger_read", "danger_confirmed", "danger_dismissed", "closed", "left", "reopened")


class Quotation(NamedTuple):
    """Words that made a suggestion, with what stands around them, and the language they are in."""

    parts: list[Part]
    language: str


class Suggestion(NamedTuple):
    """All cues of one contact with one meaning. `kinds`: of danger, what it is about.

    `last`: the highest number among them. An answer is on these, and on none that came later. `more`: of how many the
    words are not quoted, the newest are.
    """

    sort: str
    code: str
    score: float
    state: str
    kinds: tuple[str, ...]
    quotations: list[Quotation]
    last: int
    more: int

    @property
    def is_likely(self) -> bool:
        """Whether the words speak strongly."""
        return self.score >= LIKELY

    @property
    def is_open(self) -> bool:
        """Whether nobody has said yet whether it is right."""
        return self.state == Cue.State.OPEN

    @property
    def is_danger(self) -> bool:
        """Whether the words may mean danger to life."""
        return self.sort == DANGER


class Said(NamedTuple):
    """What was said of words of danger, by whom and when."""

    is_danger: bool
    by: User | None
    at: datetime | None


class Answer(NamedTuple):
    """Words of danger that were answered together."""

    words: Suggestion
    said: Said


class PutRight(NamedTuple):
    """A lead has set right what was said of danger: what holds now, and why, as far as they said."""

    is_danger: bool
    by: User | None
    why: str


class VerdictCount(NamedTuple):
    """How often one meaning, in one language and found in one way, was right and was not."""

    sort: str
    code: str
    language: str
    source: str
    right: int
    wrong: int


def danger_stands(contact: Contact) -> bool:
    """Whether words of this contact may mean danger to life, and nobody has said that they do not."""
    return in_danger().filter(contact=contact).exists()


def danger_is_open(contact: Contact) -> bool:
    """Whether words of this contact may mean danger to life, and nobody has said yet whether they do."""
    return in_danger().filter(contact=contact, state=Cue.State.OPEN).exists()


def danger_was_said(contact: Contact, *, since: datetime, but_by: User) -> bool:
    """Whether somebody else has said since then that words of this contact may mean danger to life."""
    said = in_danger().filter(contact=contact, state=Cue.State.CONFIRMED, settled_at__gt=since)
    return said.exclude(settled_by=but_by).exists()


def in_danger() -> "QuerySet[Cue, Cue]":
    """Every cue of danger that nobody has dismissed."""
    return Cue.objects.filter(sort=Cue.Sort.DANGER).exclude(state=Cue.State.DISMISSED)


def suggestions(contact: Contact) -> list[Suggestion]:
    """What the words of a contact suggest and nobody has dismissed: danger first, what is open before what is not."""
    rows = Cue.objects.filter(contact=contact).exclude(state=Cue.State.DISMISSED)
    found = _suggestions(rows)
    return sorted(found, key=lambda one: (not one.is_danger, not one.is_open, ORDER.get(one.sort, 9), -one.score))


def answers(contact: Contact) -> list[Answer]:
    """What was said of a contact's words of danger, answer by answer, that on the newest words first."""
    groups: dict[tuple[object, ...], list[Cue]] = {}
    for cue in _answered().filter(contact=contact).order_by("-pk"):
        groups.setdefault((cue.verdict_id, cue.settled_by_id, cue.settled_at, cue.state), []).append(cue)
    messages = _messages(groups.values())
    return [_answer(together, messages) for together in groups.values()]


def last_said(contacts: Collection[int]) -> dict[int, Said]:
    """What was said last of words of danger in each of these contacts that are open."""
    rows = _answered().filter(contact__in=contacts).order_by("settled_at", "pk")
    return {cue.contact_id: _said(cue) for cue in rows}


def _answered() -> "QuerySet[Cue, Cue]":
    return Cue.objects.filter(sort=Cue.Sort.DANGER).exclude(state=Cue.State.OPEN).select_related("settled_by")


def put_right(contact: Contact) -> PutRight | None:
    """Whether a lead has set an answer about danger right, and nobody has said or written anything of it since."""
    last = contact.events.filter(code__in=ABOUT_DANGER).select_related("user").last()
    if last is None or last.code != PUT_RIGHT:
        return None
    return PutRight(last.data["is_danger"], last.user, last.data["why"])


def in_order(contact: Contact) -> list[Cue]:
    """Every cue of a contact, message by message: danger first, the newest first."""
    rows = Cue.objects.filter(contact=contact).order_by("-message_id", "pk")
    return sorted(rows, key=lambda cue: ORDER.get(cue.sort, 9))


def verdict_counts(organisation: Organisation, *, since: date | None, until: date | None) -> list[VerdictCount]:
    """How often people said that suggestions were right, and that they were not, from the first to the last day."""
    rows = SignalVerdict.objects.filter(organisation=organisation)
    if since:
        rows = rows.filter(day__gte=since)
    if until:
        rows = rows.filter(day__lte=until)
    meaning = ("sort", "code", "language", "source")
    counted = rows.values_list(*meaning).order_by(*meaning)
    both = counted.annotate(right=Count("pk", filter=Q(is_right=True)), wrong=Count("pk", filter=Q(is_right=False)))
    return [VerdictCount(*row) for row in both]


def of_danger(contacts: Collection[int]) -> dict[int, Suggestion]:
    """The words of danger that nobody has answered yet, by contact."""
    rows = Cue.objects.filter(contact__in=contacts, sort=Cue.Sort.DANGER, state=Cue.State.OPEN)
    by_contact: dict[int, list[Cue]] = {}
    for row in rows.order_by("-pk"):
        by_contact.setdefault(row.contact_id, []).append(row)
    messages = _messages(by_contact.values())
    return {contact: _suggestion(cues, messages) for contact, cues in by_contact.items()}


def _suggestions(rows: "QuerySet[Cue, Cue]") -> list[Suggestion]:
    ordered = sorted(rows.order_by("-pk"), key=lambda cue: (cue.sort, cue.code, cue.state))
    groups = [list(same) for _, same in groupby(ordered, key=lambda cue: (cue.sort, cue.code, cue.state))]
    messages = _messages(groups)
    return [_suggestion(cues, messages) for cues in groups]


def _messages(groups: Iterable[list[Cue]]) -> Mapping[int, Message]:
    """The messages whose words are quoted: of each meaning the newest few, however many and long there are."""
    wanted = {cue.message_id for cues in groups for cue in cues[:QUOTED]}
    rows = Message.objects.only("subject", "body", "language")
    return rows.in_bulk(wanted) if wanted else {}


def _answer(cues: list[Cue], messages: Mapping[int, Message]) -> Answer:
    return Answer(_suggestion(cues, messages), _said(cues[0]))


def _said(cue: Cue) -> Said:
    return Said(cue.state == Cue.State.CONFIRMED, cue.settled_by, cue.settled_at)


def _suggestion(cues: list[Cue], messages: Mapping[int, Message]) -> Suggestion:
    first, newest = cues[0], [(cue, messages[cue.message_id]) for cue in cues[:QUOTED] if cue.message_id in messages]
    quoted = [Quotation(parts, cue.language or said.language) for cue, said in newest for parts in _quoted(cue, said)]
    return Suggestion(
        sort=first.sort,
        code=first.code,
        score=max(cue.score for cue in cues),
        state=first.state,
        kinds=tuple(dict.fromkeys(kind for cue in cues for kind in cue.kinds)),
        quotations=quoted[:QUOTED],
        last=first.pk,
        more=len(cues) - len(newest),
    )


def _quoted(cue: Cue, said: Message) -> list[list[Part]]:
    return quotations(words_of(said.subject, said.body), cue.places)
