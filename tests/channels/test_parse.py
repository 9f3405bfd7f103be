"""Any mail becomes words, or is refused with a reason."""

from datetime import UTC, datetime

import pytest

from pharos.channels.email.parse import MOST_BYTES, Unreadable, parse

PLAIN = b"""From: "Ani, mother" <ani@Example.ORG>
To: Help <help@lines.example.org>, desk@lines.example.org
Subject: =?utf-8?B?1bXVodW21b8=?= lost
Message-ID: <1@example.org>
In-Reply-To: <m1.x@lines.example.org>
References: <m0.x@lines.example.org> <m1.x@lines.example.org>
Date: Tue, 10 Mar 2026 14:00:00 +0400

We are at gate 4.

On Tue, 10 Mar 2026 at 12:00, Help <help@lines.example.org> wrote:
> Where are you?
"""


def test_parse_reads_who_wrote_what_to_whom():
    mail = parse(PLAIN)
    assert (mail.sender, mail.name) == ("ani@example.org", "Ani, mother")
    assert mail.to == ("help@lines.example.org", "desk@lines.example.org")
    assert mail.subject == "յանտ lost"
    assert mail.date == datetime(2026, 3, 10, 10, tzinfo=UTC)
    assert mail.message_id == "<1@example.org>"
    assert mail.thread == ("<m1.x@lines.example.org>", "<m0.x@lines.example.org>")
    assert mail.text == "We are at gate 4."
    assert mail.folded.startswith("On Tue")
    assert (mail.html, mail.auto, mail.quiet, mail.bounce, mail.attachments) == ("", "", "", None, ())


def test_parse_is_the_same_with_either_line_break():
    assert parse(PLAIN.replace(b"\n", b"\r\n")) == parse(PLAIN) == parse(PLAIN.replace(b"\n", b"\r"))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\x00"[:3], "empty"),
        (b"hello, no header here\n\nat all", "no header"),
        (b"x" * (MOST_BYTES + 1), "larger than 50 MB"),
        (b"From: a@b.org\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 2000, "too many parts"),
    ],
)
def test_parse_refuses_with_a_reason_what_is_no_mail(raw, reason):
    with pytest.raises(Unreadable) as refused:
        parse(raw)
    assert refused.value.reason == reason
