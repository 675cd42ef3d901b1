"""Boundary IoU against a slow judge that looks at every window of every class by itself."""

import math
import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from training.data.arrays.scenes import IGNORE
from training.evaluation import boundary
from training.evaluation.boundary import boundary_counts, boundary_distance, boundary_iou

CLASSES = 3


def on_boundary(image, labels, place, distance):
    """The definition: something else than the pixel's class, or the outside, lies within `distance`."""
    (row, col), (height, width) = place, image.shape
    for r in range(row - distance, row + distance + 1):
        for c in range(col - distance, col + distance + 1):
            if not (0 <= r < height and 0 <= c < width):
                return True
            if labels[r, c] != IGNORE and image[r, c] != image[row, col]:
                return True
    return False


def slow_counts(predicted, labels, distance):
    counts = np.zeros((3, CLASSES), int)
    for place in np.argwhere(labels != IGNORE).tolist():
        place = tuple(place)
        truth = labels[place] if on_boundary(labels, labels, place, distance) else None
        guess = predicted[place] if on_boundary(predicted, labels, place, distance) else None
        for value in range(CLASSES):
            counts[:, value] += (truth == guess == value, truth == value, guess == value)
    return counts


shapes = st.tuples(st.integers(1, 14), st.integers(1, 14))
blocky = shapes.flatmap(
    lambda shape: st.tuples(
        arrays.arrays(np.uint8, shape, elements=st.integers(0, CLASSES - 1)),
        arrays.arrays(np.uint8, shape, elements=st.sampled_from([0, 0, 0, 1, 2, IGNORE])),
        st.booleans(),
    )
)


@settings(max_examples=60, deadline=None)
@given(blocky, st.sampled_from([0.02, 0.1, 0.2]))
def test_counts_equal_the_definition(drawn, dilation):
    predicted, labels, coarse = drawn
    if coarse:  # large regions, so that some pixels are inside
        predicted, labels = (np.kron(x[:5, :5], np.ones((3, 3), np.uint8)) for x in (predicted, labels))
    distance = boundary_distance(*labels.shape, dilation)
    expected = slow_counts(predicted, labels, distance)
    assert boundary_counts(predicted, labels, CLASSES, dilation).tolist() == expected.tolist()


def test_squares_change_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    labels, predicted = (
        np.kron(rng.integers(0, CLASSES, (12, 9)).astype(np.uint8), np.ones((9, 11), np.uint8)) for _ in range(2)
    )
    labels[40:60, 20:50] = IGNORE
    whole = boundary_counts(predicted, labels, CLASSES, 0.015)
    monkeypatch.setattr(boundary, "_SIDE", 7)
    assert boundary_distance(*labels.shape, 0.015) == 2
    assert boundary_counts(predicted, labels, CLASSES, 0.015).tolist() == whole.tolist()


def test_a_square_by_hand():
    """Truth: a square of 10 in the middle of 30; prediction: the same, a pixel to the right. d = 2."""
    labels, predicted = np.zeros((30, 30), np.uint8), np.zeros((30, 30), np.uint8)
    labels[10:20, 10:20] = 1
    predicted[10:20, 11:21] = 1
    counts = boundary_counts(predicted, labels, 2, 2 / math.hypot(30, 30))
    ring = 100 - 36  # the 6 x 6 inside is farther than 2 from anything else
    # Shared: 9 columns of 10, without those inside either square (6 rows x 7 columns).
    assert counts[:, 1].tolist() == [9 * 10 - 6 * 7, ring, ring]
    assert float(boundary_iou(counts)[1]) == pytest.approx(48 / (64 + 64 - 48))


def test_right_everywhere_is_one_and_absent_is_undefined():
    labels = np.zeros((20, 20), np.uint8)
    labels[:, 9:] = 1
    iou = boundary_iou(boundary_counts(labels, labels, 3))
    assert iou[:2].tolist() == [1, 1]
    assert iou[2].isnan()


def test_outlines_matter_more_than_in_iou():
    """A region that is a little too small loses little IoU and much boundary IoU."""
    labels, predicted = np.zeros((400, 400), np.uint8), np.zeros((400, 400), np.uint8)
    labels[50:350, 50:350] = 1
    predicted[56:344, 56:344] = 1
    both = boundary_counts(predicted, labels, 2)
    assert 288**2 / 300**2 > 0.92
    assert float(boundary_iou(both)[1]) < 0.45


def test_unknown_ground_makes_no_outline():
    labels = np.zeros((60, 60), np.uint8)
    labels[20:40, 20:40] = IGNORE
    counts = boundary_counts(np.zeros_like(labels), labels, 1)
    assert counts[1, 0] == 60 * 60 - (60 - 2 * boundary_distance(60, 60)) ** 2  # the image's border alone


def test_memory_does_not_grow_with_the_height():
    def peak(height):
        labels = np.zeros((height, 64), np.uint8)
        tracemalloc.start()
        boundary_counts(labels, labels, 2, 1e-5)
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(2_000)
    assert peak(40_000) < 1.3 * peak(10_000)


def test_published_distances():
    assert boundary_distance(2448, 2448) == 69
    assert boundary_distance(10, 10) == 1
    assert torch.equal(boundary_counts(np.zeros((1, 1), np.uint8), np.zeros((1, 1), np.uint8), 1), torch.ones(3, 1))
