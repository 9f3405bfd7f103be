"""A machine is known by what it says of itself; a person never passes for one by chance."""

import pytest

from pharos.channels.email.parse import parse
from tests.channels.mails import plain

MACHINES = {
    "auto_replied": ("Auto-Submitted: auto-replied",),
    "auto_generated": ("Auto-Submitted: auto-generated",),
    "auto_notified": ('Auto-Submitted: auto-notified; owner-email="x@y.org"',),
    "autoreply": ("X-Autoreply: yes",),
    "autorespond": ("X-Autorespond: away",),
    "autoresponder": ("X-Autoresponder: vacation 1.0",),
    "mail_autoreply": ("X-Mail-Autoreply: 1",),
    "precedence": ("Precedence: auto_reply",),
    "junk": ("Precedence: junk",),
    "x_precedence": ("X-Precedence: auto_reply",),
    "returns_to_nobody": ("Return-Path: <>",),
    "returns_to_daemon": ("Return-Path: <MAILER-DAEMON>", "Return-Path: <mailer-daemon@x.org>"),
    "failed_recipients": ("X-Failed-Recipients: a@x.org",),
    "newsletter": ("List-Unsubscribe: <https://x.org>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
    "newsletter_bulk": ("List-Unsubscribe: <mailto:x@x.org>", "Precedence: bulk"),
    "outlook_away": ("X-Auto-Response-Suppress: All", "Subject: Automatic reply: Your request"),
    "outlook_away_zh": ("X-Auto-Response-Suppress: DR, OOF, AutoReply", "Subject: =?utf-8?B?6Ieq5Yqo5Zue5aSNOiB4?="),
    "away_bulk_fa": ("Precedence: bulk", "Subject: پاسخ خودکار: درخواست"),
    "away_bulk_hy": ("Precedence: bulk", "Subject: Ավտոմատ պատասխան՝ հարցում"),
}
QUIET = {
    "list_with_one_press": (
        "List-Unsubscribe: <x>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "List-Post: <x>",
    ),
    "list": ("List-Id: Helpers <helpers.x.org>", "Precedence: list", "List-Post: <mailto:helpers@x.org>"),
    "list_that_can_be_left": ("List-Unsubscribe: <mailto:x@x.org>", "List-Post: <mailto:h@x.org>", "Precedence: bulk"),
    "bulk": ("Precedence: bulk",),
    "suppressed": ("X-Auto-Response-Suppress: OOF",),
    "away_by_hand": ("Subject: Out of office next week, what now?",),
}
PEOPLE = {
    "plain": (),
    "says_no": ("Auto-Submitted: no",),
    "says_no_with_comment": ("Auto-Submitted: no (a person)", "X-Autoreply: no"),
    "first_class": ("Precedence: first-class",),
    "returns_to_them": ("Return-Path: <ani@example.net>",),
    "suppresses_receipts": ("X-Auto-Response-Suppress: DR, RN, NRN",),
    "speaks_of_an_answer": ("Subject: your automatic calls",),
}


@pytest.mark.parametrize("case", MACHINES)
def test_parse_knows_a_machine_and_shows_by_what(case):
    found = parse(plain("x", *MACHINES[case]))
    assert found.auto
    assert found.quiet == found.auto
    assert found.auto.partition(":")[0] in " ".join(MACHINES[case])


@pytest.mark.parametrize("case", QUIET)
def test_parse_knows_whom_no_machine_may_answer_though_a_person_may_write(case):
    found = parse(plain("x", *QUIET[case]))
    assert found.auto == ""
    assert found.quiet.partition(":")[0] in " ".join(QUIET[case])


@pytest.mark.parametrize("case", PEOPLE)
def test_parse_takes_nobody_for_a_machine_who_may_be_a_person(case):
    found = parse(plain("x", *PEOPLE[case]))
    assert (found.auto, found.quiet) == ("", "")


@pytest.mark.parametrize(
    "address", ["MAILER-DAEMON@x.org", "postmaster@x.org", "mailer-daemon", "Mail Delivery System <a@x.org>"]
)
def test_parse_knows_mail_servers_by_their_names(address):
    assert parse(f"From: {address}\nSubject: x\n\nx".encode()).auto == f"From: {address}"


@pytest.mark.parametrize("address", ["no-reply@x.org", "noreply@x.org", "do-not-reply@x.org", "donotreply+1@x.org"])
def test_parse_asks_for_no_answer_to_an_address_that_nobody_reads(address):
    found = parse(f"From: {address}\nSubject: x\n\nx".encode())
    assert (found.auto, found.quiet) == ("", f"From: {address}")


def test_parse_asks_for_no_answer_where_there_is_no_sender():
    assert parse(b"Subject: x\n\nx").quiet == "From"


def test_parse_believes_the_carrier_about_the_return_path():
    assert parse(plain("x"), return_path="").auto == "Return-Path: <>"
    assert parse(plain("x"), return_path="<>").auto == "Return-Path: <>"
    assert parse(plain("x"), return_path="ani@example.net").auto == ""
    assert parse(plain("x", "Return-Path: <>"), return_path="ani@example.net").auto == ""
