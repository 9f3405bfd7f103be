"""Direct messages on Mastodon: to one person, once, and what each refusal means."""

from datetime import timedelta

import pytest

from pharos.channels import DeliveryError
from pharos.channels.delivery import deliver_messages
from pharos.channels.social import Social
from pharos.models import Contact, EntryPoint, Message
from tests.channels.mastodon_server import TOKEN, Mastodon
from tests.channels.social.conftest import always, at, read, send
from tests.channels.social_peers import MastodonPeer
from tests.factories import NOW


def sent(site: Mastodon, **fields: object) -> str:
    with Social().opened() as send_one:
        return send_one(MastodonPeer(site).outbound(**fields))


def refusal(site: Mastodon, **fields: object) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        sent(site, **fields)
    return caught.value


def test_message_is_direct_and_names_only_its_person(site: Mastodon) -> None:
    body = "Ask @stranger@far.example or .@other, mail help@lines.example, see https://far.example/@third"
    sent(site, body=body, language="zh-hans")
    (post,) = site.ours
    assert post["visibility"] == "direct"
    assert [one["acct"] for one in post["mentions"]] == ["ani@far.example"]
    assert post["text"].replace("\u200b", "") == f"@ani@far.example {body}"
    assert post["language"] == "zh"


def test_long_message_is_a_thread_of_direct_ones(site: Mastodon) -> None:
    body = " ".join(f"word{number}" for number in range(300))
    first = sent(site, body=body)
    assert len(site.ours) > 3
    assert first == f"{site.ours[0]['id']}@{site.url.removeprefix('http://')}"
    assert all(one["visibility"] == "direct" and len(one["text"]) <= 500 for one in site.ours)
    assert [one["in_reply_to_id"] for one in site.ours[1:]] == [one["id"] for one in site.ours[:-1]]
    assert sent(site, body=body) == first
    assert len(site.ours) == len({one["text"] for one in site.ours})


def test_message_that_was_cut_off_in_the_middle_goes_on_without_doubles(site: Mastodon) -> None:
    body = " ".join(f"word{number}" for number in range(200))

    def away(_handler: object) -> None:
        site.always, site.on_post = 503, None

    site.on_post = away
    assert not refusal(site, body=body).permanent
    site.always = 0
    sent(site, body=body)
    assert len(site.ours) == len({one["text"] for one in site.ours})


def test_reply_to_what_is_gone_goes_out_alone(site: Mastodon) -> None:
    host = site.url.removeprefix("http://")
    sent(site, in_reply_to=f"404404@{host}")
    assert site.ours[0]["in_reply_to_id"] is None


def test_id_of_another_server_is_not_answered_here(site: Mastodon) -> None:
    other = site.keeps("stranger", "hello", visibility="public")
    sent(site, in_reply_to=f"{other['id']}@elsewhere.example")
    assert site.ours[0]["in_reply_to_id"] is None


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (401, False),
        (403, True),
        (404, True),
        (410, True),
        (422, True),
        (429, False),
        (500, False),
        (503, False),
        (302, False),
    ],
)
def test_refusals(site: Mastodon, status: int, permanent: bool) -> None:
    site.always = status
    error = refusal(site, body="lantern")
    assert error.permanent == permanent
    assert not error.unsure
    assert error.reason.startswith(f"HTTP {status}")
    assert "lantern" not in error.reason


def test_token_that_is_wrong_is_not_the_fault_of_the_message(site: Mastodon) -> None:
    message = MastodonPeer(site).outbound()
    assert message.via is not None
    message.via.secret["token"] = TOKEN + "x"  # type: ignore[index]
    with Social().opened() as send_one, pytest.raises(DeliveryError) as caught:
        send_one(message)
    assert not caught.value.permanent
    assert TOKEN not in caught.value.reason


def test_server_that_is_away_is_sure_not_to_have_it(site: Mastodon) -> None:
    peer = MastodonPeer(Mastodon(url="http://127.0.0.1:1"))
    with Social().opened() as send_one, pytest.raises(DeliveryError) as caught:
        send_one(peer.outbound())
    assert (caught.value.permanent, caught.value.unsure) == (False, False)


def test_answer_that_is_not_of_mastodon(site: Mastodon) -> None:
    site.always = 200
    assert not refusal(site).permanent


def test_server_inside_the_network_is_not_reached(site: Mastodon, settings) -> None:
    settings.ENVIRONMENT.webhook_networks.clear()
    assert not refusal(site).permanent
    assert site.calls == []


@pytest.mark.django_db
def test_rate_limit_puts_off_until_its_end_and_counts_for_nothing(site: Mastodon, entry: EntryPoint) -> None:
    site.writes("ani@far.example", "@help hello", visibility="direct")
    read()
    site.always, site.reset = 429, NOW + timedelta(minutes=3)
    for minute in range(0, 60, 5):
        deliver_messages(clock=at(NOW + timedelta(minutes=minute)), going=always)
    message = Message.objects.get(direction="out")
    assert (message.state, message.attempts) == ("queued", 0)
    assert message.due_at == NOW + timedelta(minutes=55 + 3)
    site.always = 0
    send(NOW + timedelta(minutes=58))
    assert len(site.direct()) == 1
    assert Contact.objects.count() == 1


@pytest.mark.django_db
def test_rate_limit_for_days_is_a_failure_in_the_end(site: Mastodon, entry: EntryPoint) -> None:
    site.writes("ani@far.example", "@help hello", visibility="direct")
    read()
    site.always = 429
    site.reset = NOW + timedelta(hours=9)
    for hour in range(40):
        deliver_messages(clock=at(NOW + timedelta(hours=hour)), going=always)
    assert Message.objects.get(direction="out").state == "failed"
