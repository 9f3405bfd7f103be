"""Mail is well formed whatever a person typed."""

from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharos.channels import DeliveryError, Sender, Via
from pharos.channels.email.compose import compose, is_message_id, tagged
from tests.channels.conftest import outbound


def made(**fields):
    """The mail as a reader's program understands it."""
    return message_from_bytes(compose(outbound(**fields), secret="s").as_bytes(), policy=policy.default)


def test_compose_names_sender_recipient_language_and_time():
    mail = made()
    assert mail["From"] == "Storm Lines <help@lines.example.org>"
    assert mail["To"] == "person@example.org"
    assert mail["Subject"] == "We have your request"
    assert mail["Date"] == "Tue, 10 Mar 2026 12:00:00 +0000"
    assert mail["Content-Language"] == "en"
    assert mail["Auto-Submitted"] is None
    assert mail["In-Reply-To"] is None


def test_compose_marks_what_no_person_wrote():
    assert made(answers="auto-replied")["Auto-Submitted"] == "auto-replied"
    assert made(answers="auto-generated")["Auto-Submitted"] == "auto-generated"


def test_compose_joins_the_persons_thread():
    mail = made(in_reply_to="<2@person>", references=("<1@us>", "<2@person>"))
    assert mail["In-Reply-To"] == "<2@person>"
    assert mail["References"] == "<1@us> <2@person>"


def via(address="desk@lines.example.org", **options):
    return Via(pk=1, adapter="imap", address=address, token="t", options=options, secret={})


def test_compose_asks_for_answers_at_the_mailbox_with_a_tag_of_this_message():
    first, second = (made(key=key, via=via(tags="+"))["Reply-To"].addresses[0].addr_spec for key in ("m1", "m2"))
    assert first.startswith("desk+")
    assert first.endswith("@lines.example.org")
    assert (tagged(first, secret="s"), tagged(second, secret="s")) == ("m1", "m2")


def test_compose_asks_for_answers_at_a_mailbox_that_takes_no_tags_only_when_it_is_not_the_sender():
    assert made(via=via())["Reply-To"].addresses[0].addr_spec == "desk@lines.example.org"
    assert made(via=via("Help@lines.example.org"))["Reply-To"] is None
    assert made()["Reply-To"] is None


@pytest.mark.parametrize("bad", ["no id", "<a@b>\r\nBcc: x@y.org", "<a b@c>", "<a@b> <c@d>", "<@>"])
def test_compose_leaves_out_ids_that_are_none(bad):
    assert not is_message_id(bad)
    mail = made(in_reply_to=bad, references=(bad,))
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None


def test_compose_again_is_the_same_to_the_last_byte_and_another_message_has_another_id():
    first, again, other = (compose(one, secret="s").as_bytes() for one in (outbound(), outbound(), outbound(key="m2")))
    assert first == again
    assert made()["Message-ID"] != made(key="m2")["Message-ID"]
    assert first != other
    assert made()["Message-ID"].startswith("<m1.")
    assert made()["Message-ID"].endswith("@lines.example.org>")


def test_compose_shows_persian_from_right_to_left_and_encodes_names():
    house = Sender("x", "help@lines.example.org", "خطوط طوفان", is_demo=False)
    mail = made(
        sender=house, language="fa", subject="درخواست شما رسید", body="سلام\n\nصفحهٔ شما: https://a.example/fa/r/x/"
    )
    assert mail["From"].addresses[0].display_name == "خطوط طوفان"
    assert mail["Subject"] == "درخواست شما رسید"
    assert mail.get_body(("plain",)).get_content().splitlines() == ["سلام", "", "صفحهٔ شما: https://a.example/fa/r/x/"]
    page = mail.get_body(("html",)).get_content()
    assert '<html lang="fa" dir="rtl">' in page
    assert '<a href="https://a.example/fa/r/x/">https://a.example/fa/r/x/</a>' in page
    assert b"\xd8" not in compose(outbound(subject="سلام", body="سلام"), secret="s").as_bytes()


def test_compose_escapes_what_looks_like_html_and_leaves_the_full_stop_out_of_the_link():
    page = made(body="<script>x</script>\nhttps://a.example/?a=1&b=2.").get_body(("html",)).get_content()
    assert "<script>" not in page
    assert '<a href="https://a.example/?a=1&amp;b=2">https://a.example/?a=1&amp;b=2</a>.' in page


BAD_ADDRESSES = [
    "",
    "person",
    "@example.org",
    "person@",
    "a@b@c.org",
    "person@example.org\nBcc: all@example.org",
    "person@example.org\r\nBcc: all@example.org",
    "person@example.org, other@example.org",
    "Person <person@example.org>",
    "person @example.org",
    "person@exam ple.org",
    "person@example.org\x00",
    "մարդ@example.org",
    "person@" + "x" * 300 + ".org",
]


@pytest.mark.parametrize("bad", BAD_ADDRESSES)
def test_compose_refuses_for_good_what_is_no_address(bad):
    with pytest.raises(DeliveryError) as refused:
        made(address=bad)
    assert refused.value.permanent


def test_compose_with_a_bad_sender_can_be_tried_again_when_that_is_put_right():
    with pytest.raises(DeliveryError) as refused:
        made(sender=Sender("x", "nobody", "Storm Lines", is_demo=False))
    assert not refused.value.permanent


def test_compose_writes_a_domain_of_other_letters_as_the_network_knows_it():
    assert made(address="person@bücher.example")["To"] == "person@xn--bcher-kva.example"


@given(subject=st.text(max_size=400), body=st.text(max_size=400), name=st.text(max_size=100))
def test_compose_lets_no_text_become_a_header(subject, body, name):
    sender = Sender("x", "help@lines.example.org", name, is_demo=False)
    mail = made(subject=subject, body=body, sender=sender)
    known = {"From", "To", "Subject", "Date", "Message-ID", "Content-Language", "MIME-Version", "Content-Type"}
    assert set(mail.keys()) == known
    assert str(mail["To"]) == "person@example.org"
    assert [one.addr_spec for one in mail["From"].addresses] == ["help@lines.example.org"]
