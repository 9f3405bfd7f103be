"""How forms are drawn."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Every field as our own component: label, hint, control, error."""

    field_template_name = "components/form_field.html"
