"""A mail as it was sent, on a page of its own on which nothing runs and nothing is fetched."""

import logging
import re
from base64 import b64encode
from collections.abc import Iterable
from functools import cache
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from pharos.http.reader import reader_of
from pharos.models import Attachment, MailPage

logger = logging.getLogger(__name__)

PICTURE: Final = re.compile(r' src="cid:([^"]*)"')
MOST_BYTES: Final = 11 * 2**20  # of pictures, as they stand in the page
POLICY: Final = (
    "sandbox; default-src 'none'; style-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def mail_as_sent(request: HttpRequest, pk: int, *, contacts: Iterable[int]) -> HttpResponse:
    """The page of one message of these contacts, which the reader may see; 404 for any other."""
    rows = MailPage.objects.select_related("message__contact__person")
    page = get_object_or_404(rows, message=pk, message__contact__in=list(contacts))
    message, reader = page.message, reader_of(request)
    context = {
        "message": message,
        "name": message.contact.person.name,
        "at": reader.moment(message.created_at),
        "html": _with_pictures(page),
    }
    response = render(request, "components/as_sent.html", context)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"  # browsers refuse any other together with a sandbox
    return response


def _with_pictures(page: MailPage) -> str:
    """The pictures that came along stand in the page itself, as many as are not too much."""
    kept = {one.token: one for one in page.message.attachments.filter(media_type__startswith="image/")}
    left = MOST_BYTES

    @cache
    def drawn(token: str) -> str:
        return _drawn(kept[token])

    def placed(match: re.Match[str]) -> str:
        nonlocal left
        picture = kept.get(match[1])
        if picture is None or _length(picture) > left:
            return ""
        left -= _length(picture)  # each time that it stands there, not once
        return drawn(picture.token)

    return PICTURE.sub(placed, page.html)


def _length(picture: Attachment) -> int:
    """Bytes of a picture where it stands in a page."""
    return (picture.size + 2) // 3 * 4


def _drawn(picture: Attachment) -> str:
    """Where the page has the picture from; blank when its file is gone."""
    try:
        content = (settings.UPLOADS_DIR / picture.path).read_bytes()
    except FileNotFoundError:
        logger.warning("the file of attachment %d is gone", picture.pk)
        return ""
    return f' src="data:{picture.media_type};base64,{b64encode(content).decode()}"'
