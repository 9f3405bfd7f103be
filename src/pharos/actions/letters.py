"""The words of what we send by ourselves: made in the person's language, with times on the person's clock."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from pharos import content
from pharos.content import calendars
from pharos.engine.segments import segments, shortened
from pharos.models import Channel, Contact, EntryPoint, Message, User
from pharos.models.insertion import fresh
from pharos.queries import family, roads
from pharos.queries.contacts import page_url
from pharos.queries.roads import Road

URGENT_BAND = 1
CODE_MINUTES = 10
TEXT_PARTS = 10  # of one text message; carriers take little more
WITH_ALL = ("organisation", "person", "incident", "lane__queue")


def acknowledgement(
    contact: Contact, *, road: Road, own: Mapping[tuple[int, str], content.Wording], now: datetime
) -> Message:
    """We have it: reference, promise, range, the person's page and the other ways to reach us.

    `own`: the texts of incidents as their leads have them.
    """
    wording = _acknowledging(contact, road, own)
    return _letter(contact, Message.Sort.ACKNOWLEDGEMENT, wording, road=road, now=now)


def reply(contact: Contact, *, body: str, by: User, now: datetime) -> Message:
    """What an agent wrote: on the person's page as it is, in the mail with its frame."""
    message = _letter(contact, Message.Sort.REPLY, None, road=roads.road(contact, now=now), now=now, by=by, body=body)
    message.body = body
    return message


def note(contact: Contact, *, body: str, by: User, now: datetime) -> Message:
    """Words for colleagues only: they go nowhere."""
    return Message(
        organisation_id=contact.organisation_id,
        contact=contact,
        direction=Message.Direction.NOTE,
        sort=Message.Sort.NOTE,
        channel=contact.channel,
        state=Message.State.NOTED,
        author=by,
        body=body,
        created_at=now,
        settled_at=now,
    )


def framed(message: Message) -> str:
    """The text as it goes out: a reply by mail with the agent's name, the reference and the page.

    What no carrier takes in one text goes as far as it may, and says where the rest is.
    """
    if message.channel == Channel.SMS and segments(message.body).parts > TEXT_PARTS:
        rest = f"...\n{page_url(message.contact)}".rstrip()
        return shortened(message.body, most=TEXT_PARTS - 2) + rest
    if message.sort != Message.Sort.REPLY or message.channel != Channel.EMAIL:
        return message.body
    wording = content.template("reply", "email")
    contact = message.contact
    values = _values(contact, now=message.created_at, by=message.author, body=message.body)
    return _fill(wording.body, contact, values)


def text(contact: Contact, code: str, *, entry: EntryPoint, address: str, now: datetime) -> Message:
    """A text message to this number, by the number of ours that it wrote to."""
    road = Road(Channel.SMS, address, entry.pk)
    return _letter(contact, Message.Sort.ACKNOWLEDGEMENT, content.template(code, "sms"), road=road, now=now)


def summary(contact: Contact, *, said: str, by: User, now: datetime) -> Message:
    """What was agreed, when the contact closes."""
    road = roads.road(contact, now=now)
    wording = _wording("closing_summary", road)
    return _letter(contact, Message.Sort.SUMMARY, wording, road=road, now=now, by=by, summary=said)


def promise_moved(contact: Contact, *, before: datetime | None, now: datetime) -> Message:
    """We can't keep the time we told: the new one, and that we are sorry."""
    road = roads.road(contact, now=now)
    code = "promise_later" if contact.promise_by else "promise_later_unknown"
    return _letter(contact, Message.Sort.PROMISE_MOVED, _wording(code, road), road=road, now=now, earlier=before)


def reopened(contact: Contact, *, now: datetime) -> Message:
    """Words after the close: the request is open again."""
    road = roads.road(contact, now=now)
    return _letter(contact, Message.Sort.ACKNOWLEDGEMENT, _wording("reopened", road), road=road, now=now)


def closed_with_another(contact: Contact, *, now: datetime) -> Message:
    """It was closed together with another request that may be of the same person: no word of that one."""
    road = roads.road(contact, now=now)
    wording = _wording("closed_with_another", road)
    return _letter(contact, Message.Sort.ACKNOWLEDGEMENT, wording, road=road, now=now)


def one_is_enough(contact: Contact, *, now: datetime) -> Message:
    """We have all they wrote, and where it stands: said once, kindly, to somebody who wrote again."""
    road = roads.road(contact, now=now)
    told = "one_is_enough" if family.root(contact).promise_by else "one_is_enough_no_promise"
    wording = _wording(told, road)
    return _letter(contact, Message.Sort.ACKNOWLEDGEMENT, wording, road=road, now=now)


def check_in(contact: Contact, *, by_mail: bool, now: datetime) -> Message:
    """Is what we noted still right? Not a word of what it is. Without `by_mail`, on the person's page only."""
    road = roads.road(contact, now=now) if by_mail else roads.PAGE
    return _letter(contact, Message.Sort.CHECK_IN, _wording("need_check_in", road), road=road, now=now)


def page_code(contact: Contact, *, code: str, address: str, now: datetime) -> Message:
    """The code that opens a part of the person's page; never in a drill's or another's hands."""
    wording = content.template("page_code", "email")
    return _letter(contact, Message.Sort.CODE, wording, road=roads.mail(address), now=now, code=code)


def desk_code(contact: Contact, *, code: str, address: str, by: User, now: datetime) -> Message:
    """The code that the person tells the colleague they are talking with, whose name it says."""
    wording = content.template("desk_code", "email")
    return _letter(contact, Message.Sort.CODE, wording, road=roads.mail(address), now=now, by=by, code=code)


def _wording(code: str, road: Road) -> content.Wording:
    return content.worded(code, road.channel)


def _acknowledging(contact: Contact, road: Road, own: Mapping[tuple[int, str], content.Wording]) -> content.Wording:
    """An open incident's acknowledgement as its lead has it; without a promise, and elsewhere, the shipped one."""
    if contact.promise_by is None:
        return _wording("acknowledgement_no_promise", road)
    if road.channel == Channel.EMAIL and contact.incident:
        code = "auto_ack_urgent" if contact.lane.band <= URGENT_BAND else "auto_ack"
        kept = own.get((contact.incident.pk, code)) if contact.incident.is_open else None
        return kept or content.template(code, "email")
    return _wording("acknowledgement", road)


def _letter(
    contact: Contact,
    sort: Message.Sort,
    wording: content.Wording | None,
    *,
    road: Road,
    now: datetime,
    by: User | None = None,
    body: str = "",
    summary: str = "",
    earlier: datetime | None = None,
    code: str = "",
) -> Message:
    """A message on its way; our own pages show theirs at once, and in a drill nothing goes further than they."""
    if contact.incident and contact.incident.is_drill and road.is_carried:
        road = roads.PAGE
    sent = road.is_carried
    subject = (wording.subject if wording else None) or content.template("reply", "email").subject or {}
    values = _values(contact, now=now, by=by, body=body, summary=summary, earlier=earlier, code=code)
    return fresh(
        Message,
        organisation_id=contact.organisation_id,
        contact=contact,
        direction=Message.Direction.OUT,
        sort=sort,
        channel=road.channel,
        state=Message.State.QUEUED if sent else Message.State.SHOWN,
        author=by,
        language=contact.language,
        entry_id=road.entry_id,
        address=road.address,
        subject=_fill(subject, contact, values),
        body=_fill(wording.body, contact, values) if wording else body,
        created_at=now,
        due_at=now if sent else None,
        settled_at=None if sent else now,
    )


def _fill(texts: content.Text, contact: Contact, values: Mapping[str, str]) -> str:
    return content.fill_lines(content.pick(texts, contact.language).text, **values)


def _values(
    contact: Contact,
    *,
    now: datetime,
    by: User | None = None,
    body: str = "",
    summary: str = "",
    earlier: datetime | None = None,
    code: str = "",
) -> dict[str, str]:
    """What a wording may ask for, as this person reads it."""
    organisation, language = contact.organisation, contact.language
    zone = contact.time_zone

    def clock(at: datetime | None) -> str:
        return calendars.local_moment(at, zone, language, now=now) if at else ""

    stands = family.root(contact)  # in whose place it waits
    low, high = _range(stands, now=now)
    time = clock(stands.promise_by)
    return {
        "customer_name": _plain_name(contact.person.name),
        "reference": contact.reference,
        "promise_time": time,
        "answer_by": time,
        "range": calendars.local_range(low, high, zone, language, now=now) if low and high else "",
        "earlier_time": clock(earlier),
        "page_url": page_url(contact),
        "org_name": content.pick(organisation.name, language).text,
        "emergency_phone": organisation.emergency_phone,
        "channels": organisation.phone,
        "agent_name": by.get_full_name() if by else "",
        "body": body,
        "summary": summary,
        "code": code,
        "minutes": calendars.local_digits(CODE_MINUTES, language),
        "next_step": "",
    }


def _plain_name(name: str) -> str:
    """The name as it was typed; nothing when it holds an address, so that nobody mails others through us."""
    return "" if re.search(r"://|www\.|@", name) else name


def _range(contact: Contact, *, now: datetime) -> tuple[datetime | None, datetime | None]:
    if contact.wait_low_s is None or contact.wait_high_s is None:
        return None, None
    return now + timedelta(seconds=contact.wait_low_s), now + timedelta(seconds=contact.wait_high_s)
