"""What is trimmed is old and needed by nobody."""

from datetime import timedelta

import pytest

from pharos import live
from pharos.actions import trims
from pharos.models import Attachment, LiveEvent, Submission
from tests.factories import NOW, make_contact, make_organisation

pytestmark = pytest.mark.django_db


def test_live_log_keeps_the_last_hour(monkeypatch):
    monkeypatch.setattr(trims, "BATCH", 2)
    organisation = make_organisation()
    for minutes in (61, 62, 63, 60, 1):
        live.nudge(organisation_id=organisation.pk, topics=["board"], now=NOW - timedelta(minutes=minutes))
    assert [trims.live_log(now=NOW) for _ in range(3)] == [2, 1, 0]
    assert sorted(NOW - at for at in LiveEvent.objects.values_list("at", flat=True)) == [
        timedelta(minutes=1),
        timedelta(minutes=60),
    ]


def test_submissions_of_a_month_are_kept_and_the_contact_always():
    contact = make_contact(make_organisation())
    assert trims.submissions(now=NOW + timedelta(days=30)) == 0
    assert trims.submissions(now=NOW + timedelta(days=30, seconds=1)) == 1
    assert not Submission.objects.exists()
    contact.refresh_from_db()


def test_staged_attachments_go_with_their_file_and_sent_ones_stay(settings, tmp_path):
    settings.UPLOADS_DIR = tmp_path
    contact = make_contact(make_organisation())
    old = NOW - timedelta(hours=25)
    kinds = {
        "forgotten": (None, old),
        "fresh": (None, NOW),
        "sent": (contact.messages.all()[0], old),
        "lost": (None, old),
    }
    for name, (message, created_at) in kinds.items():
        if name != "lost":
            (tmp_path / name).write_text("x")
        values = {"token": name, "name": name, "media_type": "text/plain", "size": 1, "path": name}
        Attachment.objects.create(organisation=contact.organisation, message=message, created_at=created_at, **values)
    assert trims.staged_attachments(now=NOW) == 2
    assert {path.name for path in tmp_path.iterdir()} == {"fresh", "sent"}
    assert set(Attachment.objects.values_list("name", flat=True)) == {"fresh", "sent"}
