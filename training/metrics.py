"""Numbers from a confusion matrix that is summed over a whole set."""

from __future__ import annotations

import torch
from torch import Tensor

from training.data.scenes import IGNORE


def confusion(predicted: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Pixel counts (C, C), rows = truth, columns = prediction; ignored pixels are left out.

    Args:
        predicted: integers 0 to C - 1, any shape.
        labels: the same shape, IGNORE where unknown.
        classes: C.
    """
    known = labels != IGNORE
    index = labels[known].long() * classes + predicted[known].long()
    return torch.bincount(index, minlength=classes * classes).reshape(classes, classes)


def class_iou(matrix: Tensor) -> Tensor:
    """Intersection over union of each class (C,); NaN where a class neither occurs nor is predicted."""
    matrix = matrix.double()
    hits = matrix.diag()
    return hits / (matrix.sum(0) + matrix.sum(1) - hits)


def mean_iou(matrix: Tensor) -> float:
    """Mean over the classes that occur or are predicted."""
    return float(class_iou(matrix).nanmean())


def accuracy(matrix: Tensor) -> float:
    """Share of known pixels that are right."""
    return float(matrix.diag().sum() / matrix.sum().clamp(min=1))
