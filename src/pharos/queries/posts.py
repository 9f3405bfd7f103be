"""What we say in public, and whose public words belong together."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from django.db.models import Count, Q

from pharos import content
from pharos.models import Advisory, Contact, ContactEvent, EntryPoint, Incident, Message, Organisation, Post, Submission
from pharos.queries import identities, pages
from pharos.queries.organisations import site
from pharos.queries.rules import rule

ANSWER: Final = ("public_answer", "social")
HOUR: Final = timedelta(hours=1)
MOST_CHARACTERS: Final = 500
LEAST_CHARACTERS: Final = 200
ACCOUNTS: Final = ("mastodon", "social_http", "apprise")  # adapters that post in public

Standing: TypeAlias = Mapping[int, Mapping[str, int]]  # of updates, by their key


def accounts(organisation: Organisation) -> list[EntryPoint]:
    """Where an update can be posted."""
    rows = EntryPoint.objects.filter(organisation=organisation, adapter__in=ACCOUNTS, is_on=True)
    return list(rows.order_by("id"))


def language_of(entry: EntryPoint) -> str:
    """The language in which an account posts."""
    return content.known_language(entry.language or next(iter(entry.organisation.languages), "en"))


def update_text(advisory: Advisory, entry: EntryPoint) -> str:
    """An update as this account posts it: its title, its words, and the page where all of it is.

    Words for which there is no room are left out; the page stays. `advisory` comes with its incident and organisation.
    """
    incident, language = advisory.incident, language_of(entry)
    title = pages.said(content.pick(advisory.title, language), incident).text.strip()
    words = pages.timed(advisory, incident, language=language).text.strip()
    page = pages.address(incident, language)
    said = "\n\n".join(part for part in (title, words) if part)
    return f"{_shortened(said, most_of(entry) - len(page) - 2)}\n\n{page}"


def most_of(entry: EntryPoint) -> int:
    """How many characters a post of this account may have."""
    given = str(entry.options.get("most") or "")
    return max(LEAST_CHARACTERS, int(given)) if given.isdecimal() else MOST_CHARACTERS


def _shortened(text: str, most: int) -> str:
    """The beginning, ended between words and marked when something is left out."""
    if len(text) <= most:
        return text
    beginning = text[: max(1, most)]
    return (beginning.rpartition(" ")[0] or beginning[:-1]).rstrip(" \n,;:") + "…"


def answer_text(contact: Contact) -> str:
    """The one public answer: where to go on. Nothing in it is about the person or from what they wrote."""
    organisation, language = contact.organisation, contact.language
    text = content.pick(content.template(*ANSWER).body, language)
    return content.fill_lines(
        text.text,
        org_name=content.pick(organisation.name, text.language).text,
        landing_url=public_page(contact, text.language),
        emergency_phone=organisation.emergency_phone,
    )


def public_page(contact: Contact, language: str) -> str:
    """The page that anyone may read: the incident's, else the request form. Never the person's own."""
    incident = contact.incident
    if incident and incident.is_open and incident.is_public:
        return pages.address(incident, language)
    return f"{site(contact.organisation)}/{language}/request/"


def room_for_answers(entry: EntryPoint, *, now: datetime) -> bool:
    """Whether this account may answer one more mention in public; in a pile-on it falls silent."""
    lately = Post.objects.filter(entry=entry, contact__isnull=False, created_at__gt=now - HOUR)
    return bool(lately.count() < rule(entry.organisation, "public_answers_per_hour"))


def contact_of(entry: EntryPoint, *, sender: str, answers: str) -> Contact | None:
    """The contact of this handle that further words belong to: the one they answer, else the one that is open still.

    `answers`: the carrier's id of the post that they answer, blank for none.
    """
    known = identities.handle(sender)
    people = identities.holders(entry.organisation, known) if known else []
    theirs = Contact.objects.filter(person__in=people).order_by("-id")
    in_thread = Q(messages__carrier_id=answers) | Q(public_answers__carrier_id=answers)
    if answers and (found := theirs.filter(in_thread).first()):
        return found
    over = Q(state=Contact.State.CLOSED, merged_into__isnull=True) | Q(merged_into__state=Contact.State.CLOSED)
    still = theirs.exclude(over)
    return still.filter(messages__entry=entry, messages__direction=Message.Direction.IN).first()


def lately_said(entry: EntryPoint, *, since: datetime, most: int) -> list[Message]:
    """The newest words from a network on contacts that are open still, one for each post that is not known deleted."""
    rows = Message.objects.filter(organisation=entry.organisation, entry=entry, direction="in", created_at__gte=since)
    over = Q(contact__state=Contact.State.CLOSED, contact__merged_into__isnull=True)
    rows = rows.exclude(carrier_id="").exclude(over | Q(contact__merged_into__state=Contact.State.CLOSED))
    newest = list(rows.select_related("contact").order_by("-id")[: 2 * most])
    events = ContactEvent.objects.filter(contact__in={one.contact_id for one in newest}, code="post_deleted")
    gone = {data.get("message") for data in events.values_list("data", flat=True)}
    there = {one.carrier_id: one for one in newest if one.pk not in gone}  # of an edited one its first words
    return list(there.values())[:most]


def was_told(entry: EntryPoint, *, door: str, key: str, digest: str) -> bool:
    """Whether these words of a post came before: as they were first, or as an earlier change of them."""
    seen = Submission.objects.filter(organisation=entry.organisation, door=door, digest=digest)
    return seen.filter(Q(key=key) | Q(key__startswith=f"{key}/")).exists()


def message_of(entry: EntryPoint, carrier_id: str, *, sender: str) -> Message | None:
    """The words that a post of this person became."""
    known = identities.handle(sender)
    people = identities.holders(entry.organisation, known) if known else []
    rows = Message.objects.filter(contact__person__in=people, entry=entry, direction="in", carrier_id=carrier_id)
    return rows.select_related("contact").order_by("id").first()


def standing(incident: Incident) -> Standing:
    """For each update of an incident that was posted: how many posts are in which state."""
    rows = Post.objects.filter(advisory__incident=incident).order_by().values_list("advisory_id", "state")
    found: dict[int, dict[str, int]] = {}
    for advisory_id, state, count in rows.annotate(count=Count("id")):
        found.setdefault(advisory_id or 0, {})[state] = count
    return found


def of_update(advisory: Advisory) -> Sequence[Post]:
    """Where an update was posted, and what became of it."""
    return list(Post.objects.filter(advisory=advisory).select_related("entry", "author").order_by("id"))
