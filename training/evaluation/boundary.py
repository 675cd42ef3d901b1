"""Boundary IoU: are the outlines right? The IoU of large regions hardly depends on them.

The boundary of a class consists of its pixels within d pixels of anything else, including the image's border. Boundary
IoU is the IoU of the boundaries of truth and prediction. d is 2 % of the image's diagonal by default, distances are
those of a square window of 2 d + 1 pixels, and counts are summed over a set.
Ignored pixels belong to no boundary and create none: they count as the class of their surroundings, in truth and
prediction.

Reference: Cheng, Girshick, Dollar, Berg, Kirillov, "Boundary IoU: Improving Object-Centric Image Segmentation
    Evaluation" (CVPR 2021), section 4 and its released code.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training.data.arrays import IGNORE

DILATION = 0.02  # of the image's diagonal, the reference's default
_STRIP_ROWS = 1024  # processed at a time, with d rows around them: bounds memory on large scenes

Labels = npt.NDArray[np.uint8]


def boundary_distance(height: int, width: int, dilation: float = DILATION) -> int:
    """The distance d in pixels, at least 1. Worked example: 2448 x 2448 and 2 % give 69."""
    return max(1, round(dilation * math.hypot(height, width)))


def boundary_counts(predicted: Labels, labels: Labels, classes: int, dilation: float = DILATION) -> Tensor:
    """Boundary pixels of a scene by class (3, C): of both, of the truth, of the prediction.

    Args:
        predicted: (H, W), 0 to C - 1.
        labels: (H, W), 0 to C - 1 or IGNORE; anything that is sliced like an array.
        dilation: d as a share of the diagonal.
    """
    height, width = labels.shape
    distance = boundary_distance(height, width, dilation)
    rows = max(_STRIP_ROWS, 2 * distance)  # fewer rows would spend most of the time on those around them
    counts = np.zeros((3, classes), np.int64)
    for start in range(0, height, rows):
        stop = min(height, start + rows)
        first, last = max(0, start - distance), min(height, stop + distance)
        truth = np.asarray(labels[first:last])
        guess = np.where(truth == IGNORE, np.uint8(IGNORE), predicted[first:last])
        inner = slice(start - first, stop - first)
        edge_truth, edge_guess = (_boundary(x, distance)[inner] for x in (truth, guess))
        truth, guess = truth[inner], guess[inner]
        edge_truth &= truth != IGNORE
        edge_guess &= truth != IGNORE
        both = edge_truth & edge_guess & (truth == guess)
        for row, of in enumerate((truth[both], truth[edge_truth], guess[edge_guess])):
            counts[row] += np.bincount(of, minlength=classes)
    return torch.from_numpy(counts)


def boundary_iou(counts: Tensor) -> Tensor:
    """Boundary IoU of each class (C,) from summed counts (3, C); NaN where a class has no boundary."""
    both, truth, predicted = counts.double()
    return both / (truth + predicted - both)


def _boundary(labels: Labels, distance: int) -> npt.NDArray[np.bool_]:
    """Where the window of 2 distance + 1 pixels around a pixel leaves the array or holds two classes.

    One pass answers for all classes: a pixel is inside its own class exactly when the smallest and the largest
    label in its window are equal.
    """
    height, width = labels.shape
    edge = np.ones(labels.shape, np.bool_)
    length = 2 * distance + 1
    if height >= length and width >= length:
        smallest = _over_windows(np.minimum, labels, length)  # IGNORE is the largest number there is
        largest = _over_windows(np.maximum, np.where(labels == IGNORE, np.uint8(0), labels), length)
        edge[distance : height - distance, distance : width - distance] = smallest < largest
    return edge


def _over_windows(extreme: np.ufunc, values: Labels, length: int) -> Labels:
    """`extreme` over every window of length x length that fits: (H, W) -> (H - length + 1, W - length + 1).

    Windows are doubled until the next would be too long, so a window of 315 pixels costs nine passes an axis.
    """
    for axis in (0, 1):
        reach = 1  # values[i] answers for `reach` of the original ones from i on
        while reach < length:
            step = min(reach, length - reach)
            count = values.shape[axis] - step
            ahead = values[step:] if axis == 0 else values[:, step:]
            values = extreme(values[:count] if axis == 0 else values[:, :count], ahead)
            reach += step
    return values
