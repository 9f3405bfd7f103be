"""Chance by number: every contact of every path has its own draws, whatever happens around it.

The n-th draw of a key is SplitMix64's output at that place (Steele, Lea and Flood 2014), so two runs of the same path
under different rules, rosters or programs meet the same people with the same patience. Normal deviates are the
inverse of a uniform number (Wichura 1988, AS 241, to 16 digits).
"""

from collections.abc import Callable
from math import log, sqrt
from typing import Any, Final, ParamSpec, TypeVar, cast
from zlib import crc32

import numba
import numpy as np

P = ParamSpec("P")
R = TypeVar("R")

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)
_ONE, _11, _27, _30, _31 = (np.uint64(number) for number in (1, 11, 27, 30, 31))
_UNIT: Final = 2.0**-53

# The draws of one contact, by their number.
PATIENCE, SERVICE, REDIALS, RETURNS, AGAIN = (np.uint64(number) for number in range(5))


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """The function as machine code: made when first called, and kept on disk where there is a place for it."""
    return _made(function, within=False)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """The same, and always made a part of its caller, for what takes many arrays."""
    return _made(function, within=True)


def _made(function: Callable[P, R], *, within: bool) -> Callable[P, R]:
    # Ways in that nobody takes cost more to make than the rest.
    options: dict[str, Any] = {"forceinline": within, "no_cpython_wrapper": within, "no_cfunc_wrapper": True}
    try:
        made = numba.njit(function, cache=True, nogil=True, error_model="numpy", **options)
    except RuntimeError:  # no folder to keep it in: made anew by every process
        made = numba.njit(function, nogil=True, error_model="numpy", **options)
    return cast("Callable[P, R]", made)


def made_of(*functions: Callable[..., object]) -> int:
    """A number that changes with the code of these compiled functions.

    What is kept on disk is made again when its own file changes, and knows nothing of what it took in from others.
    """
    parts = []
    for function in functions:
        source = getattr(function, "py_func", function)
        known = sorted((name, repr(source.__globals__.get(name))) for name in source.__code__.co_names)
        numbers = [(name, value) for name, value in known if " at 0x" not in value and "CPUDispatcher" not in value]
        parts.append((source.__code__.co_code, source.__code__.co_consts, numbers))
    return crc32(repr(parts).encode())


@compiled
def draw(key: np.uint64, number: np.uint64) -> np.uint64:
    """The 64 bits of a key at this place; they may be a key themselves."""
    bits = key + _GOLDEN * (number + _ONE)
    bits = (bits ^ (bits >> _30)) * _FIRST
    bits = (bits ^ (bits >> _27)) * _SECOND
    return bits ^ (bits >> _31)


@compiled
def uniform(key: np.uint64, number: np.uint64) -> float:
    """A number between 0 and 1, both excluded."""
    return (float(np.int64(draw(key, number) >> _11)) + 0.5) * _UNIT  # signed: one instruction


@compiled
def exponential(key: np.uint64, number: np.uint64) -> float:
    """An exponential time of mean one."""
    return -log(uniform(key, number))


@compiled
def _eighth(  # noqa: PLR0917
    x: float, a: float, b: float, c: float, d: float, e: float, f: float, g: float, h: float
) -> float:
    """A polynomial, its highest coefficient first."""
    return ((((((a * x + b) * x + c) * x + d) * x + e) * x + f) * x + g) * x + h


@compiled
def normal_at(share: float) -> float:
    """The point of the standard normal law below which this share lies."""
    off = share - 0.5
    if abs(off) <= 0.425:
        x = 0.180625 - off * off
        over = _eighth(
            x, 2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
            13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
        )  # fmt: skip
        under = _eighth(
            x, 5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
            5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0,
        )  # fmt: skip
        return off * over / under
    x = sqrt(-log(share if off < 0 else 1 - share))
    if x <= 5:
        x -= 1.6
        over = _eighth(
            x, 7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
            3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
        )  # fmt: skip
        under = _eighth(
            x, 1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
            0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0,
        )  # fmt: skip
    else:
        x -= 5
        over = _eighth(
            x, 2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
            0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699,
            6.6579046435011037772,
        )  # fmt: skip
        under = _eighth(
            x, 2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
            7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0,
        )  # fmt: skip
    return over / under if off > 0 else -over / under
