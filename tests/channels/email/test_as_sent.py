"""A mail as it was sent: kept where the page says more than the words, and safe whatever it holds."""

import pytest

from pharos.actions import arrivals
from pharos.channels.email import inbox
from pharos.channels.email.as_sent import as_sent
from pharos.channels.email.inbox import Came, take_in
from pharos.channels.email.parse import parse
from pharos.models import Attachment, MailPage, Message
from tests.channels import mails
from tests.channels.email.conftest import make_pipe
from tests.channels.email.test_inbox import picture
from tests.factories import NOW, make_organisation

TABLE = "<table><tr><td>Outward</td><td>3 May</td></tr><tr><td>Return</td><td>9 May</td></tr></table>"


def both(plain: str, html: str) -> bytes:
    return mails.multi("alternative", mails.part("text/plain", plain), mails.coded("text/html", html.encode()))


def drawn(*, html: str = "") -> bytes:
    """A mail whose picture stands between its words."""
    page = html or '<p>The notice at the <b>pier</b>:</p><img src="cid:notice" alt="A notice"><p>Is it true?</p>'
    image = mails.coded("image/png", picture(), "Content-ID: <notice>", "Content-Disposition: inline")
    return mails.multi("related", mails.coded("text/html", page.encode()), image)


def taken(raw: bytes) -> Message:
    took = take_in(Came(raw, make_pipe(make_organisation()), len(raw)), now=NOW)
    assert took.message is not None
    return took.message


@pytest.mark.parametrize(
    ("raw", "says_more"),
    [
        (mails.plain("Hello"), False),
        (mails.page("<p>Hello, <b>please</b> help.</p>"), False),
        (both("Hello, please help.", "<div>Hello, <i>please</i> help.</div>"), False),
        (both("See ferry.example.org", '<p>See <a href="https://ferry.example.org/">ferry.example.org</a>'), False),
        (mails.page(TABLE), True),
        (mails.page("<table><tr><td>Hello</td></tr><tr><td>Thank you</td></tr></table>"), False),
        (mails.page("<p>Ten <s>of us</s> are here.</p>"), True),
        (both("See our page.", '<p>See <a href="https://ferry.example.org/x">our page</a>.</p>'), True),
        (both("A short note.", "<p>A short note, and what the plain part leaves out.</p>"), True),
        (mails.page('<p>Hello</p><img src="https://elsewhere.example.org/pixel.gif">'), False),
    ],
)  # fmt: skip
def test_page_is_kept_only_where_it_says_more_than_the_words(raw, says_more):
    assert bool(as_sent(parse(raw), pictures={})) is says_more


def test_picture_is_called_by_its_token_and_one_that_was_not_kept_is_left_out():
    mail = parse(drawn())
    assert 'src="cid:token-1"' in as_sent(mail, pictures={"notice": "token-1"})
    assert as_sent(mail, pictures={}) == ""


@pytest.mark.django_db
def test_first_words_and_those_that_join_keep_their_page(settings, tmp_path):
    settings.UPLOADS_DIR = tmp_path
    entry = make_pipe(make_organisation())
    first = take_in(Came(drawn(), entry, len(drawn())), now=NOW)
    again = mails.page(TABLE, "In-Reply-To: <one@example.net>").replace(b"<one@example.net>", b"<two@example.net>", 1)
    joined = take_in(Came(again, entry, len(again)), now=NOW)
    assert (first.how, joined.how, first.contact) == ("new", "joined", joined.contact)
    kept = Attachment.objects.get()
    pages = {page.message_id: page.html for page in MailPage.objects.all()}
    assert first.message
    assert joined.message
    assert set(pages) == {first.message.pk, joined.message.pk}
    assert f'src="cid:{kept.token}"' in pages[first.message.pk]
    assert "<td>9 May</td>" in pages[joined.message.pk]
    assert take_in(Came(drawn(), entry, len(drawn())), now=NOW).how == "again"
    assert MailPage.objects.count() == 2


@pytest.mark.django_db
def test_mail_taken_from_what_was_kept_aside_keeps_its_page(monkeypatch):
    whole = arrivals.take

    def broken(*_, **__):
        raise ValueError

    entry, raw = make_pipe(make_organisation()), mails.page(TABLE)
    monkeypatch.setattr(arrivals, "take", broken)
    assert take_in(Came(raw, entry, len(raw)), now=NOW).how == "kept"
    monkeypatch.setattr(arrivals, "take", whole)
    inbox.take_again(entry.organisation.quarantined.get(), now=NOW)
    assert MailPage.objects.get().message.direction == "in"


@pytest.mark.django_db
def test_page_of_a_hostile_mail_holds_nothing_that_acts_or_loads():
    message = taken(mails.page(
        TABLE + "<script>alert(1)</script><style>*{}</style><img src=x onerror=alert(1)><iframe src=//x></iframe>"
        '<a href="javascript:alert(1)" onclick="x">press</a><form action="//x"><input name=a></form><svg onload=x>'
        '<img src="https://elsewhere.example.org/pixel.gif"><p style="background:url(//x)">words\x00</p><base href=//x>'
        '<meta http-equiv="refresh" content="0;url=//x"><link rel="stylesheet" href="//x">'
    ))  # fmt: skip
    html = MailPage.objects.get(message=message).html
    for bad in (
        "script",
        "style",
        "onerror",
        "onclick",
        "iframe",
        "form",
        "svg",
        "elsewhere",
        "base",
        "meta",
        "link",
        "\0",
    ):
        assert bad not in html, bad
    assert "words" in html
