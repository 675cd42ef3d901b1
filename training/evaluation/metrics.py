"""Numbers from a confusion matrix that is summed over a whole set."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from training.data.arrays import FIRST_SET


def confusion(predicted: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Pixel counts (C, C), rows = truth, columns = prediction; pixels that are ignored or of a set are left out.

    Args:
        predicted: integers 0 to C - 1, any shape.
        labels: the same shape, IGNORE where unknown, FIRST_SET and up where one of several classes.
    """
    known = labels < FIRST_SET
    index = labels[known].long() * classes + predicted[known].long()
    return torch.bincount(index, minlength=classes * classes).reshape(classes, classes)


def class_iou(matrix: Tensor) -> Tensor:
    """Intersection over union of each class (C,); NaN where a class neither occurs nor is predicted."""
    matrix = matrix.cpu().double()  # not every device has 64 bits
    hits = matrix.diag()
    return hits / (matrix.sum(0) + matrix.sum(1) - hits)


def class_f1(matrix: Tensor) -> Tensor:
    """F1, the harmonic mean of precision and recall, of each class (C,); NaN as in `class_iou`."""
    matrix = matrix.cpu().double()
    return 2 * matrix.diag() / (matrix.sum(0) + matrix.sum(1))


def mean_over(values: Tensor, classes: Sequence[int]) -> float:
    """Mean of `values` (C,) over some classes, those left out that are NaN; NaN when none is left."""
    return float(values[list(classes)].nanmean())


def mean_iou(matrix: Tensor) -> float:
    """Mean over the classes that occur or are predicted."""
    return float(class_iou(matrix).nanmean())


def accuracy(matrix: Tensor) -> float:
    """Share of known pixels that are right."""
    return float(matrix.diag().sum() / matrix.sum().clamp(min=1))
