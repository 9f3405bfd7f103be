"""When others fail: a mail server that refuses, and machines that answer all at once."""

from collections import Counter
from datetime import timedelta

import pytest

from pharos.channels.delivery import deliver_messages
from pharos.channels.email.inbox import Came, take_in
from pharos.models import Contact, Message, Quarantined
from tests.channels.email.conftest import make_pipe, written
from tests.factories import NOW, make_contact, make_organisation

pytestmark = pytest.mark.django_db(transaction=True)


def deliver(now) -> None:
    while deliver_messages(clock=lambda: now, going=lambda: True):
        if not Message.objects.filter(state="queued", due_at__lte=now).exists():
            break


def test_server_that_refuses_for_ten_minutes_and_then_half_gets_every_mail_once(smtp):
    organisation = make_organisation()
    for _ in range(12):
        make_contact(organisation)
    smtp.says["MAIL"] = lambda _: "451 4.3.0 Not now"
    for second in range(0, 600, 30):
        deliver(NOW + timedelta(seconds=second))
    assert smtp.mails == []
    asked = Counter[str]()

    def every_other(address: str) -> str | None:
        asked["all"] += 1
        return "450 4.2.1 Busy" if asked["all"] % 2 else None

    smtp.says = {"RCPT": every_other}
    for minute in range(10, 10 + 16 * 60, 10):
        deliver(NOW + timedelta(minutes=minute))
    out = Message.objects.filter(direction="out")
    assert Counter(out.values_list("state", flat=True)) == {"sent": 12}
    assert Counter(Counter(str(mail["Message-ID"]) for mail in smtp.mails).values()) == {1: 12}
    assert not out.filter(maybe_twice=True).exists()


def test_machines_that_answer_all_at_once_end_there(outbox):
    storm(20)


def storm(count: int) -> None:
    """Everybody's machine answers our acknowledgement, most twice, some without saying what it is."""
    organisation = make_organisation()
    entry = make_pipe(organisation)
    contacts = [make_contact(organisation, email=f"p{number}@example.org") for number in range(count)]
    while deliver_messages(clock=lambda: NOW, going=lambda: True):
        pass
    ours = dict(Message.objects.filter(direction="out").values_list("contact_id", "carrier_id"))
    for contact in contacts:
        sender = contact.person.identities.get().value
        heads = {"sender": sender, "In_Reply_To": ours[contact.pk]}
        says = {"Auto_Submitted": "auto-replied"} if contact.pk % 10 else {}
        mail = written("I am away until Monday.", **heads, **says)
        for _ in range(2):
            take_in(Came(mail, entry, len(mail)), now=NOW)
    assert Contact.objects.count() == count
    assert Counter(Message.objects.values_list("direction", flat=True)) == {"in": 2 * count, "out": count}
    assert not Quarantined.objects.exists()


def test_machine_that_does_not_say_what_it_is_and_answers_each_answer_comes_to_an_end(outbox):
    entry = make_pipe(make_organisation())
    last = "<first@elsewhere.example.org>"
    for second in range(40):
        now = NOW + timedelta(seconds=second)
        mail = written("Your ticket is open.", In_Reply_To=last)
        take_in(Came(mail, entry, len(mail)), now=now)
        deliver(now)
        last = Message.objects.filter(direction="out").latest("id").carrier_id
    assert Message.objects.filter(direction="in").count() == 40
    assert Message.objects.filter(direction="out").count() <= 3
