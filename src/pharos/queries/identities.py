"""How addresses, numbers and bookings are written so that equal ones are equal."""

import re
from typing import NamedTuple

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import F

from pharos.models import Channel, Contact, Identity, Message, Organisation

DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
COUNTRY = {"fa": "IR", "hy": "AM", "zh-hans": "CN", "en": "GB"}


class Known(NamedTuple):
    """One identity: its sort, its normal form and what was typed."""

    sort: Identity.Sort
    value: str
    typed: str


def email(text: str) -> Known | None:
    """A mail address with its domain in lower case; None when it is no address (header injection included)."""
    typed = text.strip()
    try:
        validate_email(typed)
    except ValidationError:
        return None
    return Known(Identity.Sort.EMAIL, typed.lower(), typed)


def phone(text: str, language: str) -> Known | None:
    """A number in E.164; national spellings are read in the country most used with the language. None for none."""
    typed = text.strip()
    try:
        number = phonenumbers.parse(typed.translate(DIGITS), COUNTRY.get(language))
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return Known(Identity.Sort.PHONE, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), typed)


def caller(text: str, language: str) -> Known:
    """Who called or wrote from where: a number, else the short code or name that the carrier gave, kept as it is."""
    typed = text.strip()
    return phone(text, language) or Known(Identity.Sort.HANDLE, typed, typed)


def booking(text: str) -> Known | None:
    """A booking reference without spaces and dashes, in upper case."""
    value = re.sub(r"[\s\-]+", "", text.translate(DIGITS)).upper()
    return Known(Identity.Sort.BOOKING, value, text.strip()) if value else None


def handle(text: str) -> Known | None:
    """The name somebody has with a carrier, as the carrier writes it."""
    typed = text.strip()
    return Known(Identity.Sort.HANDLE, typed.casefold(), typed) if typed else None


def sender(channel: str, address: str, language: str) -> Known | None:
    """Who wrote on a channel, as we would know them again."""
    if channel == Channel.EMAIL:
        return email(address)
    if channel in {Channel.SMS, Channel.VOICE}:
        return caller(address, language) if address else None
    return handle(address)


def holders(organisation: Organisation, known: Known) -> list[int]:
    """The people who are known by this identity."""
    rows = Identity.objects.filter(organisation=organisation, sort=known.sort, value=known.value)
    return list(rows.values_list("person_id", flat=True))


def mail_of(person_id: int) -> Identity | None:
    """The address that mail to a person goes to: a verified one before others, then the first that was given."""
    rows = Identity.objects.filter(person_id=person_id, sort=Identity.Sort.EMAIL)
    return rows.order_by(F("verified_at").desc(nulls_last=True), "id").first()


def is_dead(contact: Contact, address: str) -> bool:
    """Whether mail to this address of the contact's person comes back."""
    known = Identity.objects.filter(person_id=contact.person_id, sort=Identity.Sort.EMAIL, value=address.lower())
    return known.filter(undelivered_at__isnull=False).exists()


def own(contact: Contact) -> set[tuple[str, str]]:
    """The addresses (sort, value) that are surely of whoever can open this contact's page.

    It began with words from there, or a code that was sent there was told. What was only typed, or answered our mail,
    may be another's.
    """
    rows = Identity.objects.filter(person_id=contact.person_id, verified_at__isnull=False)
    found = set(rows.exclude(verified_by=Identity.Proof.THREAD).values_list("sort", "value"))
    first = contact.messages.filter(sort=Message.Sort.REQUEST).exclude(address="").first()
    began = sender(first.channel, first.address, contact.language) if first else None
    return found | ({(began.sort, began.value)} if began else set())
