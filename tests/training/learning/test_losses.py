import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from training.data.arrays.scenes import FIRST_SET, IGNORE
from training.evaluation.metrics import accuracy, class_iou, confusion, mean_iou
from training.learning.losses import (
    Complementer,
    cross_entropy,
    error_cross_entropy,
    known_cross_entropy,
    pixel_cross_entropy,
    weighted_cross_entropy,
    with_sets,
    without_borders,
)

LN2 = math.log(2)


def uniform(n=2, size=4):
    return torch.zeros(1, n, size, size)


def test_published_mean_counts_ignored_pixels():
    labels = torch.zeros(1, 4, 4, dtype=torch.long)
    labels[:, :2] = IGNORE
    assert float(cross_entropy(uniform(), labels)) == pytest.approx(LN2 / 2)
    assert float(known_cross_entropy(uniform(), labels, 1)) == pytest.approx(LN2)


def test_nothing_known_gives_zero_not_nan():
    labels = torch.full((1, 4, 4), IGNORE)
    weight = torch.ones(1, 1, 4, 4)
    assert float(known_cross_entropy(uniform(), labels, 1)) == 0
    assert float(weighted_cross_entropy(uniform(), labels, weight, normalise=True)) == 0


def test_error_loss_is_least_where_the_estimator_tells_the_share_of_errors():
    logits = torch.zeros(1, 2, 2, 2)
    logits[:, 0, :, 0] = logits[:, 1, :, 1] = 9.0  # class 0 on the left, class 1 on the right
    labels = torch.zeros(1, 8, 8, dtype=torch.long)  # so the right half is wrong
    labels[:, :4, :4] = IGNORE
    told = torch.tensor([[-9.0, 9.0], [-9.0, 9.0]]).reshape(1, 1, 2, 2)
    assert float(error_cross_entropy(told, logits, labels, 2)) < 1e-3
    assert float(error_cross_entropy(torch.zeros(1, 1, 2, 2), logits, labels, 2)) == pytest.approx(LN2)
    unknown = torch.full_like(labels, IGNORE)
    assert float(error_cross_entropy(told, logits, unknown, 2)) == 0


def test_gain_is_what_the_final_map_puts_right():
    logits = torch.zeros(1, 2, 4, 4)
    logits[:, 0] = 9.0  # the low stream says class 0 everywhere
    labels = torch.ones(1, 8, 8, dtype=torch.long)  # and is wrong
    final = torch.zeros(1, 2, 8, 8, requires_grad=True)
    with torch.no_grad():
        final[:, 0, :, :4], final[:, 1, :, 4:] = 9.0, 9.0  # the right half is put right
    told = torch.tensor([[-9.0, 9.0], [-9.0, 9.0]]).reshape(1, 1, 2, 2).requires_grad_()
    loss = error_cross_entropy(told, logits, labels, 1, final)
    assert float(loss) < 1e-3
    loss.backward()
    assert final.grad is None
    assert float(error_cross_entropy(torch.full((1, 1, 2, 2), 9.0), logits, labels, 1)) < 1e-3  # of errors all are


@pytest.mark.parametrize("width", [0, 1, 3])
def test_borders_are_left_out(width):
    labels = torch.zeros(2, 12, 16, dtype=torch.long)
    labels[:, :, 8:] = 2
    labels[1, :6] = IGNORE
    found = without_borders(labels, width)
    expected = labels.clone()
    expected[:, :, 8 - width : 8 + width] = IGNORE
    assert torch.equal(found, expected)  # the border of what is unknown is no border


def test_error_loss_teaches_the_estimator_alone():
    logits = torch.zeros(1, 2, 2, 2, requires_grad=True)
    residual = torch.zeros(1, 1, 2, 2, requires_grad=True)
    error_cross_entropy(residual, logits, torch.ones(1, 8, 8, dtype=torch.long), 2).backward()
    assert logits.grad is None
    assert (residual.grad < 0).all()


def test_weighted_by_hand():
    labels = torch.zeros(1, 4, 4, dtype=torch.long)
    weight = torch.full((1, 1, 4, 4), 3.0)
    assert float(weighted_cross_entropy(uniform(), labels, weight, normalise=False)) == pytest.approx(3 * LN2)
    assert float(weighted_cross_entropy(uniform(), labels, weight, normalise=True)) == pytest.approx(LN2)


def test_weights_decide_which_error_counts():
    logits = torch.zeros(1, 2, 1, 2)
    logits[0, 0] = torch.tensor([5.0, -5.0])  # right on the left, wrong on the right
    labels = torch.zeros(1, 1, 2, dtype=torch.long)
    left, right = (torch.tensor(w).reshape(1, 1, 1, 2) for w in ([9.0, 1.0], [1.0, 9.0]))
    assert weighted_cross_entropy(logits, labels, left, True) < weighted_cross_entropy(logits, labels, right, True)


def test_stride_uses_the_middle_of_each_cell():
    labels = torch.full((1, 8, 8), IGNORE)
    labels[:, 2::4, 2::4] = 1
    assert float(known_cross_entropy(uniform(size=2), labels, 4)) == pytest.approx(LN2)


def test_complementer_power_mask_and_gate():
    u = torch.tensor([0.0, 0.4, 1.0]).reshape(1, 1, 1, 3)
    low, high = torch.tensor(0.1), torch.tensor(0.9)
    assert Complementer(power=2).weight(u, low).flatten().tolist() == pytest.approx([1.0, 1.96, 4.0])
    assert Complementer(power=2, mask=0.5).weight(u, low).flatten().tolist() == pytest.approx([1.0, 1.0, 4.0])
    gated = Complementer(power=2, gate=0.5)
    assert gated.weight(u, high).flatten().tolist() == [1.0, 1.0, 1.0]
    assert gated.weight(u, low).flatten().tolist() == pytest.approx([1.0, 1.96, 4.0])


def test_complementer_passes_no_gradient():
    u = torch.rand(1, 1, 2, 2, requires_grad=True)
    assert not Complementer(power=2).weight(u, torch.tensor(0.0)).requires_grad


def test_iou_by_hand():
    truth = torch.tensor([0, 0, 1, 1, IGNORE])
    predicted = torch.tensor([0, 1, 1, 1, 2])
    matrix = confusion(predicted, truth, 3)
    assert matrix.tolist() == [[1, 1, 0], [0, 2, 0], [0, 0, 0]]
    assert class_iou(matrix)[:2].tolist() == pytest.approx([1 / 2, 2 / 3])
    assert class_iou(matrix)[2].isnan()  # neither there nor predicted
    assert mean_iou(matrix) == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert accuracy(matrix) == pytest.approx(3 / 4)


@st.composite
def maps_with_sets(draw):
    """Logits (2, C, 3, 4), labels before `with_sets` (2, 3, 4), and the sets."""
    classes = draw(st.integers(3, 30))
    sets = draw(
        st.lists(st.sets(st.integers(0, classes - 1), min_size=2, max_size=classes - 1), min_size=1, max_size=4)
    )
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    logits = 10 * torch.randn(2, classes, 3, 4, generator=generator)
    values = torch.tensor([*range(classes), *range(FIRST_SET, FIRST_SET + len(sets)), IGNORE])
    chosen = torch.randint(len(values), (2, 3, 4), generator=generator)
    return logits, values[chosen], [sorted(classes) for classes in sets]


@settings(max_examples=60, deadline=None)
@given(maps_with_sets())
def test_a_set_costs_the_sum_of_its_probabilities(given):
    """Pixel by pixel, in double precision; and gradients are those of that sum."""
    logits, labels, sets = given
    logits = logits.double().requires_grad_()
    losses = pixel_cross_entropy(logits, with_sets(labels, sets))
    expected = []
    for image, row, col in np.ndindex(*labels.shape):
        probabilities = logits[image, :, row, col].softmax(0)
        label = int(labels[image, row, col])
        if label == IGNORE:
            expected.append(logits.new_zeros(()))
        else:
            members = sets[label - FIRST_SET] if label >= FIRST_SET else [label]
            expected.append(-torch.log(sum(probabilities[member] for member in members)))
    wanted = torch.stack(expected).reshape(labels.shape)
    torch.testing.assert_close(losses, wanted, rtol=1e-9, atol=1e-9)
    one, other = (torch.autograd.grad(x.sum(), logits, retain_graph=True)[0] for x in (losses, wanted))
    torch.testing.assert_close(one, other, rtol=1e-7, atol=1e-9)
    total = pixel_cross_entropy(logits, with_sets(labels, sets), "sum")
    torch.testing.assert_close(total, wanted.sum(), rtol=1e-9, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(maps_with_sets())
def test_every_loss_takes_sets(given):
    """Without a set in the labels, all are what they are without sets; with them, every pixel counts as it does."""
    logits, labels, sets = given
    plain = labels.masked_fill((labels >= FIRST_SET) & (labels != IGNORE), IGNORE)
    same = with_sets(plain, sets)
    assert same.dtype == torch.int32
    assert with_sets(plain, []) is plain
    weight = 1 + torch.rand(2, 1, 3, 4, generator=torch.Generator().manual_seed(0))
    for loss in (
        cross_entropy,
        lambda x, y: known_cross_entropy(x, y, 1),
        lambda x, y: weighted_cross_entropy(x, y, weight, normalise=True),
        lambda x, y: error_cross_entropy(torch.zeros(2, 1, 3, 4), x, y, 1),
        lambda x, y: error_cross_entropy(torch.zeros(2, 1, 3, 4), x, y, 1, x.flip(1)),
    ):
        torch.testing.assert_close(loss(logits, same), loss(logits, plain))
    known = with_sets(labels, sets)
    losses = pixel_cross_entropy(logits, known)
    here = labels != IGNORE
    torch.testing.assert_close(known_cross_entropy(logits, known, 1), losses.sum() / here.sum().clamp(min=1))
    wanted = (weight[:, 0] * losses).sum() / (weight[:, 0] * here).sum().clamp(min=1e-6)
    torch.testing.assert_close(weighted_cross_entropy(logits, known, weight, normalise=True), wanted)


def test_an_answer_within_its_set_is_no_error():
    labels = with_sets(torch.full((1, 8, 8), FIRST_SET), [[0, 2]])
    for guess, wrong in ((0, -9.0), (1, 9.0), (2, -9.0)):
        logits = torch.zeros(1, 3, 2, 2)
        logits[:, guess] = 9.0
        told = torch.full((1, 1, 2, 2), wrong)
        assert float(error_cross_entropy(told, logits, labels, 2)) < 1e-3


def test_sets_count_in_no_metric():
    labels = torch.tensor([0, 1, FIRST_SET, FIRST_SET + 3, IGNORE])
    assert confusion(torch.zeros(5, dtype=torch.long), labels, 2).tolist() == [[1, 0], [1, 0]]
