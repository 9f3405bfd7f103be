"""Updates on our accounts: after approval, once, and what became of it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from pharos.actions import advisories, delivery, posts
from pharos.actions.errors import Refused
from pharos.channels.social import announce
from pharos.channels.social.posting import deliver_posts
from pharos.models import Advisory, EntryPoint, Incident, IncidentEvent, Organisation, Post, Role, User
from tests.channels.mastodon_server import TOKEN, Mastodon
from tests.channels.social.conftest import always, at, make_account
from tests.channels.social_peers import Bridge, served
from tests.factories import NOW, make_incident, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(organisation: Organisation) -> User:
    return make_user(organisation, role=Role.LEAD)


@pytest.fixture
def incident(organisation: Organisation) -> Incident:
    return make_incident(organisation, name={"en": "Storm", "fa": "توفان"})


@pytest.fixture
def update(incident: Incident, by: User) -> Advisory:
    words = {"en": "Boats sail again from 15:00. Next update: {next_update_time}.", "fa": "قایق‌ها از ساعت ۱۵ می‌روند."}
    row = advisories.draft(incident=incident, title={"en": "Boats sail again"}, body=words, by=by, now=NOW)
    advisories.publish(advisory=row, next_update_at=NOW + timedelta(hours=1), by=by, now=NOW)
    row.refresh_from_db()
    return row


@pytest.fixture
def other(inside: None) -> Iterator[Bridge]:
    with served() as server:
        yield server


def announcer(organisation: Organisation, url: str, **fields: object) -> EntryPoint:
    values = {"organisation": organisation, "channel": "social", "adapter": "apprise", "address": "Channel"}
    return EntryPoint.objects.create(**values | {"token": "a", "secret": {"url": url}, "created_at": NOW} | fields)


def deliver(minutes: float = 0) -> None:
    deliver_posts(clock=at(NOW + timedelta(minutes=minutes)), going=always)


def test_update_is_posted_on_each_account_in_its_language_once(
    site: Mastodon, other: Bridge, organisation: Organisation, update: Advisory, by: User
) -> None:
    accounts = [
        make_account(organisation, site, address="@help@lines.example", token="1"),
        announcer(organisation, other.url.replace("http://", "json://"), language="fa"),
    ]
    assert posts.publish(advisory=update, entries=accounts, by=by, now=NOW) == 2
    assert posts.publish(advisory=update, entries=accounts, by=by, now=NOW) == 0
    deliver()
    deliver()
    (public,) = site.public()
    assert public["visibility"] == "public"
    assert public["text"].startswith("Boats sail again\n\nBoats sail again from 15:00. Next update: ")
    assert public["text"].endswith("/en/i/storm/")
    (told,) = other.told
    assert "قایق‌ها" in told["message"]
    assert told["message"].endswith("/fa/i/storm/")
    assert set(Post.objects.values_list("state", "attempts", "maybe_twice")) == {("sent", 1, False)}
    assert IncidentEvent.objects.filter(code="advisory_posted").count() == 1


def test_only_what_the_public_can_read_is_posted(
    site: Mastodon, entry: EntryPoint, incident: Incident, by: User
) -> None:
    row = advisories.draft(incident=incident, title={}, body={"en": "Not yet"}, by=by, now=NOW)
    with pytest.raises(Refused, match="stale"):
        posts.publish(advisory=row, entries=[entry], by=by, now=NOW)
    assert not Post.objects.exists()


def test_only_a_lead_posts_and_only_on_accounts_of_the_house(
    site: Mastodon, entry: EntryPoint, organisation: Organisation, update: Advisory, by: User
) -> None:
    with pytest.raises(Refused):
        posts.publish(advisory=update, entries=[entry], by=make_user(organisation), now=NOW)
    entry.organisation_id = 0
    with pytest.raises(Refused, match="accounts"):
        posts.publish(advisory=update, entries=[entry], by=by, now=NOW)
    assert not Post.objects.exists()


@pytest.mark.parametrize("why", ["drill", "demo"])
def test_drill_and_demonstration_never_leave(
    site: Mastodon, entry: EntryPoint, update: Advisory, by: User, why: str
) -> None:
    if why == "drill":
        Incident.objects.update(is_drill=True)
    else:
        Organisation.objects.update(is_demo=True)
    fresh = Advisory.objects.select_related("incident__organisation").get()
    posts.publish(advisory=fresh, entries=[entry], by=by, now=NOW)
    assert Post.objects.get().state == Post.State.KEPT
    Post.objects.update(state=Post.State.QUEUED)  # nor if it were on its way by mistake
    deliver()
    assert site.calls == []
    assert Post.objects.get().state == Post.State.FAILED


def test_update_that_was_withdrawn_meanwhile_stays(
    site: Mastodon, entry: EntryPoint, update: Advisory, by: User
) -> None:
    posts.publish(advisory=update, entries=[entry], by=by, now=NOW)
    advisories.withdraw(advisory=update, by=by, now=NOW)
    deliver()
    assert site.ours == []
    assert Post.objects.get().failure == "the update was withdrawn meanwhile"


def test_correction_is_a_post_of_its_own(site: Mastodon, entry: EntryPoint, update: Advisory, by: User) -> None:
    posts.publish(advisory=update, entries=[entry], by=by, now=NOW)
    row = advisories.correct(advisory=update, title={}, body={"en": "From 16:00"}, by=by, now=NOW)
    advisories.publish(advisory=row, next_update_at=NOW + timedelta(hours=1), by=by, now=NOW)
    row.refresh_from_db()
    assert posts.publish(advisory=row, entries=[entry], by=by, now=NOW) == 1
    deliver()
    assert len(site.public()) == 2


def test_worker_that_died_is_followed_once_and_that_is_marked(
    site: Mastodon, entry: EntryPoint, update: Advisory, by: User
) -> None:
    posts.publish(advisory=update, entries=[entry], by=by, now=NOW)
    leased = delivery.lease(model=Post, now=NOW)
    assert leased is not None
    deliver()
    assert site.ours == []
    later = NOW + delivery.LEASE
    delivery.release_expired(now=later)
    deliver(1)
    assert not delivery.sent(mail=leased, carrier_id="1", now=later)
    assert len(site.public()) == 1
    assert Post.objects.get().maybe_twice


def test_post_that_went_out_before_the_worker_died_is_one_post_on_mastodon(
    site: Mastodon, entry: EntryPoint, update: Advisory, by: User
) -> None:
    posts.publish(advisory=update, entries=[entry], by=by, now=NOW)
    deliver()
    Post.objects.update(state="sending", lease_until=NOW)
    delivery.release_expired(now=NOW)
    deliver(1)
    assert len(site.public()) == 1


def test_server_that_is_away_is_tried_again(site: Mastodon, entry: EntryPoint, update: Advisory, by: User) -> None:
    posts.publish(advisory=update, entries=[entry], by=by, now=NOW)
    site.says = [503, 500]
    deliver()
    deliver(0.3)
    deliver(2)
    assert (Post.objects.get().state, Post.objects.get().attempts, len(site.public())) == ("sent", 3, 1)


def test_failed_post_goes_again_when_the_lead_says_so(
    site: Mastodon, entry: EntryPoint, update: Advisory, by: User
) -> None:
    posts.publish(advisory=update, entries=[entry], by=by, now=NOW)
    site.always = 422
    deliver()
    post = Post.objects.get()
    assert (post.state, post.failure) == ("failed", "HTTP 422: the server does not take this text")
    site.always = 0
    assert delivery.send_again(mail=post, by=by, now=NOW)
    assert not delivery.send_again(mail=post, by=by, now=NOW)
    deliver()
    assert len(site.public()) == 1


@pytest.mark.parametrize(
    ("status", "state", "unsure"), [(503, "queued", False), (429, "queued", False), (403, "failed", False)]
)
def test_refusals_that_apprise_tells(
    other: Bridge, organisation: Organisation, update: Advisory, by: User, status: int, state: str, unsure: bool
) -> None:
    other.says = status
    entry = announcer(organisation, other.url.replace("http://", "json://user:" + TOKEN + "@"))
    posts.publish(advisory=update, entries=[entry], by=by, now=NOW)
    deliver()
    post = Post.objects.get()
    assert (post.state, post.maybe_twice) == (state, unsure)
    assert f"error={status}" in post.failure
    assert TOKEN not in post.failure


def test_server_that_apprise_cannot_reach_is_tried_again(
    inside: None, organisation: Organisation, update: Advisory, by: User
) -> None:
    posts.publish(advisory=update, entries=[announcer(organisation, "json://127.0.0.1:1/")], by=by, now=NOW)
    deliver()
    assert (Post.objects.get().state, Post.objects.get().maybe_twice) == ("queued", False)


def test_post_whose_end_nobody_knows_is_left_to_the_lead(
    other: Bridge, organisation: Organisation, update: Advisory, by: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announce, "WITHIN_S", 0.3)
    other.wait_s = 1.0
    entry = announcer(organisation, other.url.replace("http://", "json://"))
    posts.publish(advisory=update, entries=[entry], by=by, now=NOW)
    deliver()
    assert (Post.objects.get().state, Post.objects.get().maybe_twice) == ("failed", True)


@pytest.mark.parametrize("url", ["syslog://", "dbus://", "nothing://x", "not an address", "file:///etc/passwd", ""])
def test_what_stays_on_this_machine_or_is_unknown_is_no_account(
    inside: None, organisation: Organisation, update: Advisory, by: User, url: str
) -> None:
    assert announce.fault(url)
    posts.publish(advisory=update, entries=[announcer(organisation, url)], by=by, now=NOW)
    deliver()
    assert Post.objects.get().state == "failed"


def test_network_inside_is_not_reached_by_an_announcement(
    organisation: Organisation, update: Advisory, by: User
) -> None:
    with served() as server:
        entry = announcer(organisation, server.url.replace("http://", "json://"))
        posts.publish(advisory=update, entries=[entry], by=by, now=NOW)
        deliver()
        assert server.told == []
    assert Post.objects.get().failure == "this address lies inside the network"


def test_account_that_was_removed_or_switched_off(
    site: Mastodon, entry: EntryPoint, update: Advisory, by: User
) -> None:
    posts.publish(advisory=update, entries=[entry], by=by, now=NOW)
    EntryPoint.objects.update(is_on=False)
    deliver()
    assert Post.objects.get().failure == "this account is not in use any more"
    assert site.calls == []


@pytest.mark.parametrize(("most", "expected"), [(None, 500), (280, 280), (5, 200)])
def test_long_update_is_cut_and_keeps_its_page(
    site: Mastodon, organisation: Organisation, incident: Incident, by: User, most: int | None, expected: int
) -> None:
    words = " ".join(f"word{number}" for number in range(300))
    row = advisories.draft(incident=incident, title={"en": "Boats"}, body={"en": words}, by=by, now=NOW)
    advisories.publish(advisory=row, next_update_at=NOW + timedelta(hours=1), by=by, now=NOW)
    row.refresh_from_db()
    entry = make_account(organisation, site, options={"url": site.url, "most": most})
    posts.publish(advisory=row, entries=[entry], by=by, now=NOW)
    deliver()
    (public,) = site.public()
    said, page = public["text"].rsplit("\n\n", 1)
    assert page.endswith("/en/i/storm/")
    assert said.startswith("Boats\n\nword0 word1")
    assert said.endswith("…")
    assert expected - 20 < len(public["text"]) <= expected
