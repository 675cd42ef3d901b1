"""From counted pixels to the numbers and tables of evaluate.py."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from training.evaluation.boundary import boundary_iou
from training.evaluation.metrics import accuracy, class_f1, class_iou, mean_over
from training.evaluation.rules import MEAN, WITHOUT_CLASS_0, rule_classes, rule_title

MEASURES = {"iou": "IoU", "f1": "F1", "boundary_iou": "boundary IoU"}


@dataclass(frozen=True)
class Counts:
    """Pixels counted over a set.

    Attributes:
        matrix: confusion matrix (C, C), see `confusion`.
        boundary: boundary pixels (3, C), see `boundary_counts`; None where boundaries were not counted.
    """

    matrix: Tensor
    boundary: Tensor | None = None

    def __add__(self, other: Counts) -> Counts:
        """The counts of both."""
        both = self.boundary is not None and other.boundary is not None
        return Counts(self.matrix + other.matrix, self.boundary + other.boundary if both else None)  # type: ignore[operator]

    def by_class(self, measure: str) -> Tensor | None:
        """A measure of `MEASURES` of each class (C,), NaN where it is not defined; None where it was not counted."""
        if measure == "boundary_iou":
            return None if self.boundary is None else boundary_iou(self.boundary)
        return class_iou(self.matrix) if measure == "iou" else class_f1(self.matrix)


def percent(share: float) -> float | None:
    """A share in per cent with two decimals; None, which JSON can hold, for NaN."""
    return None if math.isnan(share) else round(100 * share, 2)


def score(counts: Counts, rule: str, class_names: Sequence[str]) -> float | None:
    """IoU by a rule, in per cent."""
    return percent(mean_over(class_iou(counts.matrix), rule_classes(rule, class_names)))


def score_summary(
    counted: Mapping[str, Counts], class_names: Sequence[str], rules: Sequence[str] = ()
) -> dict[str, Any]:
    """Plain numbers by setting, in per cent, for JSON and tables.

    Args:
        counted: what was counted, by setting.
        rules: the rules asked for, the first is the one that `score` follows; MEAN and WITHOUT_CLASS_0 are always
            given as well.

    Returns:
        By setting: "rule" and "score", the IoU by the first rule; "miou" over all classes and "accuracy"; each measure
        of `MEASURES` by class; and under "rules" each measure by rule.
    """
    every = list(dict.fromkeys((*rules, MEAN, WITHOUT_CLASS_0)))
    return {name: _row(counts, class_names, every) for name, counts in counted.items()}


def _row(counts: Counts, class_names: Sequence[str], rules: Sequence[str]) -> dict[str, Any]:
    """The numbers of one setting."""
    measured = {key: values for key in MEASURES if (values := counts.by_class(key)) is not None}
    by_rule = {
        rule: {key: percent(mean_over(values, rule_classes(rule, class_names))) for key, values in measured.items()}
        for rule in rules
    }
    return {
        "rule": rules[0],
        "score": by_rule[rules[0]]["iou"],
        "miou": by_rule[MEAN]["iou"],
        "accuracy": percent(accuracy(counts.matrix)),
        **{
            key: {label: percent(value) for label, value in zip(class_names, values.tolist(), strict=True)}
            for key, values in measured.items()
        },
        "rules": by_rule,
    }


def score_table(numbers: dict[str, Any], class_names: Sequence[str]) -> str:
    """Markdown tables, one a measure, one row a setting; the rule that counts stands first."""
    rows = list(numbers.values())
    return "\n\n".join(
        _table_of(numbers, class_names, key, title) for key, title in MEASURES.items() if rows and key in rows[0]
    )


def _table_of(numbers: dict[str, Any], class_names: Sequence[str], key: str, title: str) -> str:
    """The table of one measure; that of the IoU also holds the accuracy."""
    rules = list(next(iter(numbers.values()))["rules"])
    heads = [rule_title(rule, class_names, title) for rule in rules]
    heads += ["accuracy"] if key == "iou" else []
    lines = ["| " + " | ".join([f"{title}, %", *heads, *class_names]) + " |"]
    lines.append("|---" * (1 + len(heads) + len(class_names)) + "|")
    for name, row in numbers.items():
        values = [row["rules"][rule][key] for rule in rules]
        values += [row["accuracy"]] if key == "iou" else []
        values += [row[key][label] for label in class_names]
        lines.append(f"| {name} | " + " | ".join("-" if v is None else f"{v:.2f}" for v in values) + " |")
    return "\n".join(lines)
