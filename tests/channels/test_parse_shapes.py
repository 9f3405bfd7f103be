"""Mail in the shapes in which it really comes: nothing of what a person says or sends is lost."""

from email.message import EmailMessage
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharos.channels.email.parse import parse
from pharos.channels.email.parse_headers import line
from pharos.channels.email.parse_plain import tidied
from tests.channels import mails
from tests.channels.mails import PDF, PNG, b64, cms, coded, mail, multi, page, part, plain, tnef

ALTERNATIVE = multi("alternative", part("text/plain; charset=utf-8", "words"), part("text/html", "<b>words</b>"))
INNER = b"From: Dr Ko <ko@clinic.example>\nSubject: Insulin\nContent-Type: text/plain\n\nTwo pens a week."
ICS = (
    "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Dialysis\\, ward 3\n"
    "DTSTART;TZID=Asia/Yerevan:20260311T090000\n"
    "LOCATION:Erebuni\nDESCRIPTION:Bring papers\\nand a\n  friend\nEND:VEVENT\nEND:VCALENDAR\n"
)
TEXTS = {
    "plain": (plain("words"), "words"),
    "no_content_type": (mail("words"), "words"),
    "no_mime_header": (b"From: a@x.org\n\nwords", "words"),
    "no_subject_no_date": (b"From: a@x.org\nTo: b@x.org\n\nwords", "words"),
    "mbox_line": (b"From a@x.org Tue Mar 10 12:00:00 2026\n" + plain("words"), "words"),
    "blank_lines_first": (b"\r\n\r\n" + plain("words"), "words"),
    "old_mac_line_breaks": (plain("words").replace(b"\r\n", b"\r"), "words"),
    "body_without_blank_line": (b"From: a@x.org\nSubject: x\nwords, all at once\n", "words, all at once"),
    "alternative": (ALTERNATIVE, "words"),
    "only_html": (page("<p>one<br>two</p><p>three</p>"), "one\ntwo\n\nthree"),
    "html_in_capital_base64": (mail(b64(b"<html><p>words"), kind="TEXT/HTML", encoding="BASE64"), "words"),
    "alternative_with_blank_plain": (
        multi("alternative", part("text/plain", " \n"), part("text/html", "<p>words</p>")),
        "words",
    ),
    "related_first": (
        multi("related", part("text/html", "<p>words<img src='cid:i'>"), coded("image/png", PNG, "Content-ID: <i>")),
        "words",
    ),
    "apple_text_picture_text": (
        multi("mixed", part("text/plain", "above"), coded("image/png; name=a.png", PNG, "Content-Disposition: inline"),
              part("text/plain", "below")),
        "above\n\nbelow",
    ),
    "flowed": (mail("one \ntwo\n three", kind="text/plain; format=flowed"), "one two\nthree"),
    "flowed_delsp": (mail("一 \n二", kind="text/plain; charset=utf-8; format=flowed; delsp=yes"), "一二"),
    "quoted_printable": (mail("caf=C3=A9 a =\nline", kind="text/plain; charset=utf-8", encoding="quoted-printable"),
                         "café a line"),
    "quoted_printable_broken": (mail("50=% of =ZZ", encoding="quoted-printable"), "50=% of =ZZ"),
    "base64_without_padding": (mail("d29yZHM", kind="text/plain", encoding="base64"), "words"),
    "base64_with_dirt": (mail("d29y!!\n--\nZHM=\n", kind="text/plain", encoding="base64"), "words"),
    "unknown_encoding": (mail("words", encoding="x-nobody-knows"), "words"),
    "uuencoded": (mail("begin 644 a\n%=V]R9',\n`\nend\n", encoding="x-uuencode"), "words"),
    "boundary_never_ends": (mail("--b\n\nwords\n", kind="multipart/mixed; boundary=b"), "words"),
    "boundary_never_begins": (mail("words\n", kind="multipart/mixed; boundary=b"), "words"),
    "boundary_other_than_said": (
        mail("--other\nContent-Type: text/plain\n\nwords\n--other--\n", kind="multipart/mixed; boundary=b"), "words"),
    "boundary_missing": (mail("--z9\nContent-Type: text/plain\n\nwords\n--z9--\n", kind="multipart/mixed"), "words"),
    "boundary_same_within": (
        mail("--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nwords\n--b--\n",
             kind="multipart/mixed; boundary=b"), "words"),
    "boundary_in_the_text": (
        mail("--b\n\nwords\n--bus at nine\n--b--\n", kind="multipart/mixed; boundary=b"), "words\n--bus at nine"),
    "parts_after_the_end": (
        mail("--b\n\nwords\n--b--\n--b\n\nand more\n--b--\n", kind="multipart/mixed; boundary=b"), "words\n\nand more"),
    "multipart_in_base64": (
        mail(b64(b"--b\n\nwords\n--b--\n"), kind="multipart/mixed; boundary=b", encoding="base64"), "words"),
    "empty_multipart": (mail("", kind="multipart/mixed; boundary=b"), ""),
    "empty_body": (plain(""), ""),
    "nul_bytes": (plain("wo\x00rds\x00"), "words"),
    "control_characters": (plain("wo\x07r\x1b\x08ds"), "words"),
    "kind_without_sense": (mail("words", kind=";;;=?"), "words"),
    "kind_with_comment": (mail("words", kind="text/plain (yes); charset=utf-8"), "words"),
    "signed_with_smime": (
        multi("signed", part("text/plain", "words"), coded("application/pkcs7-signature", b"sig")), "words"),
    "opaque_smime": (mail(b64(cms(b"Content-Type: text/plain\r\n\r\nwords")), encoding="base64",
                          kind="application/pkcs7-mime; smime-type=signed-data"), "words"),
    "opaque_smime_in_pieces": (
        mail(b64(cms(b"Content-Type: text/plain\r\n\r\nwords" + b" more" * 30, in_parts=True)),
             kind='application/x-pkcs7-mime; name="smime.p7m"', encoding="base64"), "words" + " more" * 30),
    "signed_with_pgp_mime": (
        multi("signed", part("text/plain", "words"), part("application/pgp-signature", "-----BEGIN")), "words"),
    "signed_with_pgp_inline": (
        plain("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nwords\n- -- \nAni\n-----BEGIN PGP SIGNATURE-----\n"
              "-----END PGP SIGNATURE-----\n"), "words\n--\nAni"),
    "pgp_signature_never_ends": (plain("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1\n\nwords"), "words"),
    "invitation_alone": (mail(ICS, kind="text/calendar; charset=utf-8; method=REQUEST"),
                         "Dialysis, ward 3\n2026-03-11 09:00 Asia/Yerevan\nErebuni\nBring papers\nand a friend"),
    "invitation_beside_words": (multi("alternative", part("text/plain", "words"), part("text/calendar", ICS)), "words"),
    "passed_on_as_file": (multi("mixed", part("message/rfc822", INNER)),
                          "From: Dr Ko <ko@clinic.example>\nSubject: Insulin\n\nTwo pens a week."),
    "passed_on_with_words": (multi("mixed", part("text/plain", "See this"), part("message/rfc822", INNER)), "See this"),
    "digest": (mail("--b\n\n" + INNER.decode() + "\n--b--\n", kind="multipart/digest; boundary=b"),
               "From: Dr Ko <ko@clinic.example>\nSubject: Insulin\n\nTwo pens a week."),
    "outlook_wrapped": (multi("mixed", coded("application/ms-tnef; name=winmail.dat", tnef(body="سلام"))), "سلام"),
    "outlook_wrapped_beside_words": (
        multi("mixed", part("text/plain", "words"), coded("application/ms-tnef", tnef(body="سلام"))), "words"),
    "list_and_table": (page("<ul><li>one<li>two</ul><table><tr><td>a<td>b<tr><td>c</table>"), "- one\n- two\na b\nc"),
    "page_with_style": (page("<head><title>t</title><style>p{}</style></head><script>x()</script><p>words"), "words"),
    "page_with_link": (page('<a href="https://maps.example/?q=1,2&amp;z=3">here</a>'), "here <https://maps.example/?q=1,2&z=3>"),
    "page_of_emoji": (page('<div>ok <img alt="🙏" src="https://x.example/p.png"></div>'), "ok 🙏"),
    "page_says_its_charset": (
        mail(b"<meta http-equiv=Content-Type content='text/html; charset=armscii-8'><p>\xba\xe3",
             kind="text/html", encoding="8bit"), "Եչ"),
    "page_beside_a_stub": (
        multi("alternative", part("text/plain", "Your program cannot show HTML."), part("text/html", "<p>words " * 9)),
        "\n\n".join(["words"] * 9)),
    "words_as_a_file_of_a_gateway": (
        multi("mixed", part("text/plain; charset=utf-8; name=text_0.txt", "words", "Content-Disposition: inline"),
              coded("image/jpeg; name=0.jpg", PNG)), "words"),
    "page_in_utf16": (mail(b64("<p>օգնե՞ք".encode("utf-16")),
                           kind="text/html; charset=utf-16", encoding="base64"), "օգնե՞ք"),
}  # fmt: skip


@pytest.mark.parametrize("shape", TEXTS)
def test_parse_reads_the_words_of_every_shape(shape):
    raw, words = TEXTS[shape]
    assert parse(raw).text == words


def files(raw):
    found = parse(raw)
    return [(one.name, one.media_type, one.content) for one in found.attachments], found.inline


def test_parse_keeps_every_file_and_knows_which_the_page_shows():
    found = parse(mails.composed())
    assert found.text == "متن"
    assert [(one.name, one.media_type, one.content) for one in found.attachments] == [
        ("نامه پزشک.pdf", "application/pdf", PDF),
        ("note.txt", "text/plain", "یادداشت\n".encode()),
    ]
    assert [(one.name, one.content, one.content_id) for one in found.inline] == [("map.png", PNG, "map@x")]
    assert 'src="cid:map@x"' in found.html
    assert 'dir="rtl"' in found.html


NAMES = {
    "quoted": ('attachment; filename="a b.png"', "a b.png"),
    "bare": ("attachment; filename=a.png", "a.png"),
    "encoded_word": ("attachment; filename==?utf-8?B?2YbYp9mF2YcucG5n?=", "نامه.png"),
    "encoded_word_in_quotes": ('attachment; filename="=?utf-8?Q?caf=C3=A9.png?="', "café.png"),
    "rfc_2231": ("attachment; filename*=utf-8''%D9%86%D8%A7%D9%85%D9%87.png", "نامه.png"),
    "rfc_2231_in_pieces": ("attachment; filename*0*=utf-8''%D9%86%D8%A7;\n filename*1=m.png", "ناm.png"),
    "rfc_2231_without_charset": ("attachment; filename*=%D9%86.png", "ن.png"),
    "rfc_2231_wrong_charset": ("attachment; filename*=nobody''%D9%86.png", "ن.png"),
    "percent": ('attachment; filename="%D9%86%D8%A7.png"', "نا.png"),
    "path": (r'attachment; filename="C:\\Users\\ani\\a.png"', "a.png"),
    "climbing": ('attachment; filename="../../etc/passwd"', "passwd"),
    "turned_round": ('attachment; filename="a\u202egnp.exe"', "a gnp.exe"),
    "none": ("attachment", "file.png"),
    "broken": ('attachment; filename="', "file.png"),
}


@pytest.mark.parametrize("how", NAMES)
def test_parse_reads_the_name_of_a_file_however_it_is_written(how):
    disposition, name = NAMES[how]
    raw = multi("mixed", part("text/plain", "x"), coded("image/png", PNG, f"Content-Disposition: {disposition}"))
    assert files(raw) == ([(name, "image/png", PNG)], ())


def test_parse_reads_a_name_of_raw_bytes():
    disposition = b'Content-Disposition: attachment; filename="' + "文件.png".encode("gb18030") + b'"'
    raw = multi("mixed", b"Content-Type: image/png\n" + disposition + b"\n\nx")
    assert files(raw)[0][0][0] == "文件.png"


def test_parse_keeps_a_mail_that_came_as_a_file_and_the_files_within():
    inner = multi(
        "mixed", part("text/plain", "old"), coded('application/pdf; name="a.pdf"', PDF), headers=("Subject: Old/new",)
    )
    found, _ = files(multi("mixed", part("text/plain", "see"), part("message/rfc822", inner)))
    assert [(name, kind) for name, kind, _ in found] == [
        ("Old/new.eml", "message/rfc822"),
        ("a.pdf", "application/pdf"),
    ]
    assert found[1][2] == PDF


def test_parse_unwraps_files_from_outlook():
    raw = multi(
        "mixed",
        part("text/plain", "x"),
        coded("application/octet-stream; name=winmail.dat", tnef(files=(("نقشه.png", PNG),))),
    )
    assert files(raw)[0] == [("نقشه.png", "application/octet-stream", PNG)]


def test_parse_keeps_what_is_called_winmail_and_is_not():
    raw = multi(
        "mixed", part("text/plain", "x"), coded("application/ms-tnef; name=winmail.dat", b"\x78\x9f\x3e\x22short")
    )
    assert len(files(raw)[0]) == 0
    assert files(raw.replace(b64(b"\x78\x9f\x3e\x22short").strip(), b"AAAA"))[0][0][0] == "winmail.dat"


@pytest.mark.parametrize(
    ("raw", "how"),
    [
        (
            mail(
                b64(cms(b"x", kind="07 03")),
                kind="application/pkcs7-mime; smime-type=enveloped-data",
                encoding="base64",
            ),
            "S/MIME",
        ),
        (
            multi(
                "encrypted", part("application/pgp-encrypted", "Version: 1"), part("application/octet-stream", "-----")
            ),
            "PGP",
        ),
        (plain("-----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----"), "PGP"),
    ],
)
def test_parse_says_that_a_mail_is_encrypted_and_keeps_it(raw, how):
    found = parse(raw)
    assert found.sealed == how
    assert found.text or found.attachments


def test_parse_keeps_an_image_that_stands_in_the_page_as_data():
    found = parse(page(f'<p>x</p><img src="data:image/png;base64,{b64(PNG).decode()}">'))
    assert [(one.name, one.content) for one in found.inline] == [("image-1.png", PNG)]
    assert 'src="cid:data-1"' in found.html


def test_parse_keeps_what_is_too_long_to_show():
    long = "word " * 100_000
    found = parse(plain(long))
    assert found.text == long[:400_000].strip()
    assert found.attachments[0].content.decode() == long.strip()


CHARSETS = {
    "gb18030": (mails.CHINESE, "gb18030", "gb18030"),
    "gb2312_that_is_more": (mails.CHINESE + "镕", "gb18030", "gb2312"),
    "gbk_said_ascii": (mails.CHINESE, "gb18030", "us-ascii"),
    "gbk_said_utf8": (mails.CHINESE, "gb18030", "utf-8"),
    "gbk_said_latin": (mails.CHINESE, "gb18030", "iso-8859-1"),
    "big5": (mails.TRADITIONAL, "big5", "big5"),
    "hz": (mails.CHINESE, "hz", "hz-gb-2312"),
    "windows_1256": (mails.ARABIC_LETTERS, "cp1256", "windows-1256"),
    "windows_1256_said_nothing": (mails.ARABIC_LETTERS, "cp1256", ""),
    "windows_1256_said_latin": (mails.ARABIC_LETTERS, "cp1256", "iso-8859-1"),
    "windows_1256_said_iso_8859_6": (mails.ARABIC_LETTERS, "cp1256", "iso-8859-6"),
    "iso_8859_6": (mails.ARABIC_LETTERS.replace("پ", "ب").replace("گ", "ك"), "iso8859_6", "ISO-8859-6"),
    "mac_farsi": (mails.ARABIC_LETTERS, "mac_farsi", "x-mac-farsi"),
    "latin": ("Où êtes-vous, chérie ?", "latin-1", "iso-8859-1"),
    "latin_said_utf8": ("Où êtes-vous, chérie ?", "latin-1", "utf-8"),
    "windows_1252_said_latin": ("“Où” – là", "cp1252", "iso-8859-1"),
    "utf8_said_latin": (mails.PERSIAN, "utf-8", "iso-8859-1"),
    "utf8_said_windows_1256": (mails.PERSIAN, "utf-8", "windows-1256"),
    "utf8_said_nobody": (mails.ARMENIAN, "utf-8", "x-nobody-knows"),
    "utf8_said_rot13": (mails.ARMENIAN, "utf-8", "rot13"),
    "utf8_with_mark": ("\ufeff" + mails.ARMENIAN, "utf-8", "utf-8"),
    "utf16": (mails.ARMENIAN, "utf-16", "utf-16"),
    "utf7": (mails.PERSIAN, "utf-7", "utf-7"),
    "iso_2022_jp": ("助けてください", "iso2022_jp", "iso-2022-jp"),
    "koi8": ("Помогите нам пожалуйста", "koi8-r", "koi8-r"),
}


@pytest.mark.parametrize("case", CHARSETS)
def test_parse_reads_any_charset_whatever_the_mail_says_of_it(case):
    text, really, said = CHARSETS[case]
    kind = f"text/plain; charset={said}" if said else "text/plain"
    raw = mail(b64(text.encode(really)), kind=kind, encoding="base64")
    assert parse(raw).text == text.removeprefix("\ufeff")


@pytest.mark.parametrize("said", ["armscii-8", "ARMSCII-8", "x-armscii-8", "", "us-ascii", "iso-8859-1", "utf-8"])
def test_parse_reads_armenian_of_old_programmes(said):
    text = mails.ARMENIAN.replace("եւ", "եվ")
    raw = mail(mails.armscii(text), kind=f"text/plain; charset={said}" if said else "text/plain", encoding="8bit")
    assert parse(raw).text == text


def test_parse_marks_half_a_letter_that_utf_7_brings():
    found = parse(plain("+2AA-x", "Subject: =?utf-7?Q?+2AA-?=", charset="utf-7"))
    assert (found.text, found.subject) == ("\ufffdx", "\ufffd")


def test_parse_marks_a_byte_that_means_nothing_and_reads_on():
    assert parse(plain("", raw=b"caf\xc3\xa9 \xff caf\xc3\xa9" * 20)).text == "café \ufffd café" * 20


SUBJECTS = {
    "base64": (b"=?utf-8?B?2LPZhNin2YU=?=", "سلام"),
    "quoted": (b"=?UTF-8?q?caf=C3=A9_two?=", "café two"),
    "letter_split_over_two": (b"=?utf-8?B?2LM=?= =?utf-8?B?2YTY?=\r\n =?utf-8?B?p9mF?=", "سلام"),
    "words_between": (b"Re: =?utf-8?B?2LPZhNin2YU=?= now", "Re: سلام now"),
    "with_language": (b"=?utf-8*fa?B?2LPZhNin2YU=?=", "سلام"),
    "gb2312": (b"=?gb2312?B?" + b64("求助".encode("gb18030")).strip() + b"?=", "求助"),
    "armscii": (b"=?armscii-8?Q?=BA=E3=F1?=", "Եչր"),
    "unknown_charset": (b"=?x-nobody?B?2LPZhNin2YU=?=", "سلام"),
    "blank_inside": (b"=?utf-8?Q?two words?=", "two words"),
    "never_ends": (b"=?utf-8?B?2LPZhNin2YU", "=?utf-8?B?2LPZhNin2YU"),
    "bad_base64": (b"=?utf-8?B?2LPZh?=", "س\ufffd"),
    "raw_utf8": ("سلام".encode(), "سلام"),
    "raw_gbk": ("航班取消了".encode("gb18030"), "航班取消了"),
    "raw_windows_1256": ("سلام بر همه".encode("cp1256"), "سلام بر همه"),
    "folded": (b"one\r\n two\r\n\tthree", "one two three"),
    "line_break_encoded": (b"=?utf-8?Q?one=0D=0ABcc:_all@x.org?=", "one Bcc: all@x.org"),
    "turned_round": (b"=?utf-8?Q?=E2=80=AEabc?=", "abc"),
    "nul": (b"one\x00two", "one two"),
    "long": (b"x" * 5000, "x" * 300),
    "none": (b"", ""),
}


@pytest.mark.parametrize("case", SUBJECTS)
def test_parse_reads_any_subject_as_one_line(case):
    raw, words = SUBJECTS[case]
    assert parse(plain("x", b"Subject: " + raw)).subject == words


SENDERS = {
    "plain": (b"ani@x.org", "ani@x.org", ""),
    "named": (b"Ani <ani@X.org>", "ani@x.org", "Ani"),
    "quoted_comma": (b'"Sarkis, Ani" <ani@x.org>', "ani@x.org", "Sarkis, Ani"),
    "encoded_comma": (b"=?utf-8?Q?Sarkis=2C_Ani?= <ani@x.org>", "ani@x.org", "Sarkis, Ani"),
    "raw_name": ("آنی <ani@x.org>".encode(), "ani@x.org", "آنی"),
    "comment": (b"ani@x.org (Ani)", "ani@x.org", "Ani"),
    "address_as_name": (b'"boss@bank.org" <ani@x.org>', "ani@x.org", "boss@bank.org"),
    "several": (b"Ani <ani@x.org>, Bo <bo@x.org>", "ani@x.org", "Ani"),
    "no_brackets_end": (b"Ani <ani@x.org", "ani@x.org", "Ani"),
    "blanks": (b"Ani < ani@x.org >", "ani@x.org", "Ani"),
    "injected": (b"=?utf-8?Q?Ani=0D=0ABcc=3A_all=40x.org?= <ani@x.org>", "ani@x.org", "Ani Bcc: all@x.org"),
    "idn": ("ani@bücher.example".encode(), "ani@bücher.example", ""),
    "group": (b"undisclosed: ani@x.org;", "ani@x.org", ""),
    "no_address": (b"Ani", "", ""),
    "empty": (b"", "", ""),
    "brackets": (b"(" * 3000 + b"ani@x.org", "ani@x.org", ""),
}


@pytest.mark.parametrize("case", SENDERS)
def test_parse_knows_the_sender(case):
    raw, address, name = SENDERS[case]
    found = parse(b"From: " + raw + b"\nSubject: x\n\nwords")
    assert (found.sender, found.name) == (address, name)


def test_parse_takes_the_next_best_sender_when_from_is_missing():
    assert parse(b"Return-Path: <ani@x.org>\nSubject: x\n\nx").sender == "ani@x.org"
    assert parse(b"Reply-To: bo@x.org\nReturn-Path: <ani@x.org>\n\nx").sender == "bo@x.org"


def test_parse_gives_where_answers_are_wanted():
    assert parse(plain("x", "Reply-To: Son <son@example.net>")).reply_to == "son@example.net"
    assert parse(plain("x", "Reply-To: ani@Example.net")).reply_to == ""


def test_parse_finds_every_address_it_was_sent_to():
    found = parse(
        plain("x", "Cc: Bo <bo@x.org>", "Delivered-To: help+tag@lines.example.org", "X-Original-To: old@x.org")
    )
    assert found.to == ("help@lines.example.org", "bo@x.org", "help+tag@lines.example.org", "old@x.org")


@pytest.mark.parametrize(
    ("header", "ids"),
    [
        ("<a@x> <b@x>", ("<a@x>", "<b@x>")),
        ("<a@x><b@x>", ("<a@x>", "<b@x>")),
        ("<a@x>,\r\n <b@x>", ("<a@x>", "<b@x>")),
        ("a@x <b@x> (yesterday)", ("<b@x>",)),
        ("<" + "a" * 400 + "@x> <b@x>", ("<b@x>",)),
        ("<a b@x>", ()),
        ("", ()),
    ],
)
def test_parse_reads_the_thread(header, ids):
    assert parse(plain("x", f"References: {header}")).references == ids


def test_parse_takes_the_last_reference_where_in_reply_to_is_missing_and_the_first_of_two_message_ids():
    found = parse(plain("x", "References: <a@x> <b@x>", "Message-ID: <two@x>"))
    assert (found.in_reply_to, found.message_id) == ("<b@x>", "<one@example.net>")


@pytest.mark.parametrize(
    "said", ["", "yesterday", "Tue, 99 Foo 2026 99:99:99 +9999", "1", "Tue, 10 Mar 99999 10:00:00 +0000"]
)
def test_parse_knows_no_date_from_what_is_none(said):
    assert parse(plain("x", f"Date: {said}")).date is None


PARTS = st.tuples(
    st.text(min_size=1, max_size=30), st.sampled_from(["image/png", "application/pdf"]), st.binary(max_size=200)
)


@given(
    words=st.text(max_size=200),
    page=st.none() | st.text(max_size=50),
    files=st.lists(PARTS, max_size=4),
    is_base64=st.booleans(),
)
def test_parse_of_what_the_library_writes_gives_all_of_it_back(words, page, files, is_base64):
    made = EmailMessage()
    made["From"], made["Subject"] = "ani@example.net", "x"
    made.set_content(words, cte="base64" if is_base64 else "quoted-printable")
    if page is not None:
        made.add_alternative(f"<p>{escape(page)}</p>", subtype="html")
    for name, kind, content in files:
        made.add_attachment(
            content, maintype=kind.partition("/")[0], subtype=kind.partition("/")[2], filename=line(name)
        )
    found = parse(made.as_bytes())
    assert [(one.media_type, one.content) for one in found.attachments] == [
        (kind, content) for _, kind, content in files
    ]
    assert (found.text + found.folded).split() == tidied(words).split() or not tidied(words).strip()
