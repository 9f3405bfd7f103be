import numpy as np
import pytest

from pharos.engine.text.examples import Maker

LISTS = {"kin": ["my son", "my daughter"]}


def maker(seed=1):
    return Maker(LISTS, ["a seat please", "what time is it"], np.random.default_rng(seed))


def test_the_same_seed_makes_the_same_sentences():
    made = [[one.sentence("<kin> [is] (lost|gone)", joined=False) for _ in range(20)] for one in (maker(), maker())]
    assert made[0] == made[1]
    assert len(set(made[0])) > 5


def test_every_way_to_say_a_phrase_is_made():
    one = maker()
    made = " / ".join(one.sentence("<kin> [is] (lost|gone)", joined=False) for _ in range(200))
    assert all(way in made for way in ("my son lost", "my daughter is gone", "my son is lost"))


@pytest.mark.parametrize(("joined", "mark"), [(False, ","), (True, "，")])
def test_what_stands_around_a_text_is_the_same_for_every_text(joined, mark):
    one = maker()
    made = [one.among("hello there", joined=joined) for _ in range(300)]
    assert 30 < sum(text == "hello there" for text in made) < 250
    assert 5 < sum(mark in text for text in made) < 100
