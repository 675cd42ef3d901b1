"""A training that ends after so many seconds of the processor's work."""

import json
import logging
import math

import pytest
import torch
from torch import nn

from tests.training.tiny_runs import configuration, fit, write_folder
from training.errors import SettingsError
from training.learning.optimisation import Recipe
from training.running import budget as module
from training.running.budget import ProcessorBudget
from training.running.work import whole_work

pytestmark = pytest.mark.filterwarnings("ignore")


class Clock:
    """A processor that works when it is told."""

    worked = 0.0

    def process_time(self):
        return self.worked


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(module, "time", Clock())
    return module.time


class Beginning:
    """What a budget asks of a trainer."""

    world_size, should_stop, global_step = 1, False, 3

    def __init__(self, device="cpu", workers=0):
        self.strategy = type("Strategy", (), {"root_device": torch.device(device)})
        self.train_dataloader = type("Loader", (), {"num_workers": workers})


def started(seconds, clock, worked=100.0):
    clock.worked = worked  # imports and reading, which do not count
    budget = ProcessorBudget(seconds)
    budget.on_train_start(Beginning(), None)
    return budget


def test_the_learning_rate_follows_the_share_that_is_used(clock):
    """Two networks, one of which takes thrice as long for a step, have the same rate after the same work."""
    recipe = Recipe("sgd", 1.0, 0.0, 0.9, 0.0, 0)
    rates = {}
    for cost in (1, 3):
        budget = started(60, clock)
        optimiser, schedule = recipe.build([("a", nn.Parameter(torch.zeros(1)))], set(), budget.total_steps)
        assert optimiser.param_groups[0]["lr"] == 1
        rates[cost] = {}
        for step in range(1, 60 // cost + 1):
            clock.worked += cost
            optimiser.step()
            schedule.step()
            rates[cost][step * cost] = optimiser.param_groups[0]["lr"]
    assert rates[3] == pytest.approx({worked: rates[1][worked] for worked in rates[3]})
    assert rates[1][30] == pytest.approx(0.5**0.9)
    assert rates[1][60] == 0


def test_it_stops_when_the_budget_is_used_and_counts_on_after_a_stop(clock):
    budget, trainer = started(10, clock), Beginning()
    clock.worked += 4
    budget.on_train_batch_end(trainer, None, None, {}, 0)
    assert not trainer.should_stop
    assert budget.total_steps(2) == 5
    assert budget.total_steps(0) == math.inf
    again = ProcessorBudget(10)
    again.load_state_dict(budget.state_dict())
    clock.worked += 1000  # nobody trains
    again.on_train_start(Beginning(), None)
    clock.worked += 6
    assert again.used == 10
    again.on_train_batch_end(trainer, None, None, {}, 0)
    assert trainer.should_stop
    clock.worked += 5
    assert again.total_steps(7) == 7  # never fewer than there were


@pytest.mark.parametrize("seconds", [0, -1, math.inf, math.nan])
def test_a_budget_is_above_nothing(seconds):
    with pytest.raises(SettingsError, match="give a number above 0"):
        ProcessorBudget(seconds)


@pytest.mark.parametrize(
    ("trainer", "told"), [(Beginning("meta"), "accelerator cpu"), (Beginning(workers=1), "data.workers 0")]
)
def test_work_that_is_not_seen_is_refused(trainer, told):
    with pytest.raises(SettingsError, match=told):
        ProcessorBudget(1).on_train_start(trainer, None)


@pytest.mark.slow
def test_a_training_ends_by_it_and_tells_what_it_took(tmp_path, caplog):
    config = configuration(tmp_path / "run", write_folder(tmp_path / "data"))
    given = "[{class_path: training.running.ProcessorBudget, init_args: {seconds: 1}}, ModelCheckpoint]"
    with caplog.at_level(logging.INFO, "lightning.pytorch.utilities.rank_zero"):
        cli = fit(config, "--data.steps=100000", f"--trainer.callbacks={given}", "--trainer.limit_val_batches=0")
    (line,) = (text for text in caplog.messages if text.startswith("Epoch "))
    assert f"step {cli.trainer.global_step:,} of {cli.trainer.global_step:,}" in line
    assert line.endswith("done")
    assert 0 < cli.trainer.global_step < 100000
    (rate,) = cli.trainer.lr_scheduler_configs[0].scheduler.get_last_lr()
    assert rate < 1e-4  # a tenth of the highest: the last steps, however few there are
    (file,) = tmp_path.rglob("run.json")
    (end,) = json.loads(file.read_text())["ends"]
    assert end["step"] == cli.trainer.global_step
    assert end["processor_s"] >= 1
    assert whole_work(file.parent) == (end["step"], end["processor_s"])
    fit(config, "--data.steps=3", f"--ckpt_path={next(tmp_path.rglob('*.ckpt'))}", "--trainer.max_epochs=2")
    assert len(json.loads(file.read_text())["ends"]) == 2
    assert whole_work(file.parent) is None  # what a stop has cost is not known
    assert list(tmp_path.rglob("*.ckpt"))
