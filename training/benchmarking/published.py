"""Published numbers, each with its source: `published.json`.

They were measured on other cards, with other drivers, and partly at 0.8 of the images' size: compared with ours they
give an order of magnitude, not a ratio.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

MEASURES = ("miou", "fps", "memory_mb", "f1", "accuracy")


@dataclass(frozen=True)
class Value:
    """A published number.

    Attributes:
        number: mIoU by the dataset's rule, F1 and accuracy in per cent; frames a second; or megabytes.
        source: a key of `Published.sources`.
        estimate: read off a figure instead of printed.
    """

    number: float
    source: str
    estimate: bool


@dataclass(frozen=True)
class Method:
    """A published method on a dataset.

    Attributes:
        dataset: its name, as evaluate.py takes it.
        name: of the method.
        values: by measure; what is not published is missing.
        note: what else is printed about it, or "".
    """

    dataset: str
    name: str
    values: dict[str, Value]
    note: str

    def number(self, measure: str) -> float | None:
        """The number of a measure, None where it is not published."""
        return self.values[measure].number if measure in self.values else None


@dataclass(frozen=True)
class Published:
    """All of them.

    Attributes:
        methods: in the order of the tables.
        sources: where numbers come from, in words, by key.
    """

    methods: tuple[Method, ...]
    sources: dict[str, str]

    def of(self, dataset: str | None) -> list[Method]:
        """The methods of a dataset."""
        return [method for method in self.methods if method.dataset == dataset]


def load_published() -> Published:
    """Read published.json."""
    content = json.loads(Path(__file__).with_name("published.json").read_text(encoding="utf-8"))
    sources = content["sources"]
    methods = []
    for entry in content["methods"]:
        given = {measure: entry[measure] for measure in MEASURES if measure in entry}
        values = {
            measure: Value(float(number), source, bool(sources[source]["estimate"]))
            for measure, (number, source) in given.items()
        }
        methods.append(Method(entry["dataset"], entry["method"], values, entry.get("note", "")))
    return Published(tuple(methods), {key: source["text"] for key, source in sources.items()})
