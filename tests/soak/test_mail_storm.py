"""Eight thousand automatic answers at once: no loop, no loss, nothing twice."""

import pytest

from tests.channels.email.test_faults import storm

pytestmark = [pytest.mark.soak, pytest.mark.django_db(transaction=True)]


def test_eight_thousand_machines_that_answer_at_once_end_there(settings, tmp_path):
    settings.OUTBOX_DIR = tmp_path / "outbox"
    storm(8_000)
