"""Other systems: tokens with which they ask us, webhooks with which we tell them."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from pharos.actions import tokens, webhooks
from pharos.actions.errors import Refused
from pharos.http.fields import LineField
from pharos.http.guards import admin_required, organisation_of
from pharos.models import Agent, ApiToken, Organisation, Webhook, WebhookDelivery
from pharos.supervisor.frame import set_up_page


class TokenForm(forms.Form):
    """A new token."""

    name = LineField(
        label=gettext_lazy("What is it for?"), max_length=80, help_text=gettext_lazy("The name of the other system.")
    )
    agent = forms.ModelChoiceField(
        queryset=Agent.objects.none(),
        label=gettext_lazy("Acts as"),
        required=False,
        empty_label=gettext_lazy("A system: brings requests in and reads the queue"),
    )

    def __init__(self, *args: object, organisation: Organisation) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        agents = Agent.objects.filter(organisation=organisation, user__is_active=True).select_related("user")
        field = self.fields["agent"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = agents.order_by("user__name", "user__username")


class WebhookForm(forms.Form):
    """An address that is told of events."""

    url = forms.URLField(
        label=gettext_lazy("Address"),
        max_length=500,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"dir": "ltr", "placeholder": "https://"}),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        required=False,
        choices=[(code, code) for code in webhooks.EVENTS],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: all of them."),
    )


@admin_required
def connections(request: HttpRequest) -> HttpResponse:
    """Tokens and webhooks."""
    return _page(request)


@never_cache
@require_POST
@admin_required
def token_make(request: HttpRequest) -> HttpResponse:
    """A new token, shown this once."""
    organisation = organisation_of(request)
    form = TokenForm(request.POST, organisation=organisation)
    if not form.is_valid():
        return _page(request, token_form=form, status=422)
    made = tokens.make_token(
        organisation=organisation, name=form.cleaned_data["name"], agent=form.cleaned_data["agent"], now=timezone.now()
    )
    return _page(request, made=made)


@require_POST
@admin_required
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """A token that works no longer."""
    token = get_object_or_404(ApiToken, organisation=organisation_of(request), pk=pk)
    if tokens.revoke(token=token, now=timezone.now()):
        messages.success(request, _("“%(name)s” no longer works.") % {"name": token.name})
    return redirect("connections")


@never_cache
@require_POST
@admin_required
def webhook_add(request: HttpRequest) -> HttpResponse:
    """Tell another system, and show the secret with which it checks that it is us."""
    form = WebhookForm(request.POST)
    if form.is_valid():
        try:
            hook = webhooks.add(organisation=organisation_of(request), now=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error("url", str(refused.message))
        else:
            return _page(request, added=hook)
    return _page(request, webhook_form=form, status=422)


@require_POST
@admin_required
def webhook_switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause a webhook, or go on with it."""
    hook = get_object_or_404(Webhook, organisation=organisation_of(request), pk=pk)
    webhooks.switch(webhook=hook, active="on" in request.POST)
    return redirect("connections")


@require_POST
@admin_required
def webhook_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell this system nothing more."""
    webhooks.remove(webhook=get_object_or_404(Webhook, organisation=organisation_of(request), pk=pk))
    messages.success(request, _("The webhook is gone."))
    return redirect("connections")


def _page(request: HttpRequest, *, status: int = 200, **context: object) -> HttpResponse:
    organisation = organisation_of(request)
    hooks = organisation.webhooks.order_by("id")
    failed = WebhookDelivery.objects.filter(webhook__organisation=organisation, state=WebhookDelivery.State.FAILED)
    context = {
        "tokens": organisation.api_tokens.filter(revoked_at__isnull=True).select_related("agent__user").order_by("id"),
        "webhooks": hooks,
        "failed": set(failed.values_list("webhook_id", flat=True).distinct()),
        "token_form": TokenForm(organisation=organisation),
        "webhook_form": WebhookForm(),
        **context,
    }
    return set_up_page(request, "setup/connections.html", context, at="connections", status=status)
