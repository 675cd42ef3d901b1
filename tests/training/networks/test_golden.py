"""The published network, reproduced: every array that it computes on its way, at several K.

The small golden file lies beside this test and belongs to every clone; golden/write.py wrote it with code that had met
the arrays of the published code itself. Those (40 MB) are compared once more where UHRS_SHARED leads to them.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.training.networks.golden.arrays import (
    CASES,
    CLASSES,
    CONSTANT,
    TEST_GRID,
    differences,
    every_array,
    forward_arrays,
)
from tests.training.networks.golden.generated import EXPECTED, IMAGES, LABEL, trimmed
from tests.training.networks.golden.write import MOST_BYTES, close_calls, published_differences
from training.errors import CheckpointError
from training.networks.settings import faithful
from training.weights.pretrained import load_published


@pytest.fixture(scope="module")
def expected():
    """Without this file the test fails: fidelity is held in every clone."""
    return dict(np.load(EXPECTED))


@pytest.fixture
def threads(request):
    """The sums of another number of threads, which rounds in another order."""
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("threads", [1, 2], indirect=True)
def test_every_array_of_the_generated_network_agrees(generated_checkpoint, expected, threads):
    got = every_array(generated_checkpoint, IMAGES, LABEL)
    assert not differences(trimmed(got), expected)
    assert not close_calls(got)


def test_golden_file_is_small_and_holds_all_cases(expected):
    assert EXPECTED.stat().st_size <= MOST_BYTES
    for case in CASES:
        assert {f"{case}_{name}" for name in ("patch_score", "selected", "fused", "logits8")} <= set(expected)
    whole = {"residual", "entropy", "f_low", "f_high_first", "stage1", "stage2", "stage4", "loss_weight", "full"}
    assert {f"a_k100_{name}" for name in whole} <= set(expected)
    assert {"a_loss_deep", "a_loss_aux_weighted", "a_loss_refine", "a_train_loss_weight"} <= set(expected)


def _swap_mean_and_maximum(network):
    weight = network.residual.out.weight
    weight.data = weight.data.flip(1)


def _swap_two_branches(network):
    network.dappm.scales[1], network.dappm.scales[2] = network.dappm.scales[2], network.dappm.scales[1]


def _another_epsilon(network):
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eps = 1e-3


FAULTS = {
    "entropy divisor ln C": ({"entropy_divisor": math.log(CLASSES)}, None, {"patch_score", "loss_weight", "fused"}),
    "average downsampling": ({"downsampling": "average"}, None, {"stage1", "low_logits", "logits8"}),
    "another patch grid": ({"patch_grid": 16}, None, {"patch_score", "selected", "fused"}),
    "patches of fixed side": ({"patch_grid": None, "patch_side": 32}, None, {"patch_score", "selected"}),
    "patches scored by their mean": ({"selector": "mean"}, None, {"patch_score", "selected", "logits8"}),
    "U at the residual's stride": ({"uncertainty_stride": 16}, None, {"loss_weight", "fused"}),
    "entropy of resized logits": ({"entropy_of": "map"}, None, {"loss_weight", "fused"}),
    "low logits where unselected": ({"unselected": "low"}, None, {"logits8", "full"}),
    "U without the residual": ({"uncertainty": "entropy"}, None, {"patch_score", "loss_weight"}),
    "sum instead of the ensembler": ({"ensembler": "sum"}, None, {"fused", "logits8"}),
    "mean and maximum swapped": ({}, _swap_mean_and_maximum, {"residual", "patch_score"}),
    "two pooling branches swapped": ({}, _swap_two_branches, {"f_low", "low_logits"}),
    "another epsilon": ({}, _another_epsilon, {"stage1", "logits8"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_golden_file_catches(generated_checkpoint, expected, fault):
    """Without this the tests above might hold whatever the network computes."""
    settings, change, touched = FAULTS[fault]
    network = load_published(generated_checkpoint, replace(faithful(CLASSES, CONSTANT, TEST_GRID), **settings))
    if change:
        change(network)
    got = {f"b_k50_{name}": value for name, value in forward_arrays(network, IMAGES["b"], 0.5).items()}
    wanted = {name: value for name, value in expected.items() if name.startswith("b_k50_")}
    caught = {line.split()[0].strip(":").removeprefix("b_k50_") for line in differences(trimmed(got), wanted)}
    assert touched <= caught


def test_every_array_of_the_published_code_agrees(published_golden):
    assert not published_differences(published_golden)


def test_load_published_names_what_does_not_fit(generated_checkpoint):
    with pytest.raises(CheckpointError, match="other shape"):
        load_published(generated_checkpoint, faithful(3, CONSTANT, TEST_GRID))
