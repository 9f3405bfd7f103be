"""Who somebody is: what was checked, and the form to check it."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharos.actions.identity import VOUCHED
from pharos.desktop.forms import PanelForm
from pharos.http.order import Said
from pharos.http.reader import Reader
from pharos.http.trail import CHECKED
from pharos.models import Contact, IdentityCheck, PageCode
from pharos.queries import checks, identities

MOST_TYPED: Final = 40
LEFT_TO_RIGHT, AS_BEFORE = "\u2066", "\u2069"  # an address keeps its order in every line


class CodeInput(forms.PasswordInput):
    """Shows what is typed, and is empty again afterwards."""

    input_type = "text"


class WhoForm(PanelForm):
    """Send a code and type what the person tells, or say how else it is known."""

    code = forms.CharField(
        label=_("The six digits they tell you"),
        required=False,
        max_length=MOST_TYPED,
        widget=CodeInput(attrs={"inputmode": "numeric", "autocomplete": "off", "dir": "ltr", "size": 10}),
    )
    way = forms.ChoiceField(label=_("Or: how do you know?"), required=False)

    def prepare(self) -> None:
        """Where a code would go, and whether one is on its way."""
        ways = [(way.value, CHECKED[way]) for way in VOUCHED]
        self.fields["way"].choices = [("", gettext("Choose")), *ways]  # type: ignore[attr-defined]
        address = identities.mail_of(self.contact.person_id)
        is_drill = bool(self.contact.incident and self.contact.incident.is_drill)
        self.address = f"{LEFT_TO_RIGHT}{checks.hint(address.typed)}{AS_BEFORE}" if address and not is_drill else ""
        self.is_new_address = address is not None and address.verified_at is None
        self.is_sent = checks.has_open_code(self.contact, PageCode.Purpose.DESK, now=self.reader.now)

    def given(self) -> dict[str, Any] | None:
        """Send, the code, or the way. Enter after a code presses the first button there is: what was typed counts."""
        if self.data.get("go") == "send" and not self.data.get("code", "").strip():
            return {"send": True}
        if not self.is_valid():
            return None
        code, way = self.cleaned_data["code"].strip(), self.cleaned_data["way"]
        if not code and not way:
            self.add_error("code", gettext("Type the code, or choose how you know."))
            return None
        return {"code": code} if code else {"way": way}


def standing(contact: Contact, reader: Reader) -> Said:
    """What is known now of who it is."""
    check = checks.standing(contact, now=reader.now)
    if check is None:
        return Said(gettext("Not checked yet"), "warn")
    return Said(gettext("Checked: %(how)s, %(time)s") % {"how": how(check), "time": reader.moment(check.at)}, "good")


def how(check: IdentityCheck) -> str:
    """What a check rests on."""
    return str(CHECKED[IdentityCheck.Way(check.way)])
