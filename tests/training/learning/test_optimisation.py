"""Rates of learning: the schedule, and those of weights that a file brought."""

import pytest
import torch
from torch import nn

from training.learning.optimisation import Recipe


def recipe(optimiser="adamw", **changes):
    values = {"optimiser": optimiser, "lr": 1e-2, "weight_decay": 0.0, "poly": 1.0, "min_lr": 0.0, "warmup": 0}
    return Recipe(**{**values, **changes})


@pytest.mark.parametrize("optimiser", ["adamw", "adam", "sgd"])
def test_brought_weights_learn_at_their_own_rate(optimiser):
    network = nn.ModuleDict({"encoder": nn.Linear(2, 2), "head": nn.Linear(2, 2)})
    brought = {"encoder.weight"}
    built, schedule = recipe(optimiser, encoder_lr=0.25).build(network.named_parameters(), brought, lambda step: 10)
    rates = {id(p): group["lr"] for group in built.param_groups for p in group["params"]}
    assert {name: rates[id(p)] for name, p in network.named_parameters()} == {
        "encoder.weight": 2.5e-3,
        "encoder.bias": 1e-2,
        "head.weight": 1e-2,
        "head.bias": 1e-2,
    }
    built.step()
    for _ in range(5):
        schedule.step()
    assert sorted(group["lr"] for group in built.param_groups) == pytest.approx([1.25e-3, 5e-3])


@pytest.mark.parametrize(("encoder_lr", "brought"), [(1.0, {"0.weight"}), (0.3, set())])
def test_one_group_where_all_learn_alike(encoder_lr, brought):
    network = nn.Sequential(nn.Linear(2, 2))
    built, _ = recipe(encoder_lr=encoder_lr).build(network.named_parameters(), brought, lambda step: 10)
    assert [len(group["params"]) for group in built.param_groups] == [2]


def test_schedule_rises_and_falls_to_the_lowest():
    rates = [recipe(warmup=3, min_lr=1e-3).factor(step, 20) for step in range(21)]
    assert rates[0] == pytest.approx(0.25)
    assert max(rates) == rates[3]
    assert rates[-1] == pytest.approx(0.1)
    assert torch.tensor(rates[3:]).diff().max() < 0
