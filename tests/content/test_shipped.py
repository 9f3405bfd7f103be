"""What ships is complete, consistent with itself, and written with respect."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import phonenumbers
import pytest

from pharos import content
from pharos.content.loader import FOLDER
from pharos.content.text import same_placeholders

LABEL = re.compile(r"vulnerab|آسیب[\s\u200c]?پذیر|խոցել|脆弱|弱势", re.IGNORECASE)
# Where staff learn not to use the word.
TEACHING = {
    "training_curriculum.modules[0].summary",
    "training_curriculum.modules[0].quiz[0].q",
    "training_curriculum.modules[2].quiz[0].options[2].text",
}
PLACEHOLDER = re.compile(r"\{[a-z0-9_]+\}")
# What people say, in their own spelling and mood.
AS_HEARD = {"danger_phrasings", "feeling_phrasings", "signal_lexicon"}
OPTIONAL = {
    *("customer_name", "range", "earlier_time", "page_url", "channels", "emergency_phone", "agent_name", "next_step"),
}
EVERY_KIND = content.kinds()


def walk(node: Any, where: str) -> Iterator[tuple[str, Any]]:
    yield where, node
    if isinstance(node, Mapping):
        for key, item in node.items():
            yield f"{where}.{key}", key
            yield from walk(item, f"{where}.{key}")
    elif isinstance(node, tuple):
        for index, item in enumerate(node):
            yield from walk(item, f"{where}[{index}]")


def texts(kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for where, node in walk(content.load(kind), kind):
        if isinstance(node, Mapping) and "en" in node:
            yield where, node


def strings(kind: str) -> Iterator[tuple[str, str, str]]:
    """Place, language and one string."""
    for where, node in texts(kind):
        for language, text in node.items():
            for part in (text,) if isinstance(text, str) else text:
                yield where, language, part


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_file_loads(kind):
    assert content.load(kind)["kind"] == kind


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_text_asks_for_the_same_values_in_every_language(kind):
    odd = [
        where
        for where, node in texts(kind)
        if all(isinstance(text, str) for text in node.values()) and not same_placeholders(node.values())
    ]
    assert odd == []


@pytest.mark.parametrize("kind", sorted(set(EVERY_KIND) - AS_HEARD))
def test_lists_are_equally_long_in_every_language(kind):
    odd = [
        where
        for where, node in texts(kind)
        if not isinstance(node["en"], str) and len({len(part) for part in node.values()}) != 1
    ]
    assert odd == []


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_nobody_is_labelled(kind):
    labelled = {
        where.removesuffix(f".{language}")
        for where, language in (
            (where, where.rpartition(".")[2])
            for where, node in walk(content.load(kind), kind)
            if isinstance(node, str) and LABEL.search(node)
        )
    }
    assert labelled == {where for where in TEACHING if where.startswith(f"{kind}.")}
    assert not LABEL.search(kind)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.name)
def test_comments_label_nobody(path):
    comments = [line for line in path.read_text(encoding="utf-8").splitlines() if line.lstrip().startswith("#")]
    assert [line for line in comments if LABEL.search(line)] == []


@pytest.mark.parametrize("kind", sorted(set(EVERY_KIND) - AS_HEARD))
def test_persian_has_its_own_digits_letters_and_punctuation(kind):
    odd = [
        (where, text)
        for where, language, text in strings(kind)
        if language == "fa" and re.search(r"[?;,0-9\u064a\u0643]", PLACEHOLDER.sub("", text))
    ]
    assert odd == []


@pytest.mark.parametrize("kind", sorted(set(EVERY_KIND) - AS_HEARD))
def test_armenian_has_its_own_punctuation(kind):
    odd = [
        (where, text)
        for where, language, text in strings(kind)
        if language == "hy" and re.search(r"[?;]|[ա-և]:", PLACEHOLDER.sub("", text))
    ]
    assert odd == []


@pytest.mark.parametrize("kind", sorted(set(EVERY_KIND) - AS_HEARD))
def test_chinese_has_its_own_punctuation(kind):
    odd = [
        (where, text)
        for where, language, text in strings(kind)
        if language == "zh-hans" and re.search(r"[\u4e00-\u9fff][?;,:!.]|[?;,:!][\u4e00-\u9fff]", text)
    ]
    assert odd == []


@pytest.mark.parametrize("kind", sorted(set(EVERY_KIND) - AS_HEARD))
def test_texts_are_trimmed_and_plain(kind):
    odd = [
        where
        for where, _, text in strings(kind)
        if text != text.strip() or re.search(r"[<>\t\r]|  |\u200c\u200c", text)
    ]
    assert odd == []


def test_needs_are_said_by_their_owner():
    needs = content.needs()
    assert len(needs) == 36
    assert {need.weight for need in needs.values()} <= {0, 1, 2, 3}
    assert needs["medical_equipment"].weight == 3
    assert not hasattr(needs["mental_health"], "name")
    assert content.staff_need_names().keys() == needs.keys()


def test_needs_name_known_accommodations():
    known = content.accommodations().keys()
    assert {code for need in content.needs().values() for code in need.accommodations} <= known


def test_register_codes_and_needs_name_each_other():
    codes = {row["code"]: row["maps_to"] for row in content.load("psr_needs_codes")["codes"]}
    assert set(codes.values()) <= content.needs().keys()
    assert {code for need in content.needs().values() for code in need.psr} == codes.keys()


def test_crisis_types_have_a_severity_and_a_page():
    types = content.crisis_types()
    assert len(types) == 8
    assert {kind.default_severity for kind in types.values()} <= content.severity_scale().keys()
    assert content.incident_pages().keys() == types.keys()
    assert list(content.incident_states()) == ["watching", "declared", "contained", "recovering", "closed"]


@pytest.mark.parametrize("code", list(content.incident_pages()))
def test_a_fresh_page_is_useful_at_once(code):
    page = content.incident_pages()[code]
    assert content.placeholders(page.what_happened["en"]) == {"crisis_name"}
    assert 3 <= len(page.what_to_do) <= 5
    assert code == "business_or_financial" or "emergency_phone" in content.placeholders(page.what_to_do[0]["en"])
    assert 2 <= len(page.questions) <= 3
    words = [page.policy, *page.what_to_do, *(part for one in page.questions for part in one)]
    assert set().union(*(content.placeholders(text["en"]) for text in words)) <= {"crisis_name", "emergency_phone"}


def test_messages_by_code_and_channel():
    body, subject = content.template("first_notice", "email")
    assert body["fa"]
    assert subject is not None
    assert content.template("first_notice", "sms").subject is None
    assert content.message_templates()["auto_ack"].headers == {"Auto-Submitted": "auto-replied"}


@pytest.mark.parametrize("code", list(content.message_templates()))
def test_mail_has_a_subject_of_one_line(code):
    wordings = content.message_templates()[code].wordings
    for channel, wording in wordings.items():
        assert (wording.subject is not None) == (channel == "email")
        if wording.subject:
            assert all("\n" not in text for text in wording.subject.values())


def own_messages() -> list[tuple[str, str]]:
    codes = [*(row["code"] for row in content.load("messages")["templates"]), "auto_ack", "auto_ack_urgent"]
    return [(code, channel) for code in codes for channel in content.message_templates()[code].wordings]


@pytest.mark.parametrize(("code", "channel"), own_messages())
def test_what_may_be_missing_takes_nothing_else_with_it(code, channel):
    for text in content.template(code, channel).body.values():
        for line in text.split("\n"):
            names = content.placeholders(line)
            assert not names & OPTIONAL or names <= OPTIONAL, line


@pytest.mark.parametrize("code", ["acknowledgement", "auto_ack", "auto_ack_urgent"])
def test_an_acknowledgement_tells_reference_time_page_and_other_ways(code):
    time = "promise_time" if code == "acknowledgement" else "answer_by"
    for text in content.template(code, "email").body.values():
        assert content.placeholders(text) >= {"reference", time, "range", "page_url", "channels", "emergency_phone"}


def test_no_text_puts_a_second_message_behind_the_first():
    wrong = re.compile(r"queue behind|in order of date|هم‌پشت|پشت همین|հերթ կկանգնի|ըստ ամսաթվի|排在这封之后|日期先后")
    kinds = ("crisis_message_templates", "messages", "channel_guide", "ivr_menu", "incident_page", "demo")
    assert [where for kind in kinds for where, _, text in strings(kind) if wrong.search(text)] == []


@pytest.mark.parametrize("channel", ["ivr", "web"])
def test_the_phone_window_exempts_danger_and_needs(channel):
    body = content.template("phone_window", channel).body
    for language, danger, need in [
        ("en", "danger", "extra help"),
        ("fa", "خطر", "کمک"),
        ("hy", "վտանգի", "օգնություն"),
        ("zh-hans", "危险", "额外帮助"),
    ]:
        assert danger in body[language]
        assert need in body[language]


def test_reasons_name_no_need_and_ask_for_days_only():
    reasons = content.reasons()
    assert {"danger", "leaves_today", "leaves_tomorrow", "leaves_in_days", "date_passed", "ordinary"} <= reasons.keys()
    for code, reason in reasons.items():
        wanted = {"days"} if code == "leaves_in_days" else frozenset()
        assert content.placeholders(reason.staff["en"]) == content.placeholders(reason.public["en"]) == wanted


def test_request_types_go_to_queues_that_exist():
    types, queues = content.request_types(), content.queue_names()
    assert list(types) == ["refund", "cancellation", "change", "information", "complaint", "assistance"]
    assert {kind.queue for kind in types.values()} <= queues.keys()
    assert types["refund"].queue == "refunds"
    assert types["assistance"].queue == "care"


@pytest.mark.parametrize(
    ("text", "types"),
    [
        (content.incident_pages()["transport_incident"].what_to_do[1], ["information"]),
        (content.incident_pages()["transport_incident"].questions[1].answer, ["refund", "change"]),
        (content.demo().incident.questions[2].answer, ["change"]),
    ],
)
def test_pages_call_request_types_by_the_names_on_the_form(text, types):
    for code in types:
        name = content.request_types()[code].name
        assert [language for language in content.LANGUAGES if name[language] not in text[language]] == []


def test_dispositions():
    found = content.dispositions()
    assert [code for code, one in found.items() if one.solved] == ["solved", "answered", "refund_started", "rebooked"]
    assert not found["duplicate"].solved


def test_classes_are_those_of_the_queue():
    assert [(one.band, one.mode, one.target_s, one.head_start_s) for one in content.service_classes()] == [
        (1, "live", 300, 180),
        (1, "written", 3600, 1800),
        (2, "live", 900, 180),
        (2, "written", 14400, 3600),
        (3, "live", 3600, 0),
        (3, "written", 86400, 0),
    ]


def test_rules_carry_their_source():
    assert {rule.source for rule in content.rules().values()} <= {"requirement", "field", "research", "ours"}
    assert content.rule("guard_share") == 0.3
    assert (content.rule("offer_expiry_live_seconds"), content.rule("offer_expiry_written_seconds")) == (30, 60)
    assert content.rules()["guard_share"].unit == "share"


def test_first_response_is_the_target_of_its_class():
    target = next(one.target_s for one in content.service_classes() if (one.band, one.mode) == (1, "written"))
    assert content.rule("urgent_first_response_minutes") * 60 == target


def test_outreach_begins_with_known_codes():
    known = content.needs().keys() | content.safeguarding_flags().keys()
    assert set(content.rule("proactive_wave_order")) <= known


def test_the_channel_guide_promises_in_four_languages():
    guide = content.channel_guide()
    assert list(guide)[:2] == ["danger", "extra_help"]
    assert guide["danger"].preferred == ("phone",)
    assert all(advice.response["hy"] for advice in guide.values())


def test_the_glossary_has_no_word_twice_in_english():
    terms = [term.term["en"] for term in content.glossary().values()]
    assert len(terms) == len(set(terms))
    assert content.glossary()["champion"].term["en"] == "Champion of care"


class TestDemo:
    def test_people_cover_every_language_and_queue(self):
        demo = content.demo()
        assert len(demo.agents) == 8
        assert {language for agent in demo.agents for language in agent.languages} == set(content.LANGUAGES)
        assert {code for agent in demo.agents for code in agent.skills} == content.queue_names().keys()
        assert [agent.username for agent in demo.agents if agent.role == "lead"] == ["maryam"]
        assert len({agent.username for agent in demo.agents}) == 8

    def test_every_language_can_be_served_in_every_queue(self):
        demo = content.demo()
        for queue in content.queue_names():
            spoken = {language for agent in demo.agents if queue in agent.skills for language in agent.languages}
            assert spoken == set(content.LANGUAGES), queue

    def test_addresses_are_from_ranges_for_examples(self):
        demo = content.demo()
        mails = [demo.organisation.mail_from, *(agent.email for agent in demo.agents)]
        assert [mail for mail in mails if not mail.endswith(".example.org")] == []
        numbers = [demo.organisation.phone, *(agent.phone for agent in demo.agents)]
        assert [one for one in numbers if not re.fullmatch(r"\+44 (7700 900\d{3}|1632 960\d{3})", one)] == []
        assert all(phonenumbers.is_possible_number(phonenumbers.parse(one)) for one in numbers)

    def test_the_storm_has_all_that_its_page_shows(self):
        incident = content.demo().incident
        assert incident.crisis_type in content.crisis_types()
        assert incident.severity in content.severity_scale()
        assert 3 <= len(incident.what_to_do) <= 5
        assert len(incident.policies) >= 2
        assert len(incident.questions) >= 2
        ages = [advisory.minutes_ago for advisory in incident.advisories]
        assert len(ages) == 2
        assert ages == sorted(ages, reverse=True)
        assert incident.declared_minutes_ago >= ages[0]

    def test_the_page_calls_the_need_as_the_form_does(self):
        step = content.demo().incident.what_to_do[2]
        said = content.needs()["stranded"].say_it_as
        assert [language for language in content.LANGUAGES if said[language] not in step[language]] == []

    def test_hours_are_open_all_day(self):
        assert {(one.kind, one.opens_minute, one.closes_minute) for one in content.demo().opening_hours} == {
            ("live", 0, 1440),
            ("written", 0, 1440),
        }
        assert all(one.weekdays == tuple(range(7)) for one in content.demo().opening_hours)
