"""Splink on a table of people, to compare with: `pip install splink` brings it; nothing of ours needs it."""

import itertools
import logging
import warnings
from pathlib import Path

import pandas as pd
from splink import Linker, SettingsCreator, block_on
from splink.internals import comparison_library as compare
from splink.internals.duckdb.database_api import DuckDBAPI

from bench.likeness.linkage import Pair


def pairs(path: Path, limits: tuple[float, ...]) -> list[tuple[float, set[Pair]]]:
    """The pairs above each limit, with the comparisons its guide recommends, learned without labels."""
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    frame = pd.read_csv(path)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            compare.NameComparison("first_name"),
            compare.NameComparison("surname"),
            compare.DateOfBirthComparison("dob", input_is_string=True),
            compare.ExactMatch("city").configure(term_frequency_adjustments=True),
            compare.EmailComparison("email"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on(*two) for two in itertools.combinations(("first_name", "surname", "dob", "city", "email"), 2)
        ]
        + [block_on("email")],
    )
    linker = Linker(DuckDBAPI().register(frame), settings)
    known = [block_on("first_name", "surname"), block_on("email")]
    linker.training.estimate_probability_two_random_records_match(known, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("first_name", "surname"), block_on("dob")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_probability=min(limits)).as_pandas_dataframe()
    rows = list(zip(found.unique_id_l, found.unique_id_r, found.match_probability, strict=True))
    return [(limit, {(min(a, b), max(a, b)) for a, b, chance in rows if chance >= limit}) for limit in limits]
