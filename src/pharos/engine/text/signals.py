"""What a text suggests about the person who wrote it, and the words that made it. It suggests; a person decides.

A phrase of the lexicon or a trained head may each raise a signal; its score is the higher of the two.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from pharos.engine.text.folding import Folded, fold
from pharos.engine.text.heard import DANGER, Heard, hear
from pharos.engine.text.languages import Guess, identify
from pharos.engine.text.lexicon import INTERRUPTS, Hit, Lexicon, Reading
from pharos.engine.text.model import Model

Source = Literal["", "lexicon", "model", "both"]

PRESENT: Final = 0.5
# How strongly one phrase of a weight speaks; and a phrase of danger that stranded travellers use as well.
STRENGTHS: Final = {5: 0.9, 4: 0.8, 3: 0.7, 2: 0.6, 1: 0.5, 0: 0.4, -1: 0.5, -2: 0.6}
_EACH_MORE: Final = 0.25
_MAYBE: Final = 0.25
_BELOW: Final = 0.49
_MAYBE_IN_HAZARD: Final = 0.55
_STRETCHES_SHOWN: Final = 50
_STYLE_ORDER: Final = (
    *(
        "angry",
        "confused",
        "controlling",
        "knowledgeable",
        "negative",
        "positive",
        "talkative",
        "easygoing",
        "one_liner",
    ),
)
_TALKATIVE_WORDS: Final = 120
_ONE_LINER_WORDS: Final = 3
_REQUEST_ORDER: Final = ("refund", "cancellation", "change", "complaint", "assistance", "information")
_HEADS: Final[Mapping[str, tuple[str, ...]]] = {
    "distress": ("fear", "sadness", "FEAR", "SAD"),
    "frustration": ("anger", "ANGRY"),
    "hostility": ("offensive", "hate"),
    "confusion": ("confusion",),
}
_EMOTIONS: Final = {
    **{name: name for name in ("anger", "disgust", "fear", "joy", "sadness", "surprise")},
    "ANGRY": "anger",
    "FEAR": "fear",
    "HAPPY": "joy",
    "SAD": "sadness",
}
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Span:
    """Words of the original text: from `start` up to `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing the text suggests, how strongly (0 to 1), and the words that made it."""

    code: str
    score: float = 0.0
    words: tuple[Span, ...] = ()
    source: Source = ""

    @property
    def present(self) -> bool:
        """Strong enough to be shown to a person."""
        return self.score >= PRESENT


@dataclass(frozen=True, slots=True)
class Context:
    """What is known besides the text. `hazard`: an incident is open in which people are hurt or enclosed."""

    hazard: bool = False


@dataclass(frozen=True, slots=True)
class Signals:
    """All that one text suggests. A present `danger` interrupts; `kinds` are the lexicon's categories behind it."""

    language: str
    language_score: float
    danger: Signal
    kinds: tuple[str, ...]
    distress: Signal
    frustration: Signal
    hostility: Signal
    confusion: Signal
    urgency: Signal
    style: Signal | None
    needs: tuple[Signal, ...]
    request: Signal | None
    emotions: Mapping[str, float] = field(default_factory=dict)
    lexicon_only: bool = False


class Reader:
    """Reads texts with a lexicon and, where there is one, a model; signals say so where there is none."""

    def __init__(self, lexicon: Lexicon, model: Model | None) -> None:
        self._lexicon, self._model = lexicon, model

    def read(self, text: str, *, language: str | None = None, context: Context | None = None) -> Signals:
        """The signals of one text. Any text is fine: empty, of pictures only, mixed, very long."""
        return self.read_many([text], language=language, context=context)[0]

    def read_many(
        self, texts: Sequence[str], *, language: str | None = None, context: Context | None = None
    ) -> list[Signals]:
        """The signals of many texts; `language` is expected where a text itself does not tell."""
        folded = [fold(text) for text in texts]
        guesses = [identify(text, language or "") for text in texts]
        found = [self._lexicon.find(one) for one in folded]
        heard = self._hear(folded, found, guesses)
        hazard = context is not None and context.hazard
        return [
            _Reading(one, found[number], heard.get(number), hazard=hazard).signals(guesses[number])
            for number, one in enumerate(folded)
        ]

    def _hear(self, folded: Sequence[Folded], found: Sequence[Reading], guesses: Sequence[Guess]) -> dict[int, Heard]:
        heard: dict[int, Heard] = {}
        if self._model is None:
            return heard
        for code, language in self._model.languages.items():
            numbers = [number for number, guess in enumerate(guesses) if guess.language == code]
            if numbers:
                decisions = self._model.about["decisions"][code]
                texts = {number: (folded[number], found[number]) for number in numbers}
                heard.update(hear(language, decisions, texts))
        return heard


class _Reading:
    """One text on its way to its signals."""

    def __init__(self, folded: Folded, found: Reading, heard: Heard | None, *, hazard: bool) -> None:
        self._folded, self._found, self._heard, self._hazard = folded, found, heard, hazard
        self._by_signal: dict[str, list[Hit]] = {}
        for hit in found.hits:
            self._by_signal.setdefault(hit.category.signal, []).append(hit)

    def signals(self, guess: Guess) -> Signals:
        """All signals of the text."""
        combined = {code: self._combined(code) for code in ("distress", "frustration", "hostility", "confusion")}
        return Signals(
            language=guess.language,
            language_score=guess.score,
            danger=self._danger(),
            kinds=tuple(dict.fromkeys(hit.category.code for hit in self._by_signal.get(DANGER, ()))),
            **combined,
            urgency=self._said("urgency", self._by_signal.get("urgency", [])),
            style=self._style(combined),
            needs=self._needs(),
            request=self._request(),
            emotions=self._emotions(),
            lexicon_only=self._heard is None,
        )

    def _said(self, code: str, hits: Sequence[Hit]) -> Signal:
        """What the lexicon says: the strongest phrase, and each other a little more."""
        if not hits:
            return Signal(code)
        strengths = sorted((STRENGTHS[hit.category.weight] for hit in hits), reverse=True)
        doubt = (1 - strengths[0]) * (1 - _EACH_MORE) ** (len({(hit.start, hit.end) for hit in hits}) - 1)
        return Signal(code, round(1 - doubt, 3), self._spans((hit.start, hit.end) for hit in hits), "lexicon")

    def _spans(self, stretches: Iterable[tuple[int, int]]) -> tuple[Span, ...]:
        chosen = sorted(set(stretches))[:_STRETCHES_SHOWN]
        places = self._folded.spans(chosen) if chosen else ()
        return tuple(Span(start, end, self._folded.original[start:end]) for start, end in places)

    def _combined(self, code: str) -> Signal:
        said = self._said(code, self._by_signal.get(code, []))
        if self._heard is None:
            return said
        name, chance, holds = self._loudest(self._heard, _HEADS[code])
        if not holds:
            return Signal(code, max(said.score, round(min(chance, _BELOW), 3)), said.words, said.source)
        # What the head decides is what counts, however rare the signal is by its own nature.
        score = max(said.score, round(max(chance, PRESENT), 3))
        words = self._spans(self._heard.words(name))
        both: Source = "both" if said.source else "model"
        return Signal(code, score, tuple(sorted({*said.words, *words}, key=_place)), both)

    @staticmethod
    def _loudest(heard: Heard, names: tuple[str, ...]) -> tuple[str, float, bool]:
        """The head that speaks most, how likely it is, and whether it holds."""
        known = [name for name in names if name in heard.chances]
        best = max(known, key=lambda name: (name in heard.holding, heard.chances[name]), default="")
        return best, heard.chances.get(best, 0.0), best in heard.holding

    def _danger(self) -> Signal:
        hits = self._by_signal.get(DANGER, [])
        certain = [hit for hit in hits if hit.category.weight >= INTERRUPTS]
        perhaps = {
            (hit.category.code, self._folded.text[hit.start : hit.end])
            for hit in hits
            if hit.category.weight < INTERRUPTS
        }
        doubt = (1 - STRENGTHS[INTERRUPTS]) ** min(len(certain), 2)
        doubt *= (1 - (_MAYBE_IN_HAZARD if self._hazard else _MAYBE)) ** len(perhaps)
        said = 1 - doubt
        words = self._spans((hit.start, hit.end) for hit in hits)
        if self._heard is None or DANGER not in self._heard.holding:
            return Signal(DANGER, round(said, 3), words, "lexicon" if hits else "")
        score = max(PRESENT, self._heard.chances[DANGER])
        made = self._spans(self._heard.words(DANGER))
        both: Source = "both" if hits else "model"
        return Signal(DANGER, round(max(said, score), 3), tuple(sorted({*words, *made}, key=_place)), both)

    def _needs(self) -> tuple[Signal, ...]:
        cues: dict[str, list[Hit]] = {}
        for hit in self._found.hits:
            if "need" in hit.category.suggests:
                cues.setdefault(hit.category.suggests["need"], []).append(hit)
        needs = [self._said(code, hits) for code, hits in cues.items()]
        return tuple(sorted(needs, key=lambda need: (-need.score, need.code)))

    def _request(self) -> Signal | None:
        return self._strongest_of("request", _REQUEST_ORDER)

    def _strongest_of(self, key: str, order: Sequence[str]) -> Signal | None:
        groups: dict[str, list[Hit]] = {}
        for hit in self._found.hits:
            if key in hit.category.suggests:
                groups.setdefault(hit.category.suggests[key], []).append(hit)
        found = [self._said(code, hits) for code, hits in groups.items()]
        return min(found, key=lambda one: (-one.score, order.index(one.code)), default=None)

    def _style(self, combined: Mapping[str, Signal]) -> Signal | None:
        styles = [found for found in [self._strongest_of("style", _STYLE_ORDER)] if found]
        for code, signal in (("angry", combined["frustration"]), ("confused", combined["confusion"])):
            if signal.present:
                styles.append(Signal(code, signal.score, signal.words, signal.source))
        words = len(_WORD.findall(self._folded.text))
        length = len(self._folded.text)
        if words > _TALKATIVE_WORDS or length > 6 * _TALKATIVE_WORDS:
            styles.append(Signal("talkative", PRESENT, (), "lexicon"))
        if not styles and 0 < words <= _ONE_LINER_WORDS and length <= 4 * _TALKATIVE_WORDS // 20:
            styles.append(Signal("one_liner", PRESENT, (), "lexicon"))
        return min(styles, key=lambda one: (-one.score, _STYLE_ORDER.index(one.code)), default=None)

    def _emotions(self) -> Mapping[str, float]:
        if self._heard is None:
            return {}
        chances = self._heard.chances
        return {name: round(chances[head], 3) for head, name in _EMOTIONS.items() if head in chances}


def _place(span: Span) -> tuple[int, int]:
    return span.start, span.end
