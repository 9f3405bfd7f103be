"""A list of colleagues, row by row: who each becomes, or what is wrong, named by row and column."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from django.conf import settings
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import translation
from django.utils.translation import gettext as _

from pharos.actions.staff import Profile
from pharos.content.calendars import local_digits
from pharos.content.dates import plain_digits
from pharos.models import Organisation, Role, Skill
from pharos.queries.rules import rule
from pharos.queries.staff import usernames_taken
from pharos.supervisor.forms.people import MOST_CAPACITY
from pharos.supervisor.people_file import NotReadable, table

ROLES: Final = {
    "": Role.AGENT,
    "agent": Role.AGENT,
    "lead": Role.LEAD,
    "duty lead": Role.LEAD,
    "admin": Role.ADMIN,
    "administrator": Role.ADMIN,
}
BETWEEN: Final = re.compile(r"[|,;/،؛、，；]")
COLON: Final = re.compile(r"\s*[:：]\s*")
LEVELS: Final = range(1, 6)
USUAL_LEVEL: Final = 3


class Problem(NamedTuple):
    """What is wrong in one cell, in the reader's language."""

    row: int
    column: str
    text: str


class Line(NamedTuple):
    """One row: what was typed, and who it becomes where nothing is wrong with it."""

    row: int
    cells: Mapping[str, str]
    profile: Profile | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole list. `refused` says why it cannot be read at all; `notices` what was assumed."""

    text: str = ""
    lines: Sequence[Line] = ()
    problems: Sequence[Problem] = ()
    notices: Sequence[str] = ()
    refused: str = ""

    @property
    def profiles(self) -> list[Profile]:
        """Who the rows without a problem become."""
        return [line.profile for line in self.lines if line.profile]


def read(given: bytes | str, *, organisation: Organisation, skills: Iterable[Skill], language: str) -> Sheet:
    """Everything that a file says and everything that is wrong with it; nothing is stored."""
    try:
        found = table(given)
    except NotReadable as error:
        return Sheet(refused=str(error))
    rows = _Rows(
        organisation=organisation,
        skills=_skill_names(skills),
        languages=_language_names(),
        taken=usernames_taken([_username(cells["user_name"]) for _row, cells in found.rows]),
        language=language,
    )
    lines = [Line(row, cells, rows.profile(row, cells)) for row, cells in found.rows]
    return Sheet(text=found.text, lines=lines, problems=rows.problems, notices=found.notices)


@dataclass(slots=True)
class _Rows:
    """Reads row after row and gathers what is wrong."""

    organisation: Organisation
    skills: Mapping[str, int]
    languages: Mapping[str, str]
    taken: set[str]
    language: str
    problems: list[Problem] = field(default_factory=list)
    first_row: dict[str, int] = field(default_factory=dict)
    row: int = 0

    def wrong(self, column: str, text: str) -> None:
        self.problems.append(Problem(self.row, column, text))

    def profile(self, row: int, cells: Mapping[str, str]) -> Profile | None:
        """Who the row becomes; None when something is wrong with it."""
        self.row, before = row, len(self.problems)
        role = self._role(cells["role"])
        skills = self._skills(cells["skills"], role)
        profile = Profile(
            username=self._user_name(cells["user_name"]),
            name=self._name(cells["name"]),
            email=self._email(cells["email"]),
            role=role,
            language=self.language,
            languages=self._languages(cells["languages"], is_agent=bool(skills) or role == Role.AGENT),
            skills=skills,
            capacity_live=self._capacity("live", cells["live"]),
            capacity_written=self._capacity("written", cells["written"]),
        )
        return profile if len(self.problems) == before else None

    def _name(self, typed: str) -> str:
        if not typed:
            self.wrong("name", _("The name is missing."))
        elif len(typed) > 150:
            self.wrong("name", _("This is too long."))
        return typed

    def _user_name(self, typed: str) -> str:
        username = _username(typed)
        if not username:
            self.wrong("user_name", _("The user name is missing."))
            return username
        try:
            UnicodeUsernameValidator()(username)
        except ValidationError:
            self.wrong("user_name", _("Only letters, digits and @ . + - _ are possible."))
        if len(username) > 150:
            self.wrong("user_name", _("This is too long."))
        if username in self.taken:
            self.wrong("user_name", _("This user name is taken."))
        elif username in self.first_row:
            other = self.first_row[username]
            self.wrong(
                "user_name", _("Row %(row)s has this user name too.") % {"row": local_digits(other, self.language)}
            )
        self.first_row.setdefault(username, self.row)
        return username

    def _email(self, typed: str) -> str:
        try:
            if typed:
                validate_email(typed)
        except ValidationError:
            self.wrong("email", _("This is not an email address."))
        return typed

    def _role(self, typed: str) -> Role:
        role = ROLES.get(typed.casefold().replace("_", " "))
        if role is None:
            self.wrong("role", _("Write agent, lead or admin."))
        return role or Role.AGENT

    def _languages(self, typed: str, *, is_agent: bool) -> tuple[str, ...]:
        codes = {part: self.languages.get(part.casefold()) for part in _parts(typed, self.languages)}
        for part in (part for part, code in codes.items() if code is None):
            known = "|".join(code for code, _name in settings.LANGUAGES)
            self.wrong("languages", _("“%(text)s” is not one of %(known)s.") % {"text": part, "known": known})
        if not codes and is_agent:
            self.wrong("languages", _("Write at least one language."))
        return tuple(dict.fromkeys(code for code in codes.values() if code))

    def _skills(self, typed: str, role: Role) -> dict[int, int]:
        levels: dict[int, int] = {}
        for part in _parts(typed, self.skills):
            name, _colon, level = part.partition(":")
            skill = self.skills.get(name.strip().casefold())
            number = plain_digits(level.strip()) or str(USUAL_LEVEL)
            if skill is None:
                self.wrong("skills", _("There is no skill “%(text)s” here.") % {"text": name.strip()})
            elif not number.isdecimal() or int(number) not in LEVELS:
                self.wrong("skills", _("The level of “%(text)s” is a number from 1 to 5.") % {"text": name.strip()})
            else:
                levels[skill] = int(number)
        if not typed and role == Role.AGENT:
            self.wrong("skills", _("Give an agent at least one skill, or they are offered nothing."))
        return levels

    def _capacity(self, column: str, typed: str) -> int:
        usual: int = rule(self.organisation, f"capacity_{column}")
        number = plain_digits(typed) or str(usual)
        if not number.isdecimal() or int(number) > MOST_CAPACITY:
            most = {"most": local_digits(MOST_CAPACITY, self.language)}
            self.wrong(column, _("Write a whole number from 0 to %(most)s.") % most)
            return usual
        return int(number)


def _username(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed).lower()


def _parts(typed: str, known: Mapping[str, object]) -> list[str]:
    """What a cell lists: parted by a mark, or by spaces where no name has one."""
    typed = COLON.sub(":", typed)
    if BETWEEN.search(typed) or typed.casefold() in known:
        return [part.strip() for part in BETWEEN.split(typed) if part.strip()]
    return typed.split()


def _skill_names(skills: Iterable[Skill]) -> dict[str, int]:
    names: dict[str, int] = {}
    for skill in skills:
        for name in (*skill.name.values(), skill.code):
            names[name.casefold()] = skill.pk
    return names


def _language_names() -> dict[str, str]:
    names: dict[str, str] = {"zh": "zh-hans", "chinese": "zh-hans", "中文": "zh-hans"}
    for code, own_name in settings.LANGUAGES:
        info = translation.get_language_info(code)
        for name in (code, own_name, info["name"], info["name_local"], info["name_translated"]):
            names[str(name).casefold()] = code
    return names
