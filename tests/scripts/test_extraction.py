import pytest

from scripts import extraction


def texts(found):
    return [(message.text, message.context) for message in found]


def test_python_messages_of_every_kind():
    code = b"""
_("plain"), gettext("joined " "text"), gettext_lazy("later"), ngettext("%(n)d day", "%(n)d days", n)
pgettext("month", "May"), npgettext("c", "one", "many", n), _(variable), other("no")
"""
    assert texts(extraction.in_python(code)) == [
        ("plain", None),
        ("joined text", None),
        ("later", None),
        (("%(n)d day", "%(n)d days"), None),
        ("May", "month"),
        (("one", "many"), "c"),
    ]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('{% translate "Send" %}', ("Send", None)),
        ('{% translate "Don\'t wait" as label %}', ("Don't wait", None)),
        ('{% trans "May" context "month" %}', ("May", "month")),
        ('{% translate "50% done"|upper %}', ("50%% done", None)),
        ('{% include "x.html" with title=_("A title") only %}', ("A title", None)),
        ('{{ name|default:_("nobody") }}', ("nobody", None)),
        ("{% blocktranslate with n=x %}Hi {{ n }}, 5%{% endblocktranslate %}", ("Hi %(n)s, 5%%", None)),
        ('{% blocktranslate trimmed context "c" %}\n  two\n  lines\n{% endblocktranslate %}', ("two lines", "c")),
        (
            "{% blocktranslate count n=x|length %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}",
            (("%(n)s day", "%(n)s days"), None),
        ),
    ],
)
def test_template_messages_of_every_kind(code, found):
    assert texts(extraction.in_template(code)) == [found]


def test_template_without_messages():
    code = '{% comment %}{% translate "no" %}{% endcomment %}{# translate "no" #}{% translate variable %}<p>_("no")</p>'
    assert texts(extraction.in_template(code)) == []


def test_hint_for_translators_goes_with_the_next_message():
    code = '{# Translators: a verb #}{% translate "Open" %}{% translate "Closed" %}'
    assert [found.comments for found in extraction.in_template(code)] == [["Translators: a verb"], []]
