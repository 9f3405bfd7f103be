"""What an agent fills in about what a person needs: the drill, what they noticed, what is noted already."""

from typing import Any, Final, NamedTuple

from django import forms
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.actions import needs
from pharos.actions.errors import Refused
from pharos.content import Picked
from pharos.desktop.forms import PanelForm, WordsField
from pharos.models import SupportNeed
from pharos.queries import needs as register

TEXAS: Final = "texas"
CONSENT: Final = "explicit_consent"
ASK: Final = "ask"


class StepShown(NamedTuple):
    """One step of a drill: what to do, and words that fit, in the person's language where the agent reads it."""

    letter: str
    key: str
    title: Picked
    do: Picked
    say: Picked


def step_shown(step: content.Step, language: str) -> StepShown:
    """A step in the reader's language."""
    title, do, say = (content.pick(one, language) for one in (step.title, step.do, step.say))
    return StepShown(step.letter, step.key, title, do, say)


def _choices(language: str) -> list[tuple[str, str]]:
    said = [(code, content.pick(one.say_it_as, language).text) for code, one in content.needs().items()]
    return [("", gettext("Choose")), *said, (register.OTHER, gettext("Something else, in their own words"))]


class DrillForm(PanelForm):
    """Thank, explain, ask for a yes, ask what helps, offer more: step by step; nothing is kept before the end."""

    code = forms.ChoiceField(label=_("What the person said"), required=False)
    words = WordsField(
        label=_("In their own words"),
        required=False,
        max_length=needs.MOST_WORDS,
        help_text=_("What they need, not a diagnosis."),
    )

    share = forms.BooleanField(
        label=_("They agree that we pass it on to the priority services register"), required=False
    )

    def prepare(self) -> None:
        """The steps, and where in them we are."""
        language = self.reader.language
        self.fields["code"].choices = _choices(language)  # type: ignore[attr-defined]
        self.steps = [step_shown(one, language) for one in content.protocols()[TEXAS].steps]
        typed = self.data.get("at", "0") if self.is_bound else "0"
        self.at = min(int(typed), len(self.steps) - 1) if typed.isdecimal() and len(typed) < 3 else 0
        self.has_yes = self.is_bound and self.data.get("consent") == "yes"
        if self.at > self._number(CONSENT) and not self.has_yes:
            self.at = self._number(CONSENT)
        notice = content.needs_notice()
        self.notice = content.pick(notice.spoken, language)
        self.edition = notice.edition

    def _number(self, key: str) -> int:
        return next(number for number, one in enumerate(self.steps) if one.key == key)

    @property
    def step(self) -> StepShown:
        """The present step."""
        return self.steps[self.at]

    @property
    def is_last(self) -> bool:
        """Whether the next press keeps it."""
        return self.at == len(self.steps) - 1

    def given(self) -> dict[str, Any] | None:
        """What was pressed and what is filled in so far; None when this step is not answered yet."""
        pressed = self.data.get("go", "")
        if pressed == "back":
            return {"at": max(self.at - 1, 0)}
        if self.step.key == CONSENT:
            answers: dict[str, dict[str, Any]] = {
                "yes": {"at": self.at + 1, "consent": "yes"},
                "no": {"answer": "no"},
            }
            return answers.get(pressed)
        return self._filled() if self.is_valid() else None

    def _filled(self) -> dict[str, Any] | None:
        values = self.cleaned_data
        if self.at >= self._number(ASK) and not (values["code"] or values["words"].strip()):
            self.add_error("code", gettext("Choose what would help, or write it in the person's words."))
            self.at = self._number(ASK)
            return None
        if not self.is_last:
            return {"at": self.at + 1}
        answer = "yes" if self.has_yes else ""
        return {
            "answer": answer,
            "code": values["code"] or register.OTHER,
            "words": values["words"],
            "may_pass_on": values["share"],
        }


class ObserveForm(PanelForm):
    """What a colleague noticed and could not ask about."""

    code = forms.ChoiceField(label=_("What might help"))
    words = WordsField(
        label=_("What you noticed"),
        required=False,
        max_length=needs.MOST_WORDS,
        help_text=_("Only what was said or done. The person can read it."),
    )

    def prepare(self) -> None:
        """The needs we know."""
        self.fields["code"].choices = _choices(self.reader.language)  # type: ignore[attr-defined]


class NeedShown(NamedTuple):
    """One noted need, in full."""

    id: int
    said: Picked
    words: str
    facts: list[tuple[str, str]]
    is_verified: bool
    is_asked: bool


class NeedsForm(PanelForm):
    """What is noted, in full. That it was read is kept, and the person can read that."""

    def prepare(self) -> None:
        """Everything that holds now."""
        self.shown: list[NeedShown] = []
        self.refused = ""
        try:
            found = needs.look(contact=self.contact, by=self._user(), now=self.reader.now)
        except Refused as refused:
            self.refused = str(refused.message)
            return
        asked = register.open_check_ins(self.contact.person_id)
        self.rows = {need.pk: need for need in found}
        self.shown = [self._show(need, is_asked=need.pk in asked) for need in found]

    def _user(self) -> Any:
        agent = self.contact.agent
        if agent is None:
            raise Refused("moved_on", _("This contact has moved on. Nothing was changed."))
        return agent.user

    def _show(self, need: SupportNeed, *, is_asked: bool) -> NeedShown:
        language, known = self.reader.language, content.needs().get(need.code)
        said = content.pick(known.say_it_as, language) if known else Picked(gettext("In their own words"), language)
        return NeedShown(need.pk, said, need.words, self._facts(need), need.is_verified, is_asked)

    def _facts(self, need: SupportNeed) -> list[tuple[str, str]]:
        reader = self.reader
        by = need.noted_by.get_full_name() if need.noted_by else ""
        facts = [
            (gettext("Noted"), " · ".join(one for one in (reader.moment(need.noted_at), by) if one)),
            (gettext("On what ground"), basis_name(need.basis)),
            (gettext("Ask again"), reader.moment(need.review_at)),
            (gettext("Kept until"), reader.moment(need.ends_at)),
        ]
        return [fact for fact in facts if fact[1]]

    def given(self) -> dict[str, Any] | None:
        """Which button, and of which need."""
        act, _sep, number = self.data.get("act", "").partition(":")
        need = self.rows.get(int(number)) if number.isdecimal() and len(number) < 19 and self.shown else None
        return {"act": act, "need": need} if need and act in {"withdraw", "right", "yes"} else None


def basis_name(basis: str) -> str:
    """The ground in words."""
    return {
        SupportNeed.Basis.CONSENT: pgettext("ground", "the person agreed"),
        SupportNeed.Basis.VITAL_INTEREST: pgettext("ground", "to protect a life"),
        SupportNeed.Basis.LEGAL_DUTY: pgettext("ground", "the law asks for it"),
        SupportNeed.Basis.CARE: pgettext("ground", "a colleague noticed it"),
    }[SupportNeed.Basis(basis)]
