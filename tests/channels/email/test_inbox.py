"""What becomes of one mail: whose words, in which contact, answered or not, or kept aside with a reason."""

import hashlib
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from io import BytesIO
from itertools import count

import pytest
from django.conf import settings
from django.db import DataError, OperationalError
from PIL import Image

from pharos.actions import arrivals, quarantine, uploads
from pharos.channels.delivery import deliver_messages
from pharos.channels.email import inbox
from pharos.channels.email.compose import message_id
from pharos.channels.email.inbox import Came, take_in
from pharos.models import Contact, Identity, LiveEvent, Message, Quarantined, StaffMail, Submission
from tests.actions.test_uploads import photo_with_damaged_metadata
from tests.channels.email.conftest import HELP, make_pipe, written
from tests.factories import NOW, make_contact, make_organisation

pytestmark = pytest.mark.django_db
Why = Quarantined.Why


@pytest.fixture
def entry():
    return make_pipe(make_organisation())


def came(entry, raw: bytes, *, now=NOW, **fields):
    return take_in(Came(raw, entry, len(raw), **fields), now=now)


def acknowledgements() -> int:
    return Message.objects.filter(sort=Message.Sort.ACKNOWLEDGEMENT).count()


def sent(contact: Contact) -> Message:
    """Our acknowledgement, gone out."""
    deliver_messages(clock=lambda: NOW, going=lambda: True)
    return contact.messages.get(direction="out")


def kept() -> Quarantined:
    return Quarantined.objects.get()


def test_same_mail_by_two_roads_is_taken_once(entry):
    mail = written("Hello")
    first = came(entry, mail)
    again = came(entry, b"Received: from elsewhere\r\n" + mail.replace(b"Ferry", b"[SPAM?] Ferry"))
    assert (first.how, again.how, again.contact) == ("new", "again", first.contact)
    assert Message.objects.filter(direction="in").count() == 1


def test_mail_without_an_id_is_known_by_all_of_it(entry):
    mail = written("Hello").replace(b"Message-ID:", b"X-Was:")
    assert [came(entry, mail).how for _ in range(2)] == ["new", "again"]


def test_other_words_under_the_same_id_are_not_lost(entry):
    first, other = written("One", message_id="<a@b.c>"), written("Two", message_id="<a@b.c>")
    assert [came(entry, one).how for one in (first, other, other)] == ["new", "new", "again"]
    assert Contact.objects.count() == 2


def away(text: str, **heads: str) -> bytes:
    return written(text, message_id="<a@b.c>", Auto_Submitted="auto-replied", **heads)


def test_other_mail_under_the_id_of_one_kept_aside_is_kept_beside_it(entry):
    first, other = away("I am away."), away("I have moved.")
    relayed = b"Received: from elsewhere\r\n" + other
    assert {came(entry, one).how for one in (first, other, first, other, relayed)} == {"kept"}
    assert [bytes(row.raw) for row in Quarantined.objects.order_by("id")] == [first, other]


def test_persons_mail_under_the_id_of_one_kept_aside_is_taken_in(entry):
    first, other = away("I am away."), written("Please help.", message_id="<a@b.c>")
    assert [came(entry, one).how for one in (first, other, other)] == ["kept", "new", "again"]
    for row in Quarantined.objects.all():
        assert inbox.take_again(row, now=NOW).how in {"new", "joined"}
        quarantine.taken(quarantined=row, message=None, by=None, now=NOW)
    said = Message.objects.filter(direction="in").values_list("body", flat=True)
    assert sorted(text.strip() for text in said) == ["I am away.", "Please help."]
    assert [came(entry, one).how for one in (first, other)] == ["kept", "again"]


def test_mail_kept_aside_before_there_were_digests_is_known_by_its_bytes(entry):
    first, other = away("I am away."), away("I have moved.")
    came(entry, first)
    Quarantined.objects.update(digest="")
    assert [came(entry, one).how for one in (first, other)] == ["kept", "kept"]
    assert Quarantined.objects.count() == 2
    Quarantined.objects.filter(digest="").update(raw=b"", state="discarded")
    came(entry, first)
    assert Quarantined.objects.count() == 2


def test_mail_kept_aside_before_there_were_digests_is_known_by_what_it_says(entry):
    mail = away("I am away.")
    came(entry, b"Received: from here\r\n" + mail)
    Quarantined.objects.update(digest="")
    assert came(entry, b"Received: from elsewhere\r\n" + mail).how == "kept"
    assert Quarantined.objects.count() == 1


def empty(subject: str, **heads: str) -> bytes:
    return written("", subject=subject, message_id="<a@b.c>", **heads)


def test_mails_without_words_under_one_id_are_told_apart_by_their_heads(entry):
    first, other, third = empty("Help"), empty("Where is my bag?"), empty("Help", sender="eve@example.org")
    took = [came(entry, one) for one in (first, other, third, first, b"Received: from elsewhere\r\n" + other)]
    assert [one.how for one in took] == ["new", "new", "new", "again", "again"]
    assert took[4].contact == took[1].contact
    folded = other.replace(b"Where is", b"Where\r\n is").replace(b"Subject:", b"SUBJECT:")
    assert came(entry, folded).contact == took[1].contact


def test_mail_without_words_that_was_taken_before_heads_counted_is_known(entry):
    first = came(entry, empty("Help"))
    Submission.objects.update(digest=hashlib.sha256(b"").hexdigest())
    again = came(entry, b"Received: from elsewhere\r\n" + empty("Help"))
    assert (again.how, again.contact, again.message) == ("again", first.contact, first.message)
    others = empty("Where is my bag?"), empty("Help", sender="eve@example.org")
    assert [came(entry, one).how for one in (*others, *others)] == ["new", "new", "again", "again"]
    assert came(entry, written("Please help", message_id="<a@b.c>")).how == "new"


def test_mails_without_words_that_are_kept_aside_are_told_apart_by_their_heads(entry):
    mails = [empty(subject, Auto_Submitted="auto-replied") for subject in ("I am away", "I have moved")]
    assert {came(entry, one).how for one in mails} == {"kept"}
    assert Quarantined.objects.count() == 2
    Quarantined.objects.update(digest=hashlib.sha256(b"").hexdigest())  # as it was before heads counted
    assert {came(entry, b"Received: from elsewhere\r\n" + one).how for one in mails} == {"kept"}
    assert Quarantined.objects.count() == 2
    Quarantined.objects.update(raw=b"", state="discarded")
    assert came(entry, written("Please help", message_id="<a@b.c>")).how == "new"


def test_digest_of_what_a_mail_says_is_what_stands_in_rows():
    digest = quarantine.digest_of(b"Subject: Ferry\r\n\r\nOne\r\n\r\nTwo\r\n")
    assert digest == hashlib.sha256(b"One\n\nTwo").hexdigest()


def test_files_that_were_not_taken_of_two_mails_under_one_id_are_both_kept(entry, settings, tmp_path):
    settings.UPLOADS_DIR = tmp_path
    many = [with_files((name, "application/zip", b"PK\x03\x04" + name.encode())) for name in ("a.docx", "b.docx")]
    messages = [came(entry, raw).message for raw in many]
    rows = Quarantined.objects.order_by("id")
    assert [(bytes(row.raw), row.message) for row in rows] == list(zip(many, messages, strict=True))
    assert len({message.pk for message in messages if message}) == 2


def test_answer_to_our_mail_joins_and_proves_the_address(entry, outbox):
    contact = came(entry, written("Hello")).contact
    ours = sent(contact)
    took = came(entry, written("More words", In_Reply_To=ours.carrier_id))
    assert (took.how, took.contact) == ("joined", contact)
    assert contact.person.identities.get().verified_by == "thread"


def test_answer_that_overtakes_our_own_record_joins_all_the_same(entry):
    contact = came(entry, written("Hello")).contact
    ours = contact.messages.get(direction="out")
    id_ = message_id(f"m{ours.pk}", domain="lines.example.org", secret=settings.SECRET_KEY)
    assert came(entry, written("More", In_Reply_To=id_)).contact == contact


def test_person_who_writes_on_in_their_own_thread_joins(entry):
    first = came(entry, written("Hello", message_id="<one@theirs.example.org>"))
    second = came(entry, written("And this", References="<one@theirs.example.org>"))
    other = came(entry, written("Me too", sender="eve@example.org", References="<one@theirs.example.org>"))
    assert (second.how, second.contact) == ("joined", first.contact)
    assert (other.how, other.contact == first.contact) == ("new", False)


def test_somebody_else_who_answers_our_mail_gets_a_contact_of_their_own(entry, outbox):
    contact = came(entry, written("Hello")).contact
    ours = sent(contact)
    took = came(entry, written("I got this forwarded", sender="eve@example.org", In_Reply_To=ours.carrier_id))
    assert (took.how, took.contact == contact) == ("new", False)


def test_two_who_answer_the_same_mass_mail_never_meet(entry):
    mass = "<news-7@lines.example.org>"
    took = [came(entry, written("What about me?", sender=f"{who}@example.org", In_Reply_To=mass)) for who in "ab"]
    assert {one.how for one in took} == {"new"}
    assert Contact.objects.count() == 2


def test_answers_go_where_the_sender_wants_them(entry):
    raw = written("Through your web site", sender="www@lines.example.org", Reply_To="ani@example.org",
                  Auto_Submitted="auto-generated")  # fmt: skip
    took = came(entry, raw)
    assert took.how == "new"
    assert took.contact.person.identities.get().value == "ani@example.org"
    assert acknowledgements() == 0


@pytest.mark.parametrize(
    "heads", [{"Auto_Submitted": "auto-replied"}, {"X_Autoreply": "yes"}, {"Precedence": "auto_reply"}]
)
def test_automatic_answer_to_nothing_of_ours_is_kept_aside(entry, heads):
    assert came(entry, written("I am away", **heads)).how == "kept"
    assert (kept().why, kept().sender) == (Why.AUTOMATIC, "ani@example.org")
    assert Contact.objects.count() == 0


def test_automatic_answer_to_our_mail_is_kept_with_it_and_wakes_nobody(entry, outbox):
    contact = came(entry, written("Hello")).contact
    ours = sent(contact)
    took = came(entry, written("I am away", In_Reply_To=ours.carrier_id, Auto_Submitted="auto-replied"))
    assert (took.how, took.contact) == ("joined", contact)
    contact.refresh_from_db()
    assert contact.last_inbound_at == contact.arrived_at
    assert acknowledgements() == 1
    assert took.message.sort == Message.Sort.AUTOMATIC


def test_mail_of_a_list_is_taken_in_and_never_answered(entry):
    assert came(entry, written("Help us", Precedence="list", List_Id="<crew.example.org>")).how == "new"
    assert acknowledgements() == 0


def test_our_own_mail_that_comes_back_is_kept_aside(entry):
    ours = message_id("m7", domain="lines.example.org", secret=settings.SECRET_KEY)
    assert came(entry, written("We have it.", message_id=ours, sender=HELP)).how == "kept"
    assert kept().why == Why.OWN


def test_one_address_is_answered_by_itself_only_so_often(entry):
    for number in range(12):
        came(entry, written(f"Request {number}"), now=NOW + timedelta(minutes=number))
    assert (Contact.objects.count(), acknowledgements()) == (12, 3)
    for hour in range(2, 24):
        came(entry, written(f"Later {hour}"), now=NOW + timedelta(hours=hour))
    assert (Contact.objects.count(), acknowledgements()) == (34, 8)


def test_same_words_again_and_again_wake_nobody(entry):
    took = [came(entry, written("Ticket received.", sender="robot@example.org")) for _ in range(6)]
    assert [one.how for one in took] == ["new"] * 6
    assert acknowledgements() == 3


def bounce(message: Message, *, action: str = "failed", status: str = "5.1.1", **fields: str) -> bytes:
    id_ = fields.get("id_") or message_id(f"m{message.pk}", domain="lines.example.org", secret=settings.SECRET_KEY)
    return (
        "From: Mail Delivery System <MAILER-DAEMON@mx.example.org>\r\n"
        f"To: {HELP}\r\nSubject: Undelivered\r\nAuto-Submitted: auto-replied\r\nReturn-Path: <>\r\n"
        f"Message-ID: <bounce-{message.pk}-{action}@mx.example.org>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; {message.address}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} No such person\r\n"
        f"\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {id_}\r\nSubject: x\r\n\r\n--b--\r\n"
    ).encode()


def test_bounce_is_shown_on_the_address_and_never_answered(entry, outbox):
    contact = make_contact(entry.organisation, email="ani@example.org")
    message = sent(contact)
    assert came(entry, bounce(message)).how == "heard"
    message.refresh_from_db()
    address = Identity.objects.get(value="ani@example.org")
    assert (message.state, address.undelivered_at) == (Message.State.FAILED, NOW)
    assert "No such person" in address.undelivered
    assert contact.events.filter(code="delivery_failed").count() == 1
    assert came(entry, bounce(message)).how == "heard"
    assert contact.events.filter(code="delivery_failed").count() == 1
    assert Message.objects.count() == 2
    assert not Quarantined.objects.exists()


def test_mail_from_an_address_shows_that_it_works_again(entry, outbox):
    message = sent(make_contact(entry.organisation, email="ani@example.org"))
    came(entry, bounce(message))
    came(entry, written("I can read you"))
    assert set(Identity.objects.values_list("undelivered_at", "undelivered")) == {(None, "")}


def test_delay_and_a_full_mailbox_say_nothing_of_the_address(entry, outbox):
    message = sent(make_contact(entry.organisation, email="ani@example.org"))
    assert came(entry, bounce(message, action="delayed", status="4.4.1")).how == "heard"
    assert came(entry, bounce(message, status="5.2.2")).how == "heard"
    message.refresh_from_db()
    assert message.state == Message.State.FAILED
    assert Identity.objects.get(value="ani@example.org").undelivered_at is None


def test_bounce_that_anybody_could_have_written_changes_nothing(entry, outbox):
    message = sent(make_contact(entry.organisation, email="ani@example.org"))
    assert came(entry, bounce(message, id_=f"<m{message.pk}.{'0' * 24}@lines.example.org>")).how == "kept"
    assert kept().why == Why.BOUNCE
    message.refresh_from_db()
    assert message.state == Message.State.SENT


def test_bounce_of_another_organisation_changes_nothing_here(entry, outbox):
    message = sent(make_contact(make_organisation(), email="ani@example.org"))
    came(entry, bounce(message))
    message.refresh_from_db()
    assert message.state == Message.State.SENT


def test_mail_to_staff_that_bounces_is_seen(entry):
    mail = StaffMail.objects.create(
        organisation=entry.organisation, to="lead@example.org", subject="x", body="x", created_at=NOW, due_at=NOW,
        state="sent",
    )  # fmt: skip
    id_ = message_id(f"s{mail.pk}", domain="lines.example.org", secret=settings.SECRET_KEY)
    contact = make_contact(entry.organisation)
    came(entry, bounce(contact.messages.get(direction="out"), id_=id_))
    mail.refresh_from_db()
    assert mail.state == "failed"


def with_files(*files: tuple[str, str, bytes]) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Message-ID"] = "ani@example.org", HELP, "<files@theirs.example.org>"
    mail.set_content("Please see the files.")
    for name, kind, content in files:
        main, sub = kind.split("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    return out.getvalue()


def test_files_come_along_and_what_is_refused_is_said_and_kept(entry, settings, tmp_path):
    settings.UPLOADS_DIR = tmp_path
    raw = with_files(
        ("bild.png", "image/png", picture()), ("letter.docx", "application/zip", b"PK\x03\x04" + b"x" * 60)
    )
    took = came(entry, raw)
    assert took.how == "new"
    assert [one.name for one in took.message.attachments.all()] == ["bild.png"]
    assert took.message.not_taken == [{"name": "letter.docx", "why": "file_type"}]
    assert (kept().why, kept().message, bytes(kept().raw), kept().detail) == (
        Why.PART, took.message, raw, "letter.docx",
    )  # fmt: skip
    assert came(entry, raw).how == "again"
    assert Quarantined.objects.count() == 1


def test_words_are_heard_whatever_becomes_of_a_file(entry, monkeypatch, settings, tmp_path, caplog):
    settings.UPLOADS_DIR = tmp_path
    break_once(monkeypatch, uploads, "keep", RuntimeError)
    took = came(entry, raw := with_files(*[(name, "image/png", picture()) for name in ("a.png", "b.png")]))
    assert (took.how, [one.name for one in took.message.attachments.all()]) == ("new", ["b.png"])
    assert took.message.not_taken == [{"name": "a.png", "why": "failed"}]
    assert (kept().why, kept().message, bytes(kept().raw)) == (Why.PART, took.message, raw)
    assert "a.png" not in caplog.records[0].getMessage()


def test_photo_with_damaged_metadata_comes_along_with_its_words(entry, settings, tmp_path):
    settings.UPLOADS_DIR = tmp_path
    took = came(entry, with_files(("deck.jpg", "image/jpeg", photo_with_damaged_metadata())))
    assert (took.how, took.message.attachments.get().name) == ("new", "deck.jpg")


def with_letter() -> bytes:
    return with_files(("letter.docx", "application/zip", b"PK\x03\x04" + b"x" * 60))


def break_once(monkeypatch, target: object, name: str, error: type[Exception]) -> None:
    """The next call fails; all after it do what they should."""
    whole, calls = getattr(target, name), count()

    def broken(*given, **named):
        if next(calls) == 0:
            raise error("broken")
        return whole(*given, **named)

    monkeypatch.setattr(target, name, broken)


def taken_by_hand(row: Quarantined) -> Message | None:
    took = inbox.take_again(row, now=NOW)
    quarantine.taken(quarantined=row, message=took.message, by=None, now=NOW)
    return took.message


def test_failure_after_the_original_was_kept_is_shown_and_loses_neither_words_nor_file(entry, monkeypatch):
    raw = with_letter()
    break_once(monkeypatch, arrivals, "take", DataError)
    assert came(entry, raw).how == "kept"
    assert (kept().why, kept().detail, kept().message) == (Why.FAILED, "DataError", None)
    assert LiveEvent.objects.filter(topic="board").count() == 2
    assert came(entry, raw).how == "kept"  # nobody has asked for it yet
    message = taken_by_hand(kept())
    assert (kept().why, kept().state, kept().message, kept().detail) == ("part", "kept", message, "letter.docx")
    assert bytes(kept().raw) == raw
    assert came(entry, raw).how == "again"


def test_failure_at_another_mailbox_is_taken_again_there_and_with_its_bytes(entry, monkeypatch):
    raw, other = with_letter(), make_pipe(entry.organisation, "other@lines.example.org")
    break_once(monkeypatch, arrivals, "take", OperationalError)
    with pytest.raises(OperationalError):
        came(entry, raw)
    Quarantined.objects.update(state="discarded", raw=b"", settled_at=NOW)
    break_once(monkeypatch, arrivals, "take", DataError)
    assert came(other, raw).how == "kept"
    row = kept()
    assert (row.why, row.state, row.settled_at, row.entry, bytes(row.raw)) == ("failed", "kept", None, other, raw)


def test_mail_whose_original_was_kept_before_a_crash_is_taken_when_it_comes_again(entry, monkeypatch):
    raw = with_letter()
    break_once(monkeypatch, arrivals, "take", OperationalError)
    with pytest.raises(OperationalError):
        came(entry, raw)
    assert (kept().why, kept().message) == (Why.PART, None)
    took = came(entry, raw)
    assert (took.how, kept().message, kept().contact) == ("new", took.message, took.contact)


@pytest.mark.parametrize("by_hand", [False, True])
def test_original_of_words_that_were_taken_before_a_crash_is_linked_to_them(entry, monkeypatch, by_hand):
    raw = with_letter()
    break_once(monkeypatch, quarantine, "link", OperationalError)
    with pytest.raises(OperationalError):
        came(entry, raw)
    message = taken_by_hand(kept()) if by_hand else came(entry, raw).message
    assert (kept().why, kept().state, kept().message, bytes(kept().raw)) == ("part", "kept", message, raw)
    assert Message.objects.get(direction="in") == message


def test_file_that_is_taken_by_now_needs_no_original(entry, monkeypatch):
    break_once(monkeypatch, arrivals, "take", DataError)
    came(entry, with_letter())
    monkeypatch.setattr(uploads, "_checked", lambda content: ("application/zip", content, ".docx"))
    message = taken_by_hand(kept())
    assert message
    assert message.attachments.get().name == "letter.docx"
    assert (kept().state, kept().message, bytes(kept().raw)) == ("taken", message, b"")


def test_what_a_mail_repeats_is_folded_away(entry):
    took = came(entry, written("Thank you.\n\nOn Tue, 10 Mar 2026 at 12:00, Help <help@x.org> wrote:\n> We have it.\n"))
    assert took.message.body.strip() == "Thank you."
    assert "We have it." in took.message.quoted


def test_mail_that_our_own_fault_keeps_out_is_kept_aside_and_can_be_taken_again(entry, monkeypatch, caplog):
    whole = arrivals.take

    def broken(*_, **__):
        raise DataError("a secret matter")

    monkeypatch.setattr(arrivals, "take", broken)
    assert came(entry, written("Hello, a secret matter", subject="Secret")).how == "kept"
    assert (kept().why, kept().detail, kept().subject) == (Why.FAILED, "DataError", "Secret")
    monkeypatch.setattr(arrivals, "take", whole)
    assert came(entry, bytes(kept().raw)).how == "kept"  # nobody has asked for it yet
    took = inbox.take_again(kept(), now=NOW)
    assert took.how == "new"


def test_disk_that_is_full_has_the_mail_come_again(entry, monkeypatch):
    def full(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(uploads, "keep", full)
    with pytest.raises(OSError, match="No space"):
        came(entry, with_files(("a.png", "image/png", picture())))
    assert not Quarantined.objects.exists()
    assert not Contact.objects.exists()


def test_automatic_mail_is_taken_as_a_persons_words_when_somebody_says_so(entry):
    came(entry, written("I really need help", Auto_Submitted="auto-replied"))
    took = inbox.take_again(kept(), now=NOW)
    assert took.message
    assert (took.how, took.message.sort) == ("new", Message.Sort.REQUEST)


def test_logs_carry_no_word_and_no_address(entry, caplog):
    came(entry, b"\r\n\r\na secret matter of ani@example.org")
    said = " ".join(record.getMessage() for record in caplog.records)
    assert "kept aside" in said
    assert "secret" not in said
    assert "@" not in said
