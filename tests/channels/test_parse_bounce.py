"""Reports on our mail: of whom, for good or for now, why, and on which mail."""

import pytest

from pharos.channels.email.parse import Bounce, parse
from tests.channels.mails import ORIGINAL, ORIGINAL_HEAD, OWN_ID, daemon, mail, multi, part, plain, report


def status(action: str, code: str, diagnostic: str = "", **fields: str) -> str:
    rows = [f"Final-Recipient: rfc822; ani@example.net\nAction: {action}\nStatus: {code}"]
    rows += [f"Diagnostic-Code: smtp; {diagnostic}"] if diagnostic else []
    rows += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return (
        "Reporting-MTA: dns; mx.example.net\nArrival-Date: Tue, 10 Mar 2026 12:00:00 +0000\n\n" + "\n".join(rows) + "\n"
    )


def heard(raw: bytes, **options) -> Bounce:
    found = parse(raw, **options)
    assert found.bounce is not None
    assert found.auto
    return found.bounce


STANDARD = {
    "nobody_there": ("failed", "5.1.1", "550 5.1.1 no such user", "failed", True),
    "no_such_domain": ("failed", "5.1.2", "", "failed", True),
    "refused": ("failed", "5.7.1", "554 5.7.1 rejected", "failed", True),
    "full": ("failed", "5.2.2", "552 5.2.2 mailbox full", "failed", False),
    "full_by_words": ("failed", "5.0.0", "552 user is over quota", "failed", False),
    "too_large": ("failed", "5.3.4", "552 too big", "failed", False),
    "given_up": ("failed", "4.4.7", "delivery time expired", "failed", False),
    "vague_status": ("failed", "5.0.0", "550 5.1.1 unknown", "failed", True),
    "late": ("delayed", "4.4.1", "connection timed out", "delayed", False),
    "arrived": ("delivered", "2.0.0", "", "delivered", False),
    "passed_on": ("relayed", "2.0.0", "", "delivered", False),
    "capitals": ("FAILED", "5.1.1 (bad destination)", "550 no", "failed", True),
    "no_action": ("", "5.1.1", "550 no", "failed", True),
}


@pytest.mark.parametrize("case", STANDARD)
def test_parse_reads_a_report_after_rfc_3464(case):
    action, code, diagnostic, kind, permanent = STANDARD[case]
    found = heard(report(status(action, code, diagnostic), original=ORIGINAL))
    assert (found.kind, found.permanent) == (kind, permanent)
    assert (found.address, found.original_id) == ("ani@example.net", OWN_ID)
    assert found.diagnostic == (diagnostic or "Your mail could not be delivered.")


def test_parse_reads_the_id_from_the_header_alone_and_prefers_the_address_we_wrote_to():
    fields = status("failed", "5.1.1", "550 no", Original_Recipient="rfc822; Ani.S@example.org")
    found = heard(report(fields, original=ORIGINAL_HEAD))
    assert found == Bounce(
        kind="failed",
        address="Ani.S@example.org",
        permanent=True,
        status="5.1.1",
        diagnostic="550 no",
        original_id=OWN_ID,
    )


def test_parse_takes_the_worst_of_several_recipients():
    several = (
        status("delivered", "2.0.0") + "\nFinal-Recipient: rfc822; bo@example.net\nAction: failed\nStatus: 5.1.1\n"
    )
    assert heard(report(several, original=ORIGINAL)).address == "bo@example.net"


@pytest.mark.parametrize("fields", ["", "nonsense", "\n\n\n", "Action: failed", "Status: x\nAction: y", ": :\n:"])
def test_parse_reads_a_report_that_says_little(fields):
    found = parse(report(fields, original=ORIGINAL))
    assert found.auto
    assert found.bounce is None or found.bounce.original_id == OWN_ID


def test_parse_reads_a_report_without_the_original_by_what_it_answers():
    raw = report(status("failed", "5.1.1")).replace(
        b"MIME-Version", b"In-Reply-To: " + OWN_ID.encode() + b"\r\nMIME-Version"
    )
    assert heard(raw).original_id == OWN_ID


def test_parse_reads_that_a_mail_was_shown():
    fields = f"Final-Recipient: rfc822; ani@example.net\nOriginal-Message-ID: {OWN_ID}\nDisposition: x; displayed\n"
    found = heard(report(fields, kind="message/disposition-notification"))
    assert (found.kind, found.address, found.original_id, found.permanent) == ("read", "ani@example.net", OWN_ID, False)


def test_parse_reads_that_a_person_called_a_mail_unwanted():
    fields = "Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\nOriginal-Rcpt-To: ani@example.net\n"
    found = heard(report(fields, original=ORIGINAL, kind="message/feedback-report"))
    assert (found.kind, found.address, found.diagnostic, found.original_id) == (
        "complaint",
        "ani@example.net",
        "abuse",
        OWN_ID,
    )


COPY = f"\n\nFrom: help@lines.example.org\nTo: ani@example.net\nMessage-ID: {OWN_ID}\n\nHello"
PROSE = {
    "qmail": ("failure notice", "This is the qmail-send program.\n\n<ani@example.net>:\nSorry, no. (#5.1.1)\n\n"
              "--- Below this line is a copy of the message." + COPY, True),
    "exim": ("Mail delivery failed: returning message to sender",
             "A message that you sent could not be delivered:\n\n  ani@example.net\n"
             "    SMTP error: 550 5.1.1 User unknown\n\n------ This is a copy ------" + COPY, True),
    "exim_late": ("Warning: message delayed 24 hours: delivery status",
                  "ani@example.net\n  Delay reason: 451 4.3.0 busy" + COPY, False),
    "exchange": ("Undeliverable: Your request",
                 "Delivery has failed to these recipients:\n\nani@example.net\n"
                 "#550 5.1.10 RESOLVER.ADR.RecipientNotFound ##" + COPY, True),
    "sendmail_old": ("Returned mail: User unknown",
                     "----- The following addresses had permanent errors -----\n<ani@example.net>\n\n"
                     "550 <ani@example.net>... User unknown" + COPY, True),
    "yahoo": ("Failure Notice",
              "We were unable to deliver.\n\n<ani@example.net>:\n554: delivery error: dd No account" + COPY, True),
    "full": ("Delivery Failure", "<ani@example.net>: 552 mailbox is full" + COPY, False),
    "qq": ("系统退信", "抱歉，您的邮件被退回来了\n收件人：<ani@example.net>\n550 Mailbox not found" + COPY, True),
    "fa": ("پیام شما تحویل داده نشد", "<ani@example.net>\n550 5.1.1 no" + COPY, True),
    "hy": ("Նամակը չի առաքվել", "<ani@example.net>\n550 5.1.1 no" + COPY, True),
}  # fmt: skip


@pytest.mark.parametrize("case", PROSE)
def test_parse_reads_a_report_in_prose(case):
    subject, text, permanent = PROSE[case]
    found = heard(daemon(subject, text))
    assert (found.address, found.permanent, found.original_id) == ("ani@example.net", permanent, OWN_ID)
    assert found.kind == ("delayed" if "late" in case else "failed")


def test_parse_believes_a_header_that_names_who_failed():
    found = heard(daemon("x", "gone" + COPY, "X-Failed-Recipients: bo@example.net"))
    assert (found.address, found.original_id) == ("bo@example.net", OWN_ID)


@pytest.mark.parametrize(
    "raw",
    [
        plain("I got <x@y.org> 550 5.1.1 no such user, what now?", "Subject: Undeliverable: help"),
        plain("x", "Subject: delivery failed"),
        daemon("Your quota", "You have 3 MB left."),
        mail("x", kind="multipart/report; report-type=delivery-status; boundary=b"),
    ],
)
def test_parse_takes_no_other_mail_for_a_report(raw):
    assert parse(raw).bounce is None


def test_parse_takes_a_person_who_passes_a_report_on_for_a_person():
    inner = report(status("failed", "5.1.1"), original=ORIGINAL).replace(b"b1", b"b2")
    for raw in (
        multi("mixed", part("text/plain", "What does this mean?"), part("message/rfc822", inner)),
        multi("mixed", part("text/plain", "And this?"), part("message/delivery-status", status("failed", "5.1.1"))),
    ):
        found = parse(raw)
        assert (found.bounce, found.auto) == (None, "")
        assert found.text.endswith("?")


def test_parse_reads_a_report_of_another_form_from_what_is_a_machine():
    parts = (part("text/plain", "x"), part("message/delivery-status", status("failed", "5.1.1")), ORIGINAL)
    assert heard(multi("mixed", *parts, headers=("Auto-Submitted: auto-replied",))).original_id == OWN_ID


def test_parse_lets_no_report_write_a_second_line():
    found = heard(report(status("failed", "5.1.1", "550 a\x00b =?utf-8?Q?c=0D=0Ad?=\u202e"), original=ORIGINAL))
    assert found.diagnostic == "550 ab c d"


def test_parse_reads_a_report_whose_original_stands_in_a_part_without_sense():
    raw = report(status("failed", "5.1.1"), original=part("message/rfc822", "no header at all"))
    assert heard(raw).original_id == ""
