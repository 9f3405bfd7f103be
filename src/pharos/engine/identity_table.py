"""How often each level of agreement is met: M among pairs of one person, U among pairs of two people.

Made without labels by `python -m bench.identity --data FOLDER --make`; docs/identity.md says from what.
"""

from collections.abc import Mapping
from typing import Final

M: Final[Mapping[str, Mapping[str, float]]] = {
    "email": {"same": 0.9251, "same_box": 0.01014, "near": 0.01314, "other": 0.05162},
    "handle": {"same": 0.9, "other": 0.1},
    "phone": {"same": 0.909, "tail": 0.0203, "slip": 0.0113, "other": 0.05936},
    "booking": {"same": 0.9376, "slip": 0.01589, "other": 0.04654},
    "name": {"same": 0.8036, "near": 0.08451, "part": 0.02413, "one_word": 0.05538, "other": 0.03237},
    "mail_name": {"fits": 0.7511, "part": 0.1449, "other": 0.1039},
    "language": {"same": 0.975, "other": 0.02498},
    "text": {"same": 0.3125, "alike": 0.1676, "within": 0.2831, "some": 0.07388, "other": 0.1629},
}
U: Final[Mapping[str, Mapping[str, float]]] = {
    "email": {"same": 1e-05, "same_box": 2e-05, "near": 0.0001, "other": 0.9999},
    "handle": {"same": 1e-05, "other": 1},
    "phone": {"same": 0.001544, "tail": 0.0002, "slip": 0.03186, "other": 0.9664},
    "booking": {"same": 5e-05, "slip": 0.0002, "other": 0.9998},
    "name": {"same": 0.001702, "near": 0.0015, "part": 0.005, "one_word": 0.01148, "other": 0.9813},
    "mail_name": {"fits": 0.001735, "part": 0.01033, "other": 0.9879},
    "language": {"same": 0.4013, "other": 0.5987},
    "text": {"same": 0.0005, "alike": 0.001, "within": 0.006098, "some": 0.02, "other": 0.9724},
}
