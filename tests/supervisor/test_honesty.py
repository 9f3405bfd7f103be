"""The page that says how honest the told waits were."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from pharos.models import LookAhead, Organisation
from tests.queries.test_honesty import told

pytestmark = pytest.mark.django_db
PATH = "/lead/waits/"


def test_nothing_came_due_yet(as_lead) -> None:
    assert reverse("told_waits") == PATH
    text = as_lead.get(PATH).content.decode()
    assert "Nothing that was told has come due yet." in text
    assert "waits are measured as soon as agents are available" in text


def test_every_class_has_its_row(as_lead, centre: Organisation) -> None:
    now = timezone.now()
    for waited_s in (300, 600, 3000):
        told(centre, now=now, waited_s=waited_s, kept=waited_s < 3000, ago=timedelta(hours=3))
    text = as_lead.get(PATH).content.decode()
    assert text.count('<span class="figure">67%</span>') == 4  # kept and covered, of all and of the one class
    assert "of 3; in the long run 21% to 94%" in text
    assert "69% of the mean wait" in text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"paths": 60, "without": "its machine code is being made"}, "The fast way is missing"),
        ({"paths": 200}, "from 200 futures"),
        ({}, "that happens at night"),
        ({"lessons": 500, "residual": {}, "gain": 0.12, "learned": True}, "takes away 12% of the error"),
        ({"lessons": 500, "gain": -0.12, "learned": True}, "taught nothing that helps others"),
    ],
)
def test_how_waits_are_worked_out_is_said(as_lead, centre: Organisation, fields, said) -> None:
    now = timezone.now()
    known = {name: value for name, value in fields.items() if name != "learned"}
    LookAhead.objects.create(organisation=centre, at=now, learned_at=now if "learned" in fields else None, **known)
    assert said in as_lead.get(PATH).content.decode()


def test_the_board_leads_there(as_lead) -> None:
    assert f'href="{PATH}"' in as_lead.get("/lead/").content.decode()
