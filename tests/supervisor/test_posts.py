"""An update on our accounts, as a lead posts it and sees what became of it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from pharos.actions import advisories
from pharos.models import Advisory, Channel, EntryPoint, Organisation, Post, User
from tests.factories import NOW, make_entry, make_incident, make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def update(centre: Organisation, lead: User) -> Advisory:
    incident = make_incident(centre, name={"en": "Storm"})
    words = {"en": "Boats sail again", "fa": "قایق‌ها دوباره می‌روند"}
    row = advisories.draft(incident=incident, title={}, body=words, by=lead, now=NOW)
    advisories.publish(advisory=row, next_update_at=NOW + timedelta(hours=1), by=lead, now=NOW)
    row.refresh_from_db()
    return row


@pytest.fixture
def account(centre: Organisation) -> EntryPoint:
    return make_entry(centre, Channel.SOCIAL, "@help@lines.example", adapter="mastodon", language="fa")


def page(update: Advisory) -> str:
    return reverse("incident_posts", args=["storm", update.pk])


def test_lead_sees_the_words_and_posts_them_once(as_lead: Client, update: Advisory, account: EntryPoint) -> None:
    shown = as_lead.get(page(update)).text
    assert "قایق‌ها دوباره می‌روند" in shown
    assert "/fa/i/storm/" in shown
    for _ in range(2):
        answer = as_lead.post(page(update), {"account": account.pk}, follow=True)
        assert answer.status_code == 200
    assert "On its way" in answer.text
    assert Post.objects.count() == 1


def test_console_leads_there_and_says_how_it_stands(as_lead: Client, update: Advisory, account: EntryPoint) -> None:
    as_lead.post(page(update), {"account": account.pk})
    Post.objects.update(state="failed", failure="HTTP 422: the server does not take this text")
    console = as_lead.get(reverse("incident", args=["storm"])).text
    assert page(update) in console
    assert "Did not go out: 1" in console


def test_failed_post_is_sent_again_once(as_lead: Client, update: Advisory, account: EntryPoint) -> None:
    as_lead.post(page(update), {"account": account.pk})
    Post.objects.update(state="failed", failure="HTTP 422: no", maybe_twice=True)
    shown = as_lead.get(page(update)).text
    assert "HTTP 422: no" in shown
    assert "It may be out after all" in shown
    again = reverse("incident_post_again", args=["storm", update.pk, Post.objects.get().pk])
    assert "It goes out again." in as_lead.post(again, follow=True).text
    assert "It goes out again." not in as_lead.post(again, follow=True).text
    assert Post.objects.get().state == "queued"


def test_nothing_chosen_is_said_and_changes_nothing(as_lead: Client, update: Advisory, account: EntryPoint) -> None:
    for chosen in ({}, {"account": "0"}, {"account": "x"}):
        assert "Choose at least one account." in as_lead.post(page(update), chosen, follow=True).text
    assert not Post.objects.exists()


def test_without_accounts_the_way_to_one_is_shown(as_lead: Client, update: Advisory) -> None:
    assert "No account is set up" in as_lead.get(page(update)).text


def test_draft_has_no_such_page_and_a_withdrawn_update_posts_nothing(
    as_lead: Client, update: Advisory, account: EntryPoint, lead: User
) -> None:
    draft = advisories.correct(advisory=update, title={}, body={"en": "Not yet"}, by=lead, now=NOW)
    assert as_lead.get(page(draft)).status_code == 404
    advisories.withdraw(advisory=update, by=lead, now=NOW)
    assert "This update was withdrawn" in as_lead.get(page(update)).text
    as_lead.post(page(update), {"account": account.pk})
    assert not Post.objects.exists()


def test_drill_is_kept_and_says_so(as_lead: Client, update: Advisory, account: EntryPoint) -> None:
    update.incident.is_drill = True
    update.incident.save()
    assert "Nothing leaves the house" in as_lead.get(page(update)).text
    assert "Kept here" in as_lead.post(page(update), {"account": account.pk}, follow=True).text
    assert Post.objects.get().state == "kept"


def test_accounts_of_another_organisation_are_out_of_reach(
    as_lead: Client, update: Advisory, account: EntryPoint
) -> None:
    other = make_entry(make_organisation(), Channel.SOCIAL, "@them@far.example", adapter="mastodon")
    assert "@them@far.example" not in as_lead.get(page(update)).text
    as_lead.post(page(update), {"account": other.pk})
    assert not Post.objects.exists()
