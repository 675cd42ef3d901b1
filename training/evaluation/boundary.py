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

from training.data.arrays import IGNORE, PixelArray

DILATION = 0.02  # of the image's diagonal, the reference's default
_SIDE = 2048  # pixels of the squares that are processed, with d around them: bounds memory on large scenes

Labels = npt.NDArray[np.uint8]


def boundary_distance(height: int, width: int, dilation: float = DILATION) -> int:
    """The distance d in pixels, at least 1. Worked example: 2448 x 2448 and 2 % give 69."""
    return max(1, round(dilation * math.hypot(height, width)))


def boundary_counts(predicted: PixelArray, labels: PixelArray, classes: int, dilation: float = DILATION) -> Tensor:
    """Boundary pixels of a scene by class (3, C): of both, of the truth, of the prediction.

    Args:
        predicted: (H, W), 0 to C - 1, or IGNORE where nothing is known, so that nothing is counted.
        labels: (H, W), 0 to C - 1 or IGNORE.
        dilation: d as a share of the diagonal.
    """
    height, width = labels.shape
    distance = boundary_distance(height, width, dilation)
    side = max(_SIDE, 2 * distance)  # smaller squares would spend most of the time on what is around them
    counts = np.zeros((3, classes), np.int64)
    for row in range(0, height, side):
        for col in range(0, width, side):
            rows, cols = (
                (slice(max(0, start - distance), min(length, start + side + distance)), slice(start, start + side))
                for start, length in ((row, height), (col, width))
            )
            around = (rows[0], cols[0])
            inner = tuple(slice(own.start - all_.start, own.stop - all_.start) for all_, own in (rows, cols))
            counts += _counts(np.asarray(predicted[around]), np.asarray(labels[around]), inner, distance, classes)
    return torch.from_numpy(counts)


def _counts(
    guess: Labels, truth: Labels, inner: tuple[slice, ...], distance: int, classes: int
) -> npt.NDArray[np.int64]:
    """Boundary pixels (3, C) of the inner part of a square."""
    truth = np.where(guess == IGNORE, np.uint8(IGNORE), truth)
    guess = np.where(truth == IGNORE, np.uint8(IGNORE), guess)
    edge_truth, edge_guess = (_boundary(x, distance)[inner] for x in (truth, guess))
    truth, guess = truth[inner], guess[inner]
    edge_truth &= truth != IGNORE
    edge_guess &= truth != IGNORE
    both = edge_truth & edge_guess & (truth == guess)
    return np.stack([np.bincount(of, minlength=classes) for of in (truth[both], truth[edge_truth], guess[edge_guess])])


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
