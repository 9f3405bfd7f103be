"""What signals come to as suggestions to a person, and how the words that made one are quoted."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from pharos.engine.text.signals import Signal, Signals

LIKELY: Final = 0.75
DANGER: Final = "danger"
PLACES: Final = 20  # of one suggestion in one message
Place = tuple[int, int]


class Found(NamedTuple):
    """One suggestion: of which sort, how strong, from which places. `kinds`: of danger, what it is about."""

    sort: str
    code: str
    score: float
    places: tuple[Place, ...]
    kinds: tuple[str, ...]
    source: str
    language: str


def suggestions(signals: Signals, *, offset: int = 0) -> list[Found]:
    """What is strong enough to be shown, with the words that made it. Danger is told even without such words."""
    return [
        Found(
            sort=sort,
            code=signal.code,
            score=signal.score,
            places=merged((word.start + offset, word.end + offset) for word in signal.words)[:PLACES],
            kinds=signals.kinds if sort == DANGER else (),
            source=signal.source or "model",
            language=signals.language,
        )
        for sort, signal in _signals(signals)
        if signal.present and (signal.words or sort == DANGER)
    ]


def _signals(signals: Signals) -> Iterator[tuple[str, Signal]]:
    plain = (signals.danger, signals.distress, signals.frustration, signals.hostility, signals.confusion)
    yield from ((signal.code, signal) for signal in (*plain, signals.urgency))
    yield from (("need", need) for need in signals.needs)
    yield from ((sort, one) for sort, one in (("request", signals.request), ("style", signals.style)) if one)


def joined(found: Iterable[Found]) -> list[Found]:
    """Suggestions of several pieces of one text: each once, as strong as its strongest, with the places of all."""
    together: dict[tuple[str, str], Found] = {}
    for one in found:
        key = one.sort, one.code
        known = together.get(key)
        together[key] = _both(known, one) if known else one
    return list(together.values())


def _both(first: Found, second: Found) -> Found:
    strongest = max(first, second, key=lambda one: one.score)
    return strongest._replace(
        places=merged((*first.places, *second.places))[:PLACES],
        kinds=tuple(dict.fromkeys((*first.kinds, *second.kinds))),
        source=first.source if first.source == second.source else "both",
    )


def merged(places: Iterable[Place]) -> tuple[Place, ...]:
    """Places in order, those that overlap or touch as one."""
    found: list[Place] = []
    for start, end in sorted(places):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return tuple(found)


class Part(NamedTuple):
    """Some words of a quotation; those that made the suggestion are marked."""

    text: str
    is_marked: bool


AROUND: Final = 48
MOST: Final = 3
CUT: Final = "…"


def quotations(
    text: str, places: Sequence[Sequence[int]], *, around: int = AROUND, most: int = MOST
) -> list[list[Part]]:
    """The words at these places with a little of what stands around them; the beginning where there are none.

    Places outside the text are left out.
    """
    inside = [(start, end) for start, end in places if 0 <= start < end <= len(text)]
    if not inside:
        start = text[: 2 * around].strip()
        return [[Part(start + (CUT if len(text) > 2 * around else ""), False)]] if start else []
    return [_quotation(text, group, around) for group in _groups(merged(inside), around)[:most]]


def _groups(places: Iterable[Place], around: int) -> list[list[Place]]:
    """Places that are quoted together."""
    groups: list[list[Place]] = []
    for place in places:
        if groups and place[0] - groups[-1][-1][1] <= around:
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _quotation(text: str, places: Sequence[Place], around: int) -> list[Part]:
    first, last = _from(text, places[0][0], around), _until(text, places[-1][1], around)
    parts = [Part(CUT, False)] if first else []
    at = first
    for start, end in places:
        parts += [Part(text[at:start], False), Part(text[start:end], True)]
        at = end
    parts += [Part(text[at:last], False), Part(CUT if last < len(text) else "", False)]
    return [Part(_plain(part.text), part.is_marked) for part in parts if part.text]


def _from(text: str, start: int, around: int) -> int:
    """Where a quotation begins: at a word, if one begins near."""
    if start <= around:
        return 0
    space = text.find(" ", start - around, start)
    return space + 1 if space >= 0 else start - around


def _until(text: str, end: int, around: int) -> int:
    if end + around >= len(text):
        return len(text)
    space = text.rfind(" ", end, end + around)
    return space if space >= 0 else end + around


def _plain(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")
