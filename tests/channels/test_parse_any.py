"""Whatever comes: words or `Unreadable`, nothing else, and soon."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pharos.channels.email import parse as parsing
from pharos.channels.email.parse import Mail, Unreadable
from tests.channels import mails

HEAD = b"From: a@x.org\nSubject: x\n"
FIELDS = st.sampled_from(
    [b"From", b"To", b"Subject", b"Date", b"Message-ID", b"References", b"Content-Type", b"Content-Transfer-Encoding",
     b"Content-Disposition", b"Content-ID", b"Auto-Submitted", b"Return-Path", b"X-Failed-Recipients", b"Precedence"]
)  # fmt: skip
VALUES = st.sampled_from(
    [b"a@x.org", b"=?utf-8?B?2LM=?=", b"=?gb2312?Q?=C4=E3?=", b"=?utf-7?Q?+2AA-?=", b"multipart/mixed; boundary=b",
     b'multipart/alternative; boundary="b', b"multipart/signed; boundary=b", b"multipart/report; boundary=b",
     b"message/rfc822", b"message/delivery-status", b"text/html", b"text/plain; charset=utf-7",
     b"text/plain; format=flowed; delsp=yes", b"text/calendar", b"application/ms-tnef", b"application/pkcs7-mime",
     b"base64", b"quoted-printable", b"x-uuencode", b"attachment; filename*0*=utf-8''%D9; filename*1=x", b"<>",
     b"<a@b> <c", b"auto-replied", b"Tue, 10 Mar 2026 25:61:00 +9900", b";", b'"', b"(", b"\x00\xff",
     b"text/plain; charset*=x''y; charset=z"]
)  # fmt: skip
BODIES = st.sampled_from(
    [b"", b"", b"--b", b"--b--", b"\tfolded", b"> old", b"<p>x", b"<a '", b"0\x82\xff\xff", b"\x78\x9f\x3e\x22",
     b"begin 644 x"]
)  # fmt: skip
LINES = st.one_of(st.tuples(FIELDS, VALUES | st.binary(max_size=30)).map(b": ".join), BODIES, st.binary(max_size=40))
ALIKE = st.lists(LINES, max_size=40).map(b"\n".join)


def read(raw: bytes, return_path: str | None = None) -> Mail | None:
    """As `parse`, without its last net."""
    try:
        return parsing._read(raw, return_path)
    except Unreadable:
        return None


def check(mail: Mail | None) -> None:
    if mail is None:
        return
    for said in (mail.sender, mail.name, mail.subject, mail.message_id, mail.auto, mail.quiet, *mail.to, *mail.thread):
        assert not set(said) & set("\r\n\x00")
    for said in (mail.text, mail.folded, mail.html, mail.subject, mail.name, *(one.name for one in mail.attachments)):
        said.encode()
        assert "\x00" not in said


@settings(max_examples=400)
@given(ALIKE)
@example(b"From: " + b"(" * 5000 + b"\n\nx")
@example(HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" * 3 + b"--b\n--b\n--b--")
def test_parse_of_anything_like_a_mail_gives_safe_words_or_is_unreadable(raw):
    check(read(HEAD + raw))
    check(read(raw, ""))


@settings(max_examples=150)
@given(st.binary(max_size=300))
def test_parse_of_any_bytes_gives_safe_words_or_is_unreadable(raw):
    check(read(raw))
    check(read(HEAD + b"\n" + raw))


SHAPES = [mails.composed(), mails.report("Action: failed\nStatus: 5.1.1\n", original=mails.ORIGINAL),
          mails.multi("mixed", mails.coded("application/ms-tnef", mails.tnef(body="x", files=(("a.png", b"x"),)))),
          mails.mail(mails.b64(mails.cms(HEAD + b"\nx")), kind="application/x-pkcs7-mime", encoding="base64"),
          ]  # fmt: skip


@settings(max_examples=200)
@given(raw=st.sampled_from(SHAPES), data=st.data())
def test_parse_of_a_mail_that_was_damaged_gives_safe_words_or_is_unreadable(raw, data):
    at = data.draw(st.integers(0, len(raw)))
    length = data.draw(st.integers(0, 60))
    check(read(raw[:at] + data.draw(st.binary(max_size=20)) + raw[at + length :]))


def parts(count: int) -> bytes:
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * count


def nested(count: int) -> bytes:
    opened = b"".join(b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (n, n + 1) for n in range(count))
    return HEAD + b"Content-Type: multipart/mixed; boundary=b0\n\n" + opened + b"--b%d\n\nthe words\n" % count


def html(source: bytes) -> bytes:
    return HEAD + b"Content-Type: text/html\n\n" + source


# Each takes some parsers minutes, or all memory, or the whole stack.
HURTING = {
    "nested": nested(3000),
    "enclosed": (HEAD + b"Content-Type: message/rfc822\n\n") * 3000 + b"the words",
    "brackets": b"From: " + b"(" * 30_000 + b"\n\nx",
    "quotation_marks": b"To: " + b'"' * 200_000 + b"\n\nx",
    "headers": HEAD + b"X: y\n" * 50_000 + b"\nx",
    "parameters": HEAD + b"Content-Type: text/plain; " + b'a="b;;' * 20_000 + b"\n\nx",
    "encoded_words": HEAD + b"Subject: " + b"=?utf-8?B?YQ==?= " * 20_000 + b"\n\nx",
    "tags": html(b"<div>" * 100_000),
    "tags_of_form": html(b"".join(b"<font color=%d><p>" % n for n in range(20_000))),
    "tags_in_tables": html(b"<font><table><td></font></table>" * 10_000),
    "tags_never_ending": html(b"<a '" * 50_000),
    "comments_never_ending": html(b"<!--" * 50_000),
    "ampersands": html(b"&" * 100_000),
    "armour": HEAD + b"\n" + b"-----BEGIN PGP SIGNED MESSAGE-----\n\n" * 20_000,
    "attributions": HEAD + b"\n" + b"On 2020 x:\n" * 100_000,
    "quotations": HEAD + b"\n" + b"> a\nb\n" * 100_000,
    "calendar": HEAD + b"Content-Type: text/calendar\n\nBEGIN:VEVENT\nSUMMARY;" + b'a="x";' * 20_000 + b":x",
    "addresses_in_report": HEAD + b"Return-Path: <>\nSubject: undelivered\n\n" + b"a.b " * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("case", HURTING)
def test_parse_of_a_mail_made_to_hurt_ends_and_is_bounded(case):
    found = read(HURTING[case])
    check(found)
    assert found is not None
    assert len(found.text) + len(found.folded) <= 2 * 400_000
    assert len(found.html) <= 2_000_000


def test_parse_shows_the_words_however_deep_they_are():
    found = read(nested(200))
    assert found is not None
    assert "the words" in found.text


def test_parse_of_thirty_megabytes_keeps_them():
    content = mails.b64(b"\xff\xd8\xff" + bytes(1021)) * 22_500
    raw = parts(1) + b"--b\nContent-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n" + content + b"--b--\n"
    found = read(raw)
    assert found is not None
    assert len(raw) > 29 * 2**20
    assert (found.text, len(found.attachments[0].content)) == ("x", 1024 * 22_500)


def test_parse_gives_even_a_fault_of_ours_as_a_reason(monkeypatch):
    def faulty(_: object) -> None:
        raise LookupError

    monkeypatch.setattr(parsing, "read_body", faulty)
    with pytest.raises(Unreadable) as refused:
        parsing.parse(HEAD + b"\nx")
    assert refused.value.reason == "not understood: LookupError"
