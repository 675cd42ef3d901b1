"""Rules, scores and tables against hand-made confusion matrices."""

import json

import numpy as np
import pytest
import torch

from training.data.arrays.scenes import IGNORE
from training.errors import DatasetError
from training.evaluation.metrics import accuracy, class_f1, class_iou, confusion, mean_over
from training.evaluation.rules import DATASET_RULES, default_rule, rule_classes, rule_title
from training.evaluation.scores import Counts, score, score_summary, score_table

NAMES = ["unknown", "urban", "water"]


def slow_scores(predicted, labels, classes):
    """IoU and F1 of each class by counting true and false positives and misses, pixel by pixel."""
    known = [(t, p) for t, p in zip(labels.ravel().tolist(), predicted.ravel().tolist(), strict=True) if t != IGNORE]
    iou, f1 = [], []
    for c in range(classes):
        hit = sum(t == c and p == c for t, p in known)
        false = sum(t != c and p == c for t, p in known)
        missed = sum(t == c and p != c for t, p in known)
        iou.append(hit / (hit + false + missed) if hit + false + missed else float("nan"))
        f1.append(2 * hit / (2 * hit + false + missed) if hit + false + missed else float("nan"))
    return iou, f1, sum(t == p for t, p in known) / len(known)


@pytest.mark.parametrize("seed", range(3))
def test_scores_of_random_labels(seed):
    rng = np.random.default_rng(seed)
    labels = rng.choice([0, 1, 2, 4, IGNORE], (13, 17))
    predicted = rng.choice([0, 1, 2, 4], (13, 17))
    matrix = confusion(torch.from_numpy(predicted), torch.from_numpy(labels), 5)
    iou, f1, right = slow_scores(predicted, labels, 5)
    assert class_iou(matrix).tolist() == pytest.approx(iou, nan_ok=True)
    assert class_f1(matrix).tolist() == pytest.approx(f1, nan_ok=True)
    assert accuracy(matrix) == pytest.approx(right)
    assert mean_over(class_iou(matrix), [1, 2, 3, 4]) == pytest.approx((iou[1] + iou[2] + iou[4]) / 3)


def test_scenes_are_summed_before_they_are_divided():
    """One matrix over the set: a class that is rare in one scene must not count as much as in the other."""
    small, large = Counts(torch.tensor([[0, 0], [9, 1]])), Counts(torch.tensor([[0, 0], [0, 990]]))
    assert score(small + large, "class:b", ["a", "b"]) == 99.1
    assert score(small, "class:b", ["a", "b"]) == 10


def test_unknown_truth_counts_against_the_class_that_was_predicted():
    """DeepGlobe: 10 pixels are unknown in the truth and were called water; 30 of 40 water pixels were found."""
    matrix = torch.tensor([[0, 0, 10], [0, 50, 0], [0, 10, 30]])
    rows = score_summary({"K": Counts(matrix)}, NAMES, [default_rule("deepglobe")])["K"]
    urban, water = 50 / (50 + 10), 30 / (40 + 10)
    assert rows["iou"] == {"unknown": 0, "urban": round(100 * urban, 2), "water": round(100 * water, 2)}
    assert rows["rule"] == "without_class_0"
    assert rows["score"] == pytest.approx(100 * (urban + water) / 2, abs=0.01)
    assert rows["miou"] == pytest.approx(100 * (urban + water) / 3, abs=0.01)
    assert rows["rules"]["without_class_0"]["f1"] == pytest.approx(100 * (100 / 110 + 60 / 80) / 2, abs=0.01)


def test_inria_is_scored_by_buildings_alone():
    matrix = torch.tensor([[900, 20], [30, 50]])
    names = ["background", "building"]
    row = score_summary({"K": Counts(matrix)}, names, [default_rule("inria")])["K"]
    assert row["score"] == 50
    assert row["miou"] == pytest.approx((50 + 100 * 900 / 950) / 2, abs=0.01)
    assert list(row["rules"]) == ["class:building", "mean", "without_class_0"]
    assert row["rules"]["without_class_0"]["iou"] == row["score"]  # of two classes


def test_rules_of_the_datasets():
    assert rule_classes("mean", NAMES) == [0, 1, 2]
    assert rule_classes("without_class_0", NAMES) == [1, 2]
    assert rule_classes("class:water", NAMES) == [2]
    assert default_rule("dubai") == "mean"
    assert set(DATASET_RULES) == {"deepglobe", "inria", "urur", "isic", "crag", "cityscapes"}
    assert rule_title("without_class_0", NAMES) == "mean IoU without unknown"
    assert rule_title("class:water", NAMES, "F1") == "F1 of water"


@pytest.mark.parametrize("rule", ["median", "class:", "class:forest", "water"])
def test_unknown_rule_names_what_there_is(rule):
    with pytest.raises(DatasetError, match=r"class:NAME with NAME one of unknown, urban, water"):
        rule_classes(rule, NAMES)


def test_undefined_numbers_are_null_and_dashes():
    matrix = torch.tensor([[5, 0, 0], [0, 5, 0], [0, 0, 0]])
    numbers = score_summary({"K = 0 %": Counts(matrix, torch.zeros(3, 3))}, NAMES, ["class:water"])
    row = numbers["K = 0 %"]
    assert (row["score"], row["iou"]["water"], row["boundary_iou"]["urban"]) == (None, None, None)
    assert row["miou"] == 100
    json.loads(json.dumps(numbers), parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert "| K = 0 % | - | 100.00 | 100.00 | 100.00 | 100.00 | 100.00 | - |" in score_table(numbers, NAMES)


def test_table_holds_every_measure():
    counts = Counts(torch.tensor([[8, 2], [1, 9]]), torch.tensor([[2, 3], [4, 5], [4, 4]]))
    numbers = score_summary({"a": counts, "b": counts}, ["x", "y"])
    text = score_table(numbers, ["x", "y"])
    iou, f1, edge = text.split("\n\n")
    assert iou.splitlines()[0] == "| IoU, % | mean IoU | mean IoU without x | accuracy | x | y |"
    assert "| b | 73.86 | 75.00 | 85.00 | 72.73 | 75.00 |" in iou
    assert f1.startswith("| F1, % | mean F1 |")
    assert "| a | 41.67 | 50.00 | 33.33 | 50.00 |" in edge
    assert "boundary" not in score_table(score_summary({"a": Counts(counts.matrix)}, ["x", "y"]), ["x", "y"])
