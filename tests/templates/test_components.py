from types import SimpleNamespace

import pytest
from django import forms
from django.template.loader import render_to_string


def draw(component: str, **context) -> str:
    return " ".join(render_to_string(f"components/{component}.html", context).split())


class Request(forms.Form):
    words = forms.CharField(label="What happened", help_text="A few words are enough.", widget=forms.Textarea)
    kind = forms.ChoiceField(label="Kind", choices=[("refund", "Refund"), ("other", "Other")], widget=forms.RadioSelect)
    danger = forms.BooleanField(label="Danger", required=False)
    nonce = forms.CharField(widget=forms.HiddenInput)


@pytest.mark.parametrize(
    ("band", "word"),
    [(0, "Danger to life"), (1, "Cannot wait"), (2, "Should not wait"), (3, "Ordinary")],
)
def test_band_is_a_word_and_a_shape(band, word):
    html = draw("band", band=band)
    assert word in html
    assert "<svg" in html


def test_field_with_error_is_described_and_marked():
    html = draw("field", field=Request({})["words"])
    assert '<label for="id_words">What happened</label>' in html
    assert 'aria-describedby="id_words_helptext id_words_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_words_helptext"' in html
    assert 'id="id_words_error"' in html


def test_field_of_choices_is_a_group_with_its_name():
    html = draw("field", field=Request()["kind"])
    assert "<fieldset" in html
    assert "<legend>Kind</legend>" in html


def test_field_that_may_stay_empty_says_so():
    class Optional(forms.Form):
        booking = forms.CharField(label="Booking", required=False)

    assert "(optional)" in draw("field", field=Optional()["booking"])


def test_field_hidden_is_only_its_control():
    assert "<div" not in draw("field", field=Request()["nonce"])


def test_form_draws_its_fields_as_ours():
    assert (
        Request()["words"].as_field_group()
        == render_to_string("components/form_field.html", {"field": Request()["words"]}).strip()
    )


def test_error_summary_links_to_each_field():
    html = draw("error_summary", form=Request({}))
    assert 'href="#id_words_field"' in html
    assert 'href="#id_kind_field"' in html
    assert 'href="#id_nonce_field"' not in html


def test_error_summary_without_errors_is_absent():
    assert draw("error_summary", form=Request()) == ""


def test_wait_range_is_drawn_in_proportion_with_words():
    html = draw("wait_range", low_s=900, high_s=1800, scale_s=3600, low_text="15 minutes", high_text="30 minutes")
    assert "15 minutes to 30 minutes" in html
    assert 'x1="25%" x2="50%"' in html


def test_wait_range_without_data_says_so():
    html = draw("wait_range", low_s=None, high_s=None, scale_s=3600)
    assert "We cannot say yet" in html
    assert "<svg" not in html


def test_promise_names_the_time_and_how_long():
    html = draw(
        "promise",
        state="told",
        by="14:05",
        by_iso="2025-03-08T14:05:00+03:30",
        zone="Tehran time",
        about="in 20 minutes",
    )
    assert '<time datetime="2025-03-08T14:05:00+03:30" data-live="by" data-live-datetime="by_iso">14:05</time>' in html
    assert "Tehran time" in html
    assert "in 20 minutes" in html


def test_promise_without_a_time_makes_none_up():
    assert "We cannot say yet" in draw("promise", state="told", by="")


def test_promise_broken_names_what_was_told():
    assert "We told you 13:40" in draw("promise", state="broken", by="14:05", before="13:40")


@pytest.mark.parametrize("direction", ["in", "out", "note"])
def test_message_words_are_escaped_and_kept(direction):
    message = SimpleNamespace(direction=direction, author="Ali", at="14:05", at_iso="", body="<b>one</b>\n\ntwo")
    html = render_to_string("components/message.html", {"message": message})
    assert "&lt;b&gt;one&lt;/b&gt;\n\ntwo</div>" in html
    assert ("Internal note, not sent" in html) == (direction == "note")


def test_steps_may_be_plain_texts():
    html = draw("steps", steps=["wait here", SimpleNamespace(heading="Call", text="by phone")])
    assert "<p>wait here</p>" in html
    assert '<p class="steps-title">Call</p> <p>by phone</p>' in html


def test_languages_mark_the_one_in_use():
    html = draw("languages", language_links=[("en", "English", "/en/"), ("fa", "فارسی", "/fa/")], LANGUAGE_CODE="fa")
    assert '<a href="/fa/" lang="fa" hreflang="fa" aria-current="true">فارسی</a>' in html
    assert html.count("aria-current") == 1


def test_quick_exit_without_an_address_is_absent():
    assert draw("quick_exit", quick_exit_url="") == ""
