"""Numbers that an operator may change do something."""

import re

from pharos import content
from pharos.supervisor.forms.rules import GROUPS
from tests.architecture import source

# Numbers of parts that are still to come, and of the words and tables that ship. Who builds the part takes its out.
NOT_READ_YET = {
    *("wrap_up_seconds", "wait_publish_seconds", "wait_low_quantile", "wait_high_quantile"),
    *("wait_coverage_minimum_percent", "promise_furthest_hours", "promise_kept_target_percent"),
    *("acknowledgement_seconds", "urgent_first_response_minutes", "merge_window_hours", "reopen_days"),
    *("opening_days", "opening_time", "closing_time", "time_zone"),
    *("affected_contact_hours", "refund_promise_working_days", "email_average_answer_hours"),
    *("no_news_update", "proactive_wave_order", "knowledge_freshness_hours"),
    *("service_level", "service_level_extra_help", "abandonment_target_percent", "decompression_minutes"),
    *("hard_contacts_per_shift_max", "follow_up_days", "consent_review_days"),
    *("alternative_format_days", "policy_review_months", "training_recording_days"),
    *("induction_training_gap_benchmark_percent", "policy_presence_benchmark_percent"),
    *("hostility_benchmark_percent", "hostility_rise_benchmark_percent"),
}
READ = re.compile(r"""\brule\(\s*[\w.]+,\s*f?"([^"]+)"\s*\)""")


def read() -> set[str]:
    """The codes that the program asks for; `{…}` in a code stands for any word."""
    asked = {found for path in source.modules() for found in READ.findall(path.read_text())}
    patterns = [re.compile(re.sub(r"\\{.*?\\}", r"\\w+", re.escape(one))) for one in asked]
    return {code for code in content.rules() if any(one.fullmatch(code) for one in patterns)}


def test_numbers_on_the_page_are_read() -> None:
    asked = {ask.code for _title, asks in GROUPS.values() for ask in asks}
    assert asked - read() == set()


def test_numbers_that_nobody_reads_are_known() -> None:
    assert set(content.rules()) - read() == NOT_READ_YET
