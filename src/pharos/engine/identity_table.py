"""How often each level of agreement is met: M among pairs of one person, U among pairs of two people.

Made without labels by `python -m bench.identity --data FOLDER --make`; docs/identity.md says from what.
"""

from collections.abc import Mapping
from typing import Final

M: Final[Mapping[str, Mapping[str, float]]] = {
    "email": {"same": 0.9251, "same_box": 0.01014, "near": 0.01314, "other": 0.05161},
    "handle": {"same": 0.9, "other": 0.1},
    "phone": {"same": 0.909, "tail": 0.0203, "slip": 0.0113, "other": 0.05936},
    "booking": {"same": 0.9407, "slip": 0.01592, "other": 0.04341},
    "name": {"same": 0.8056, "near": 0.08514, "part": 0.02414, "one_word": 0.05284, "other": 0.03225},
    "mail_name": {"fits": 0.8071, "part": 0.08892, "other": 0.1039},
    "language": {"same": 0.975, "other": 0.02499},
    "text": {"same": 0.3129, "alike": 0.1677, "within": 0.2826, "some": 0.0739, "other": 0.1629},
}
U: Final[Mapping[str, Mapping[str, float]]] = {
    "email": {"same": 1e-05, "same_box": 2e-05, "near": 0.0001, "other": 0.9999},
    "handle": {"same": 1e-05, "other": 1},
    "phone": {"same": 0.001544, "tail": 0.0002, "slip": 0.03186, "other": 0.9664},
    "booking": {"same": 5e-05, "slip": 0.0002, "other": 0.9998},
    "name": {"same": 0.001702, "near": 0.0015, "part": 0.005, "one_word": 0.05, "other": 0.9418},
    "mail_name": {"fits": 0.001789, "part": 0.01065, "other": 0.9876},
    "language": {"same": 0.4013, "other": 0.5987},
    "text": {"same": 0.0005, "alike": 0.001, "within": 0.006099, "some": 0.02, "other": 0.9724},
}
