import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharos.engine.classes import BANDS, KINDS, ClassRule, ClassRules, RulesError, index, kind_of, waited_for

MINUTE, HOUR = 60.0, 3600.0


@pytest.mark.parametrize(
    ("band", "live", "written"),
    [
        (1, (5 * MINUTE, 3 * MINUTE), (HOUR, 30 * MINUTE)),
        (2, (15 * MINUTE, 3 * MINUTE), (4 * HOUR, HOUR)),
        (3, (60 * MINUTE, 0), (24 * HOUR, 0)),
    ],
)
def test_default_targets_and_head_starts(band, live, written):
    rules = ClassRules()
    assert rules[band, "live"] == ClassRule(band, "live", *live)
    assert rules[band, "written"] == ClassRule(band, "written", *written)


def test_rules_are_a_mapping_of_every_class():
    assert set(ClassRules()) == {(band, kind) for band in BANDS for kind in KINDS}
    assert len(ClassRules()) == 8
    assert ClassRules() == ClassRules.from_mapping()


@pytest.mark.parametrize(
    ("band", "waited_s", "expected"),
    [(1, 0, 0.6), (1, 120, 1.0), (2, 0, 0.2), (3, 0, 0.0), (3, 3600, 1.0), (0, 0, math.inf)],
)
def test_index_is_the_share_of_the_target_used_up(band, waited_s, expected):
    assert ClassRules().index(band, "live", waited_s) == expected


@given(st.sampled_from([1, 2, 3]), st.sampled_from(KINDS), st.floats(0, 1e6))
def test_wait_for_an_index_is_the_wait_that_shows_it(band, kind, waited_s):
    rule = ClassRules()[band, kind]
    assert waited_for(rule, index(rule, waited_s)) == pytest.approx(waited_s, abs=1e-6)


def test_danger_needs_no_wait():
    assert waited_for(ClassRules()[0, "live"], 5.0) == -math.inf


@pytest.mark.parametrize(
    ("channel", "kind"),
    [("web", "written"), ("email", "written"), ("sms", "written"), ("social", "written"), ("staff", "written"),
     ("chat", "live"), ("voice", "live")],
)  # fmt: skip
def test_kind_of_a_channel(channel, kind):
    assert kind_of(channel) == kind


def test_operators_change_only_what_they_name():
    rules = ClassRules.from_mapping(
        {"1": {"live": {"target_s": 240}}, 3: {"written": {"head_start_s": 60}}}, guard_percent=40
    )
    assert rules[1, "live"] == ClassRule(1, "live", 240.0, 180.0)
    assert rules[3, "written"] == ClassRule(3, "written", 86400.0, 60.0)
    assert rules[2, "live"] == ClassRules()[2, "live"]
    assert rules.guard_percent == 40


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ({0: {"live": {"target_s": 1}}}, "band 0"),
        ({4: {}}, "band 4"),
        ({True: {}}, "band True"),
        ({"one": {}}, "band 'one'"),
        ({1: 5}, "band 1: expected live and written"),
        ({1: {"spoken": {}}}, "band 1: 'spoken'"),
        ({1: {"live": 300}}, "band 1 live: expected"),
        ({1: {"live": {"target": 300}}}, "band 1 live: unknown setting"),
        ({1: {"live": {"target_s": 0}}}, "band 1 live: target_s must be above zero"),
        ({1: {"live": {"target_s": -5}}}, "band 1 live: target_s must be a number"),
        ({1: {"live": {"target_s": "5"}}}, "band 1 live: target_s must be a number"),
        ({1: {"live": {"target_s": True}}}, "band 1 live: target_s must be a number"),
        ({1: {"live": {"target_s": math.nan}}}, "band 1 live: target_s must be a number"),
        ({1: {"live": {"head_start_s": math.inf}}}, "band 1 live: head_start_s must be a number"),
        ({1: {"live": {"target_s": 1000}}}, "live: the target of band 1 is longer than that of band 2"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_with_the_place(override, says):
    with pytest.raises(RulesError, match=says):
        ClassRules.from_mapping(override)


@pytest.mark.parametrize("share", [0, 101, 30.0, True, "30"])
def test_guard_share_is_a_whole_percentage(share):
    with pytest.raises(RulesError, match="guard_percent"):
        ClassRules.from_mapping(guard_percent=share)
