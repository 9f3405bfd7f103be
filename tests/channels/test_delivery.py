"""From the queue of messages to the carrier: once, in order, again after a failure, twice rather than never."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from pharos.actions import conversation, delivery
from pharos.channels.delivery import deliver_messages, deliver_staff_mail, keep_under_way
from pharos.channels.registry import CARRIERS
from pharos.models import Channel, LiveEvent, Message, StaffMail
from tests.factories import NOW, make_agent, make_contact, make_entry, make_organisation

State = Message.State
KILLED_BEFORE_IT_SETTLES = """
import os, signal
import django
django.setup()
from django.utils import timezone
from pharos.actions import delivery
from pharos.channels.delivery import deliver_messages
delivery.sent = lambda **settled: os.kill(os.getpid(), signal.SIGKILL)
deliver_messages(clock=timezone.now, going=lambda: True)
"""


def deliver(now=NOW) -> int:
    return deliver_messages(clock=lambda: now, going=lambda: True)


def only() -> Message:
    return Message.objects.get(direction=Message.Direction.OUT)


def test_acknowledgement_reaches_the_person(transactional_db, smtp):
    contact = make_contact(make_organisation(), email="ani@example.org")
    assert deliver() == 1
    message = only()
    assert (message.state, message.attempts, message.settled_at, message.lease_until) == (State.SENT, 1, NOW, None)
    (mail,) = smtp.mails
    assert (mail["To"], mail["Message-ID"]) == ("ani@example.org", message.carrier_id)
    assert mail["Auto-Submitted"] == "auto-replied"
    assert contact.reference in mail.get_body(("plain",)).get_content()
    assert LiveEvent.objects.order_by("-id")[0].topic == f"contact:{contact.pk}"
    assert deliver() == 0


def test_reply_of_an_agent_goes_out_as_from_a_person_in_the_thread(transactional_db, smtp):
    organisation = make_organisation()
    agent = make_agent(organisation)
    contact = make_contact(organisation)
    deliver()
    contact.state, contact.agent = contact.State.ACTIVE, agent
    contact.save()
    conversation.reply(contact=contact, body="We call you at six.", by=agent.user, now=NOW)
    assert deliver() == 1
    first, reply = smtp.mails
    assert reply["Auto-Submitted"] is None
    assert reply["References"] == first["Message-ID"]
    assert "We call you at six." in reply.get_body(("plain",)).get_content()


def test_answer_names_the_mail_it_answers(transactional_db, smtp):
    contact = make_contact(make_organisation())
    contact.messages.filter(direction="in").update(channel=Channel.EMAIL, carrier_id="<theirs@example.org>")
    deliver()
    (mail,) = smtp.mails
    assert mail["In-Reply-To"] == mail["References"] == "<theirs@example.org>"


def test_message_of_a_demonstration_is_kept(transactional_db, smtp, outbox):
    make_contact(make_organisation(is_demo=True))
    deliver()
    assert only().state == State.SENT
    assert smtp.mails == []
    assert len(list(outbox.iterdir())) == 1


def test_address_that_the_server_does_not_know_fails_for_good_and_is_seen(transactional_db, smtp):
    contact = make_contact(make_organisation())
    smtp.says["RCPT"] = lambda _: "550 5.1.1 No such person"
    deliver()
    message = only()
    assert (message.state, message.failure, message.attempts) == (State.FAILED, "550 5.1.1 No such person", 1)
    assert contact.events.filter(code="delivery_failed", data__message=message.pk).exists()


def test_server_that_is_busy_is_tried_again_later_and_later_until_it_has_failed(transactional_db, smtp):
    make_contact(make_organisation())
    smtp.says["RCPT"] = lambda _: "450 4.2.1 Busy"
    now = NOW
    for pause_s in delivery.PAUSES_S:
        assert deliver(now) == 1
        assert only().state == State.QUEUED
        assert deliver(now + timedelta(seconds=pause_s - 1)) == 0
        now += timedelta(seconds=pause_s)
    assert deliver(now) == 1
    assert (only().state, only().attempts, only().failure) == (State.FAILED, delivery.ATTEMPTS_MAX, "450 4.2.1 Busy")
    assert only().maybe_twice is False


def test_carrier_that_is_out_of_reach_is_not_asked_for_each_message(transactional_db, smtp):
    organisation = make_organisation()
    for _ in range(3):
        make_contact(organisation)
    smtp.says["MAIL"] = lambda _: "421 4.3.2 Closing"
    assert deliver() == 1
    assert Counter(Message.objects.filter(direction="out").values_list("attempts", flat=True)) == {0: 2, 1: 1}


def test_channel_without_a_carrier_fails_and_does_not_wait_for_ever(transactional_db):
    make_contact(make_organisation())
    Message.objects.filter(direction="out").update(channel=Channel.VOICE)
    deliver()
    assert (only().state, only().failure) == (State.FAILED, "no carrier for this channel")


def test_delivery_stops_between_two_messages_when_told_so(transactional_db, outbox):
    organisation = make_organisation()
    make_contact(organisation)
    make_contact(organisation)
    answers = iter([True, False])
    assert deliver_messages(clock=lambda: NOW, going=lambda: next(answers)) == 1


def test_messages_go_out_in_the_order_in_which_they_are_due(transactional_db, smtp):
    organisation = make_organisation()
    for minute in (3, 1, 2):
        make_contact(organisation, email=f"{minute}@example.org", now=NOW + timedelta(minutes=minute))
    assert deliver(NOW + timedelta(minutes=2)) == 2
    assert deliver(NOW + timedelta(minutes=3)) == 1
    assert [mail["To"] for mail in smtp.mails] == ["1@example.org", "2@example.org", "3@example.org"]


def test_staff_mail_goes_the_same_way(transactional_db, smtp):
    organisation = make_organisation()
    values = {"organisation": organisation, "subject": "An alarm", "body": "Look.", "created_at": NOW, "due_at": NOW}
    for to in ("lead@example.org", "nobody@example.org"):
        StaffMail.objects.create(to=to, **values)
    smtp.says["RCPT"] = lambda address: "550 no" if address.startswith("nobody") else None
    assert deliver_staff_mail(clock=lambda: NOW, going=lambda: True) == 2
    assert dict(StaffMail.objects.values_list("to", "state")) == {
        "lead@example.org": "sent",
        "nobody@example.org": "failed",
    }
    assert smtp.mails[0]["Auto-Submitted"] == "auto-generated"


def test_logs_of_a_failure_carry_no_address_and_no_word(transactional_db, smtp, caplog):
    make_contact(make_organisation(), email="ani@example.org", text="a secret matter")
    smtp.says["RCPT"] = lambda address: f"550 5.1.1 <{address}> is unknown"
    deliver()
    said = " ".join(record.getMessage() for record in caplog.records if record.name.startswith("pharos"))
    assert "did not go out" in said
    assert "ani@example.org" not in said
    assert "secret" not in said


def address_of_the_database() -> str:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)


def test_worker_killed_between_the_carriers_yes_and_our_record_sends_once_more_and_says_so(transactional_db, smtp):
    make_contact(make_organisation(), now=timezone.now())
    same = {"PHAROS_DATA_DIR": str(settings.DATA_DIR), "PHAROS_DATABASE_URL": address_of_the_database()}
    environment = {**os.environ, **same, "PHAROS_SMTP_URL": smtp.url}
    worker = subprocess.run(
        [sys.executable, "-c", KILLED_BEFORE_IT_SETTLES], env=environment, capture_output=True, check=False
    )
    assert worker.returncode == -signal.SIGKILL, worker.stderr.decode()
    assert (len(smtp.mails), only().state) == (1, State.SENDING)
    leased_until = only().lease_until
    assert leased_until
    assert delivery.release_expired(now=leased_until - timedelta(seconds=1)) == 0
    assert delivery.release_expired(now=leased_until) == 1
    assert (only().state, only().maybe_twice, only().failure) == (State.QUEUED, True, "interrupted")
    assert deliver(leased_until) == 1
    assert (only().state, only().maybe_twice) == (State.SENT, True)
    assert smtp.mails[0]["Message-ID"] == smtp.mails[1]["Message-ID"]


def test_mail_server_that_takes_its_time_is_waited_for(transactional_db, monkeypatch):
    make_contact(make_organisation())
    clock = [NOW]

    @contextmanager
    def opened():
        def send(_mail):
            for _ in range(12):
                clock[0] += timedelta(seconds=5)
                keep_under_way(now=clock[0])
                assert delivery.release_expired(now=clock[0]) == 0
            return "<slow@example.org>"

        yield send

    monkeypatch.setattr(CARRIERS[Channel.EMAIL], "opened", opened)
    deliver_messages(clock=lambda: clock[0], going=lambda: True)
    assert (only().state, only().maybe_twice, only().attempts) == (State.SENT, False, 1)
    keep_under_way(now=clock[0])


def test_workers_that_compete_send_each_message_once(transactional_db, smtp):
    organisation = make_organisation()
    for _ in range(40):
        make_contact(organisation)
    begin = threading.Barrier(4)

    def work() -> None:
        begin.wait(10)
        while deliver():
            pass
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert Counter(Counter(mail["Message-ID"] for mail in smtp.mails).values()) == {1: 40}
    assert set(Message.objects.filter(direction="out").values_list("state", "attempts")) == {("sent", 1)}


def test_carrier_that_is_away_keeps_no_other_channel_waiting(transactional_db, smtp):
    """The first is a text without a number to go out by, the others are mail."""
    organisation = make_organisation()
    for _ in range(3):
        make_contact(organisation)
    first = Message.objects.filter(direction="out").earliest("id")
    entry = make_entry(organisation, Channel.SMS, "+37410123456", adapter="sms_http")
    Message.objects.filter(pk=first.pk).update(channel=Channel.SMS, address="+37491234567", entry=entry)
    assert deliver() == 3
    states = Message.objects.filter(direction="out").order_by("id").values_list("state", flat=True)
    assert list(states) == [State.QUEUED, State.SENT, State.SENT]
