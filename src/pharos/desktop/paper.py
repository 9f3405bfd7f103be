"""The request form on paper: what it asks, in one language. It is drawn as a page to print and as a PDF."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from pharos import content
from pharos.content.calendars import local_digits
from pharos.http.behalf import SAID_AUTHORITIES, SAID_RELATIONS

# What people most often say helps them; for everything else there are lines.
COMMON_NEEDS: Final = (
    "hearing",
    "sight",
    "mobility",
    "medical_equipment",
    "young_children",
    "domestic_abuse",
    "literacy",
)
PHONE_BOXES, BOOKING_BOXES, NUMBER_BOXES = 15, 10, 6


@dataclass(frozen=True)
class Boxes:
    """Boxes for single letters, and what is written under them."""

    count: int
    name: str = ""

    @property
    def each(self) -> range:
        """One for each box."""
        return range(self.count)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing to fill in: lines to write on, boxes for single letters in groups, or things to tick."""

    label: str = ""
    lines: int = 0
    boxes: tuple[Boxes, ...] = ()
    between: str = ""
    ticks: tuple[str, ...] = ()
    columns: int = 1

    @property
    def rows(self) -> range:
        """One for each line."""
        return range(self.lines)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A question with its parts."""

    title: str
    parts: tuple[Part, ...]
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """The whole form in one language."""

    language: str
    title: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
    staff: Section
    strip: Section
    page: str  # "Page {number} of {total}"

    @property
    def is_right_to_left(self) -> bool:
        """Whether it is read from right to left."""
        return bool(translation.get_language_info(self.language)["bidi"])


def paper(language: str) -> Paper:
    """The form in this language."""
    with translation.override(language):
        return Paper(
            language=language,
            title=_("Ask for help"),
            lead=(
                _("If someone is in danger, tell a colleague at once. Do not wait for this form."),
                _("Only the second question must be answered. One form is enough."),
            ),
            sections=_sections(language),
            staff=_staff(language),
            strip=_strip(),
            page=_("Page %(number)s of %(total)s"),
        )


def _sections(language: str) -> tuple[Section, ...]:
    asked = (
        _danger(),
        Section(title=_("What has happened, and what do you need?"), parts=(Part(lines=7),)),
        _reach(),
        _when(language),
        _about(language),
        _behalf(),
        _helps(language),
    )
    return tuple(
        Section(title=f"{local_digits(number, language)}. {one.title}", hint=one.hint, parts=one.parts)
        for number, one in enumerate(asked, 1)
    )


def _danger() -> Section:
    return Section(title=_("Is someone in danger?"), parts=(Part(ticks=(_("Someone is in danger right now"),)),))


def _reach() -> Section:
    return Section(
        title=_("Who are you, and how do we reach you?"),
        parts=(
            Part(label=_("Your name"), lines=1),
            Part(label=_("Phone"), boxes=(Boxes(PHONE_BOXES),)),
            Part(label=_("Email"), lines=1),
            Part(label=_("Answer me in"), ticks=tuple(name for _code, name in settings.LANGUAGES), columns=4),
        ),
    )


def _day(language: str) -> Part:
    """Boxes for a day in the calendar and the order of the language."""
    year, month, day = Boxes(4, _("year")), Boxes(2, _("month")), Boxes(2, _("day"))
    groups = (year, month, day) if language in {"fa", "zh-hans"} else (day, month, year)
    return Part(boxes=groups, between="/" if language != "hy" else ".")


def _when(language: str) -> Section:
    booking = Part(label=_("Booking number"), boxes=(Boxes(BOOKING_BOXES),))
    return Section(title=_("When do you travel, or by when do you need this?"), parts=(_day(language), booking))


def _about(language: str) -> Section:
    types = tuple(content.pick(one.name, language).text for one in content.request_types().values())
    return Section(title=_("What is it about?"), parts=(Part(ticks=types, columns=2),))


def _helps(language: str) -> Section:
    needs = content.needs()
    said = tuple(content.pick(needs[code].say_it_as, language).text for code in COMMON_NEEDS)
    return Section(
        title=_("Is there something that would help us to help you?"),
        hint=content.pick(content.needs_notice().form, language).text,
        parts=(
            Part(ticks=said),
            Part(label=_("Or in your own words"), lines=1),
            Part(ticks=(_("I agree that you note this to help me"),)),
        ),
    )


def _behalf() -> Section:
    return Section(
        title=_("Do you write for somebody else?"),
        parts=(
            Part(label=_("Name of the person it is about"), lines=1),
            Part(label=_("Who are you to them?"), ticks=tuple(map(str, SAID_RELATIONS.values())), columns=2),
            Part(label=_("Do they know that you write?"), ticks=tuple(map(str, SAID_AUTHORITIES.values()))),
        ),
    )


def _staff(language: str) -> Section:
    return Section(
        title=_("For our staff"),
        hint=_(
            "Keep this form locked away. Key it in under “Take down”, with its day and time: the place in line "
            "counts from then. Destroy it when the page says that it was sent."
        ),
        parts=(
            Part(label=_("Form number"), boxes=(Boxes(NUMBER_BOXES),)),
            Part(
                label=_("Filled in on"),
                boxes=_day(language).boxes,
                between=_day(language).between,
            ),
            Part(label=_("Time"), boxes=(Boxes(2), Boxes(2)), between=":"),
            Part(label=_("Taken down by"), lines=1),
            Part(label=_("Key it in by"), lines=1),
        ),
    )


def _strip() -> Section:
    return Section(
        title=_("Keep this part"),
        hint=_("We have your request. One is enough: you have your place in line. Tell us this number when you call."),
        parts=(Part(label=_("Form number"), boxes=(Boxes(NUMBER_BOXES),)),),
    )
