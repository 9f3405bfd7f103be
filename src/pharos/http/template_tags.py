"""Template tags that every template has."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Final

from django import template
from django.template import RequestContext
from django.utils.html import format_html, format_html_join, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy

from pharos.content import Picked, known_language, lists, pick
from pharos.content.calendars import local_digits
from pharos.http.reader import reader_of
from pharos.queries.alarms import language_name

register = template.Library()

RIGHT_TO_LEFT: Final = frozenset({"fa"})
IN_LANGUAGE: Final = {
    "en": gettext_lazy("in English"),
    "fa": gettext_lazy("in Persian"),
    "hy": gettext_lazy("in Armenian"),
    "zh-hans": gettext_lazy("in Chinese"),
}
_BULLET: Final = re.compile(r"^\s*[-*•]\s+")


@register.simple_tag
def said(text: Picked) -> SafeString:
    """A short text. When it is not in the reader's language it is marked as what it is, for eyes and for voices."""
    if not _is_foreign(text):
        return format_html("{}", text.text)
    marked = format_html('<span lang="{}" dir="{}">{}</span>', text.language, _direction(text), text.text)
    return format_html('{} <span class="chip">{}</span>', marked, IN_LANGUAGE[text.language])


@register.simple_tag
def prose(text: Picked) -> SafeString:
    """A longer text: paragraphs, lists of lines that begin with a dash, links that can be followed."""
    body = mark_safe("".join(_paragraphs(text.text)))  # noqa: S308 - made of escaped parts below
    if not _is_foreign(text):
        return body
    note = format_html('<p><span class="chip">{}</span></p>', IN_LANGUAGE[text.language])
    return format_html('{}<div lang="{}" dir="{}" class="prose">{}</div>', note, text.language, _direction(text), body)


def _is_foreign(text: Picked) -> bool:
    return bool(text.text) and text.language != known_language(get_language())


def _direction(text: Picked) -> str:
    return "rtl" if text.language in RIGHT_TO_LEFT else "ltr"


def _paragraphs(text: str) -> Iterator[SafeString]:
    lines = (line.strip() for line in text.strip().split("\n"))
    for is_list, group in groupby(lines, key=lambda line: bool(_BULLET.match(line))):
        if is_list:
            items = format_html_join("", "<li>{}</li>", ((_linked(_BULLET.sub("", line)),) for line in group))
            yield format_html("<ul>{}</ul>", items)
        else:
            yield from (_paragraph(list(block)) for full, block in groupby(group, key=bool) if full)


def _paragraph(lines: list[str]) -> SafeString:
    return format_html("<p>{}</p>", format_html_join(mark_safe("<br>"), "{}", ((_linked(line),) for line in lines)))


def _linked(line: str) -> SafeString:
    return mark_safe(urlize(line, nofollow=True, autoescape=True))  # noqa: S308 - urlize escapes what it does not link


@register.filter
def in_language(texts: Mapping[str, str]) -> SafeString:
    """An operator's text in the reader's language, or marked as what it is where that is missing."""
    return said(pick(texts, get_language()))


@register.filter
def digits(value: object) -> str:
    """A number in the digits of the reader's language."""
    return local_digits(value, get_language() or "en")


@register.filter
def joined(items: Iterable[object]) -> SafeString:
    """Things in a row, with the comma of the reader's language."""
    escaped = [format_html("{}", one) for one in items]
    return mark_safe(lists.joined(escaped, get_language() or "en"))  # noqa: S308 - each one is escaped


@register.filter
def language_names(codes: Iterable[str]) -> list[str]:
    """Languages by their names in the reader's language."""
    return [language_name(code) for code in codes]


@register.simple_tag
def comma() -> str:
    """What stands between two things in a row, in the reader's language."""
    return lists.COMMA[known_language(get_language())]


@register.simple_tag(takes_context=True)
def moment(context: RequestContext, at: datetime | None) -> str:
    """When, on the organisation's clock: the time of day, with the day unless that is today."""
    return reader_of(context["request"]).moment(at)
