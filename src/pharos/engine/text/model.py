"""The trained part: linear heads over hashed features, one table for each language, read from one small file.

The file is in the safetensors layout: eight bytes with the length of a JSON header, the header, and plain numbers. It
holds nothing that could run. Only features that were seen in training are in it, their weights as whole numbers of
eight bits and a scale for each head.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pharos.engine.text.features import Features, Floats, Shape, Vocabulary

VERSION: Final = 2
_TYPES: Final[Mapping[str, np.dtype[Any]]] = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "I32": np.dtype("<i4"),
    "I8": np.dtype("i1"),
}
_CODES: Final = {dtype: code for code, dtype in _TYPES.items()}
Array = NDArray[Any]


class DamagedModelError(ValueError):
    """The model file is not what was written."""


@dataclass(frozen=True, slots=True)
class Scores:
    """How likely each head finds each text: one row a text; with what is needed to say which words did it."""

    probabilities: Floats
    features: Features


@dataclass(frozen=True, slots=True)
class Language:
    """The heads of one language, all over the same features."""

    vocabulary: Vocabulary
    heads: tuple[str, ...]
    weights: NDArray[np.int8]
    scale: Floats
    bias: Floats

    def score(self, texts: Sequence[str]) -> Scores:
        """Calibrated probabilities of prepared texts."""
        features = self.vocabulary.find(texts)
        row, place, value = self.vocabulary.weigh(features)
        products = self.weights[place].astype(np.float32)
        products *= value[:, None]
        sums = np.zeros((len(texts), len(self.heads)), dtype=np.float32)
        starts = np.searchsorted(row, np.arange(len(texts)))
        there = np.append(starts[1:], len(row)) > starts
        if len(row):
            sums[there] = np.add.reduceat(products, starts[there], axis=0)
        logits = np.clip(sums * self.scale + self.bias, -50, 50)
        return Scores((1 / (1 + np.exp(-logits))).astype(np.float32), features)

    def blame(self, scores: Scores, text: int, head: int) -> NDArray[np.float32]:
        """How much each character of one text speaks for one head: the weights of the features that cover it."""
        features = scores.features
        first, last = np.searchsorted(features.row, [text, text + 1])
        offset, size = features.offsets[text], features.offsets[text + 1] - features.offsets[text]
        start, end = features.start[first:last] - offset, features.end[first:last] - offset
        place = features.place[first:last]
        share = self.weights[place, head] * self.vocabulary.rarity[place] / (end - start)
        steps = np.bincount(start, share, size + 1) - np.bincount(end, share, size + 1)
        # Two spaces were put around the text.
        return np.cumsum(steps)[1 : size - 1].astype(np.float32)


@dataclass(frozen=True, slots=True)
class Model:
    """All languages of a model file, and what was said about it when it was made."""

    languages: Mapping[str, Language]
    about: Mapping[str, Any]


def parse(data: bytes) -> Model:
    """Read a model file; DamagedModelError if a single bit is not what was written."""
    try:
        tensors, about = _tensors(data)
        languages = {code: _language(entry, tensors, code) for code, entry in about["languages"].items()}
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, AttributeError) as error:
        raise DamagedModelError(str(error)) from error
    return Model(languages, about)


def _tensors(data: bytes) -> tuple[dict[str, Array], dict[str, Any]]:
    size = int.from_bytes(data[:8], "little")
    if not 2 <= size <= len(data) - 8:
        raise DamagedModelError("the header is cut off")
    header = json.loads(data[8 : 8 + size])
    body = data[8 + size :]
    about = json.loads(header.pop("__metadata__")["pharos"])
    if about["version"] != VERSION or hashlib.sha256(body).hexdigest() != about["sha256"]:
        raise DamagedModelError("the numbers are not those that were written, or of another version")
    tensors = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        tensors[name] = np.frombuffer(body[first:last], dtype=_TYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors, about


def _language(entry: Mapping[str, Any], tensors: Mapping[str, Array], code: str) -> Language:
    shape = Shape(
        entry["words"], (entry["characters"][0], entry["characters"][1]), entry["bits"], entry["within_words"]
    )
    heads = tuple(entry["heads"])
    places, rarity = tensors[f"{code}.places"].astype(np.int64), tensors[f"{code}.rarity"].astype(np.float32)
    weights, scale, bias = (tensors[f"{code}.{name}"] for name in ("weights", "scale", "bias"))
    size = len(places)
    if rarity.shape != (size,) or weights.shape != (size, len(heads)) or not scale.shape == bias.shape == (len(heads),):
        raise DamagedModelError(f"{code}: a table has another size than its features and heads")
    if size and not (places[0] >= 0 and places[-1] < shape.places and (np.diff(places) > 0).all()):
        raise DamagedModelError(f"{code}: the places are out of order")
    return Language(Vocabulary(shape, places, rarity), heads, weights, scale, bias)


def write(languages: Mapping[str, Language], about: Mapping[str, Any]) -> bytes:
    """A model file; the same numbers give the same bytes."""
    header: dict[str, Any] = {}
    body = b""
    described: dict[str, Any] = {}
    for code, language in sorted(languages.items()):
        shape = language.vocabulary.shape
        described[code] = {
            "words": shape.words,
            "characters": shape.characters,
            "bits": shape.bits,
            "within_words": shape.within_words,
            "heads": language.heads,
        }
        tables = {
            "places": language.vocabulary.places.astype("<i4"),
            "rarity": language.vocabulary.rarity.astype("<f2"),
            "weights": language.weights,
            "scale": language.scale.astype("<f4"),
            "bias": language.bias.astype("<f4"),
        }
        for name, table in tables.items():
            raw = np.ascontiguousarray(table).tobytes()
            entry = {
                "dtype": _CODES[table.dtype],
                "shape": table.shape,
                "data_offsets": [len(body), len(body) + len(raw)],
            }
            header[f"{code}.{name}"] = entry
            body += raw
    told = {**about, "version": VERSION, "languages": described, "sha256": hashlib.sha256(body).hexdigest()}
    header["__metadata__"] = {"pharos": json.dumps(told, ensure_ascii=False, sort_keys=True)}
    head = json.dumps(header, ensure_ascii=False).encode()
    return len(head).to_bytes(8, "little") + head + body
