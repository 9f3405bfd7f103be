"""Only marks of our own come back as the message they were made for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharos.channels.email.tags import message_id, own_key, tag, tagged, tagged_address

KEYS = st.builds(lambda letter, number: f"{letter}{number}", st.sampled_from("ms"), st.integers(1, 2**50))


@given(key=KEYS, secret=st.text(max_size=40))
def test_own_marks_come_back_as_their_message(key, secret):
    address = tagged_address("help@lines.example.org", key, separator="+", secret=secret)
    assert tagged(address, secret=secret) == tagged(address.upper(), secret=secret) == key
    assert own_key(message_id(key, domain="lines.example.org", secret=secret), secret=secret) == key


@given(key=KEYS, other=KEYS)
def test_marks_of_two_messages_differ_and_show_nothing_of_either(key, other):
    first, second = tag(key, secret="s"), tag(other, secret="s")
    assert (first == second) == (key == other)
    assert len(first) == 32
    assert first.isalnum()


@pytest.mark.parametrize("at", [0, 5, 19, 20, 31])
def test_a_tag_with_one_letter_changed_names_nothing(at):
    made = tag("m12", secret="s")
    changed = made[:at] + ("a" if made[at] != "a" else "b") + made[at + 1 :]
    assert tagged(f"help+{changed}@x.org", secret="s") == ""


@pytest.mark.parametrize(
    "address",
    ["", "help@x.org", "help+@x.org", "help+m12@x.org", f"help+{'a' * 32}@x.org", f"{'a' * 33}@x.org", "+" * 99, "@"],
)
def test_what_has_no_tag_of_ours_names_nothing(address):
    assert tagged(address, secret="s") == ""


def test_marks_made_with_another_secret_name_nothing():
    assert tagged(f"help+{tag('m12', secret='t')}@x.org", secret="s") == ""
    assert own_key(message_id("m12", domain="x.org", secret="t"), secret="s") == ""


def test_a_tag_and_an_id_cannot_stand_for_each_other():
    made = tag("m12", secret="s")
    assert own_key(f"<m12.{made[:24]}@x.org>", secret="s") == ""


@pytest.mark.parametrize("bad", ["", "<>", "<m1@x.org>", "m1.0123@x.org", "<m1.zz@x.org>", "<m1." + "0" * 24 + "@x>"])
def test_ids_that_are_not_ours_name_nothing(bad):
    assert own_key(bad, secret="s") == ""


@pytest.mark.parametrize(
    ("mailbox", "separator"), [("help@x.org", ""), ("help@x.org", "/"), ("h" * 40 + "@x.org", "+")]
)
def test_a_mailbox_that_takes_no_tags_stays_as_it_is(mailbox, separator):
    assert tagged_address(mailbox, "m1", separator=separator, secret="s") == mailbox
