import math

import pytest
import torch

from training.data.arrays.scenes import IGNORE
from training.evaluation.metrics import accuracy, class_iou, confusion, mean_iou
from training.learning.losses import (
    Complementer,
    cross_entropy,
    error_cross_entropy,
    known_cross_entropy,
    weighted_cross_entropy,
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
