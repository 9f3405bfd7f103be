"""The list of contacts as a lead uses it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from pharos.actions import merging, words
from pharos.models import Contact, Role
from pharos.queries import search
from tests.factories import make_agent, make_contact, make_incident, make_organisation, make_user


def test_a_lead_narrows_the_list(centre, as_lead):
    incident = make_incident(centre)
    refund = make_contact(centre, now=timezone.now(), request_type="refund", incident=incident, text="My money, please")
    danger = make_contact(centre, now=timezone.now(), danger=True)
    Contact.objects.filter(pk=refund.pk).update(state="active", agent=make_agent(centre, "ani"))
    address = reverse("contacts")
    every = as_lead.get(address, {"q": ""}).text
    assert "All contacts, the newest first" in every
    assert every.index(danger.reference) < every.index(refund.reference)
    assert "My money, please" in every
    for asked in ({"state": "active"}, {"queue": refund.lane.queue_id}, {"band": "3"}, {"incident": incident.pk}):
        text = as_lead.get(address, asked).text
        assert "Found, the newest first" in text
        assert (refund.reference in text, danger.reference in text) == (True, False)


@pytest.mark.parametrize(
    "asked", [{"state": "gone"}, {"queue": "x"}, {"band": "9"}, {"before": "۱"}, {"after": "9" * 40}, {"page": "2"}]
)
def test_what_cannot_be_understood_is_not_asked(centre, as_lead, asked):
    contact = make_contact(centre, now=timezone.now())
    answer = as_lead.get(reverse("contacts"), asked)
    assert answer.status_code == 200
    assert contact.reference in answer.text


def test_pages_keep_the_question(centre, as_lead, monkeypatch):
    monkeypatch.setattr(search.page, "__kwdefaults__", {"limit": 1})
    first, second = (make_contact(centre, now=timezone.now(), name="Ani") for _ in range(2))
    words.write_due()
    address = reverse("contacts")
    newest = as_lead.get(address, {"q": "ani", "state": "waiting"}).text
    assert second.reference in newest
    assert f'rel="next" href="?q=ani&amp;state=waiting&amp;before={second.pk}"' in newest
    older = as_lead.get(address, {"q": "ani", "state": "waiting", "before": second.pk}).text
    assert first.reference in older
    assert f'rel="prev" href="?q=ani&amp;state=waiting&amp;after={first.pk}"' in older
    assert 'href="?q=ani&amp;state=waiting"' in older


def test_a_merged_contact_says_where_it_is(centre, as_lead):
    kept, gone = (make_contact(centre, now=timezone.now(), name="Ani") for _ in range(2))
    lead = make_user(centre, "second", role=Role.LEAD)
    merge = merging.merge(keep=kept, join=gone, by=lead, reasons=[], now=timezone.now())
    link = f'href="{reverse("lead_contact", args=[kept.reference])}">Merged into \u2068{kept.reference}\u2069</a>'
    own = [reverse("lead_contact", args=[one.reference]) for one in (gone, kept)]
    earliest = (
        f"It takes the earliest place of the contacts that were merged: this one and \u2068{gone.reference}\u2069."
    )
    assert link in as_lead.get(reverse("contacts"), {"q": ""}).text
    assert link in as_lead.get(own[0]).text
    assert earliest in as_lead.get(own[1]).text
    merging.undo(merge=merge, by=lead, now=timezone.now())
    assert link not in as_lead.get(reverse("contacts"), {"q": ""}).text
    assert earliest not in as_lead.get(own[1]).text


def test_another_organisation_is_no_choice(centre, as_lead):
    other = make_organisation("other", host="other.example.org")
    incident = make_incident(other, "flood", name={"en": "Flood elsewhere"})
    contact = make_contact(other, now=timezone.now(), incident=incident)
    text = as_lead.get(reverse("contacts"), {"incident": incident.pk}).text
    assert "Flood elsewhere" not in text
    assert contact.reference not in text
