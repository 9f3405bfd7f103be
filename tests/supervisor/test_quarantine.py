"""Mail kept aside, in set-up: seen as plain text, taken in once more, thrown away."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.urls import reverse

from pharos.actions import arrivals, quarantine, trims
from pharos.actions.errors import Refused
from pharos.channels.email.inbox import Came, take_in
from pharos.models import Contact, Quarantined
from tests.channels.email.conftest import make_pipe, written
from tests.channels.email.test_inbox import with_letter
from tests.factories import NOW, make_organisation

pytestmark = pytest.mark.django_db


def kept(organisation, raw: bytes) -> Quarantined:
    take_in(Came(raw, make_pipe(organisation), len(raw)), now=NOW)
    return Quarantined.objects.get()


def automatic(text: str = "I need help") -> bytes:
    return written(text, subject="Away <b>", Auto_Submitted="auto-replied")


def test_mail_kept_aside_is_listed_and_told_of(centre, as_admin):
    assert "Nothing is kept aside" in as_admin.get(reverse("quarantined")).text
    assert reverse("quarantined") not in as_admin.get(reverse("mail")).text
    row = kept(centre, automatic())
    assert "Away &lt;b&gt;" in as_admin.get(reverse("quarantined")).text
    assert "One mail is kept aside" in as_admin.get(reverse("mail")).text
    page = as_admin.get(reverse("quarantined_mail", args=[row.pk]))
    assert "An automatic answer to nothing that we sent" in page.text
    assert "I need help" in page.text


def test_mail_that_cannot_be_read_is_shown_as_text_and_downloaded_safely(centre, as_admin):
    raw = b"\r\n\r\n<script>alert(1)</script>\x00"
    row = kept(centre, raw)
    page = as_admin.get(reverse("quarantined_mail", args=[row.pk])).text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    file = as_admin.get(reverse("quarantined_file", args=[row.pk]))
    assert (file.content, file["Content-Type"]) == (raw, "application/octet-stream")
    assert "attachment" in file["Content-Disposition"]


def test_mail_is_taken_in_when_somebody_says_so(centre, admin, as_admin):
    row = kept(centre, automatic())
    answer = as_admin.post(reverse("quarantined_again", args=[row.pk]))
    contact = Contact.objects.get()
    assert answer["Location"] == reverse("lead_contact", args=[contact.reference])
    row.refresh_from_db()
    assert (row.state, row.contact, row.settled_by, bytes(row.raw)) == ("taken", contact, admin, b"")
    assert as_admin.post(reverse("quarantined_again", args=[row.pk])).status_code == 404
    assert Contact.objects.count() == 1


def test_mail_that_is_still_of_no_use_stays(centre, as_admin):
    row = kept(centre, b"\r\n\r\nno head")
    answer = as_admin.post(reverse("quarantined_again", args=[row.pk]), follow=True)
    assert "It could not be taken in this time either" in answer.text
    row.refresh_from_db()
    assert (row.state, bytes(row.raw)) == ("kept", b"\r\n\r\nno head")


def test_mail_that_was_left_between_its_file_and_its_words_can_be_taken_in(centre, as_admin, monkeypatch):
    def stopped(*_, **__):
        raise OperationalError

    raw, whole = with_letter(), arrivals.take
    monkeypatch.setattr(arrivals, "take", stopped)
    with pytest.raises(OperationalError):
        kept(centre, raw)
    monkeypatch.setattr(arrivals, "take", whole)
    row = Quarantined.objects.get()
    again = reverse("quarantined_again", args=[row.pk])
    page = as_admin.get(reverse("quarantined_mail", args=[row.pk])).text
    assert "Something of ours went wrong" in page
    assert again in page
    as_admin.post(again)
    row.refresh_from_db()
    assert (row.why, row.state, row.contact, bytes(row.raw)) == ("part", "kept", Contact.objects.get(), raw)
    page = as_admin.get(reverse("quarantined_mail", args=[row.pk])).text
    assert "Its words came in, a file did not" in page
    assert again not in page


def test_mail_is_thrown_away_and_does_not_come_back(centre, admin, as_admin):
    raw = automatic()
    row = kept(centre, raw)
    as_admin.post(reverse("quarantined_discard", args=[row.pk]))
    row.refresh_from_db()
    assert (row.state, row.settled_by, bytes(row.raw)) == ("discarded", admin, b"")
    assert row.entry
    assert take_in(Came(raw, row.entry, len(raw)), now=NOW).how == "kept"
    assert Quarantined.objects.count() == 1
    with pytest.raises(Refused):
        quarantine.discard(quarantined=row, by=admin, now=NOW)


def test_mail_of_another_organisation_is_not_there(as_admin):
    row = kept(make_organisation(), automatic())
    for name in ("quarantined_mail", "quarantined_file"):
        assert as_admin.get(reverse(name, args=[row.pk])).status_code == 404
    for name in ("quarantined_again", "quarantined_discard"):
        assert as_admin.post(reverse(name, args=[row.pk])).status_code == 404
    row.refresh_from_db()
    assert row.state == "kept"


def test_reports_are_dropped_in_time_and_a_persons_words_are_not(centre):
    kept(centre, automatic())
    entry = Quarantined.objects.get().entry
    assert entry
    take_in(Came(b"\r\n\r\nunreadable", entry, 14), now=NOW)
    trims.quarantined(now=NOW + timedelta(days=44))
    assert Quarantined.objects.count() == 2
    trims.quarantined(now=NOW + timedelta(days=46))
    assert Quarantined.objects.get().why == "unreadable"


def test_mail_that_its_server_does_not_give_says_where_it_is_and_cannot_be_taken_from_here(centre, as_admin):
    entry, why = make_pipe(centre), Quarantined.Why.NOT_GIVEN
    row = quarantine.keep(
        organisation=centre, entry=entry, key="uid:1:1:7", why=why, detail="UID 7", raw=b"", size=0, now=NOW
    )
    assert "The mail server lists it and does not give it" in as_admin.get(reverse("quarantined")).text
    page = as_admin.get(reverse("quarantined_mail", args=[row.pk])).text
    assert "It is still in the mailbox." in page
    assert "UID 7" in page
    for way in ("quarantined_again", "quarantined_file"):
        assert reverse(way, args=[row.pk]) not in page
    as_admin.post(reverse("quarantined_again", args=[row.pk]))
    row.refresh_from_db()
    assert (row.why, row.state, row.detail) == ("not_given", "kept", "UID 7")
