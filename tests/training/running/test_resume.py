"""Same seed, same weights; a resumed training goes on as if it had never stopped."""

from pathlib import Path

import lightning as L
import numpy as np
import pytest
import torch
import yaml

from tests.training.tiny_runs import configuration, differing, fit, logged, state, write_folder
from training.running.repeatable import StepSeeds, step_seed

CONFIGS = Path(__file__).resolve().parents[3] / "training" / "configs"
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.slow]
EVERY_STEP = {"every_n_train_steps": 1, "save_top_k": -1, "filename": "step{step}", "auto_insert_metric_name": False}
AFTER_VALIDATION = {"monitor": "val/miou_k100", "mode": "max", "save_top_k": -1, "filename": "val{epoch}"}
AFTER_EPOCH = {"save_on_train_epoch_end": True, "save_top_k": -1, "filename": "epoch{epoch}", "save_last": True}
CHECKPOINTS = tuple({**EVERY_STEP, **more} for more in (EVERY_STEP, {"every_n_train_steps": None, **AFTER_VALIDATION}))
CHECKPOINTS = (*CHECKPOINTS, {"auto_insert_metric_name": False, **AFTER_EPOCH})
LEARNT = ("state_dict", "optimizer_states", "lr_schedulers")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory, root):
    """Four epochs of five steps in one go, a checkpoint at every place where one can be written."""
    folder = tmp_path_factory.mktemp("whole")
    fit(configuration(folder, root, CHECKPOINTS))
    return folder


@pytest.mark.parametrize("stop", ["step7", "step10", "val1", "epoch1", "step19"])
def test_resumed_training_equals_one_that_never_stopped(whole, root, tmp_path, stop):
    done = state(whole / f"{stop}.ckpt")["global_step"]
    cli = fit(configuration(tmp_path, root, CHECKPOINTS), f"--ckpt_path={whole / stop}.ckpt")
    assert cli.trainer.global_step == 20
    expected, found = state(whole / "last.ckpt"), state(tmp_path / "last.ckpt")
    assert [n for part in LEARNT for n in differing(expected[part], found[part], part)] == []
    losses = logged(whole)
    assert logged(tmp_path) == {step: loss for step, loss in losses.items() if step >= done}
    assert logged(tmp_path, "val/miou_k100").items() <= logged(whole, "val/miou_k100").items()
    assert len(set(losses.values())) == 20


def test_resume_of_a_run_counted_in_steps_and_with_workers(root, tmp_path):
    counted = ("--trainer.max_epochs=-1", "--trainer.max_steps=9", "--data.workers=1")
    for name, more in (("one", ()), ("two", (f"--ckpt_path={tmp_path / 'one' / 'step6.ckpt'}",))):
        fit(configuration(tmp_path / name, root, [EVERY_STEP]), *counted, *more)
    expected, found = (state(tmp_path / name / "step9.ckpt") for name in ("one", "two"))
    assert [n for part in LEARNT for n in differing(expected[part], found[part], part)] == []


def test_the_average_of_weights_goes_on_too(root, tmp_path):
    """What is saved is the average; a resumed training has the same one, and the same weights behind it."""
    average = "{class_path: lightning.pytorch.callbacks.EMAWeightAveraging, init_args: {decay: 0.5}}"
    for name, more in (("one", ()), ("two", (f"--ckpt_path={tmp_path / 'one' / 'step7.ckpt'}",))):
        config = configuration(tmp_path / name, root, [EVERY_STEP])
        fit(config, f"--trainer.callbacks+={average}", "--trainer.max_epochs=2", *more)
    expected, found = (state(tmp_path / name / "step10.ckpt") for name in ("one", "two"))
    parts = (*LEARNT, "current_model_state", "averaging_state")
    assert [n for part in parts for n in differing(expected[part], found[part], part)] == []
    before, kept = (state(tmp_path / "one" / f"step{n}.ckpt") for n in (9, 10))
    key = "network.deep_head.1.weight"
    mean = (before["state_dict"][key] + kept["current_model_state"][key]) / 2
    torch.testing.assert_close(kept["state_dict"][key], mean)


def test_same_seed_same_weights_other_seed_others(whole, root, tmp_path):
    for name, seed in (("same", 0), ("other", 1)):
        fit(configuration(tmp_path / name, root, [EVERY_STEP]), f"--seed_everything={seed}", "--trainer.max_steps=2")
    first = state(whole / "step2.ckpt")["state_dict"]
    # the schedule counts to max_steps, so that the second step differs in its rate: compare after the first
    same, other = (state(tmp_path / name / "step1.ckpt")["state_dict"] for name in ("same", "other"))
    assert differing(state(whole / "step1.ckpt")["state_dict"], same) == []
    assert len(differing(same, other)) > len(first) / 2


def test_no_crop_comes_twice(whole, root, tmp_path):
    """What each step logged differs from every other step's, also one epoch later."""
    losses = np.array([logged(whole)[step] for step in range(20)])
    assert np.abs(losses[:5] - losses[5:10]).min() > 0


def test_resume_runs_no_code_from_the_checkpoint(root, tmp_path, capsys):
    path = tmp_path / "evil.ckpt"
    torch.save({"hyper_parameters": tmp_path, "state_dict": {}}, path)
    with pytest.raises(SystemExit) as stop:
        fit(configuration(tmp_path / "run", root), f"--ckpt_path={path}")
    assert stop.value.code == 2
    assert f"Cannot go on from '{path}'" in capsys.readouterr().err


def test_step_seeds_are_far_apart():
    seeds = {step_seed(seed, step, process) for seed in range(3) for step in range(100) for process in range(4)}
    assert len(seeds) == 1200
    assert all(0 <= seed < 2**63 for seed in seeds)
    bits = np.array([[seed >> bit & 1 for bit in range(63)] for seed in seeds])
    assert np.abs(bits.mean(0) - 0.5).max() < 0.08


class _Present(L.Callback):
    """Notes the step of last.ckpt when an epoch begins."""

    def __init__(self, folder):
        self.folder, self.steps = folder, []

    def on_train_epoch_start(self, trainer, pl_module):
        last = self.folder / "last.ckpt"
        self.steps.append(state(last)["global_step"] if last.exists() else 0)


@pytest.mark.parametrize("config", ["dubai", "published/deepglobe"])
def test_last_is_of_the_last_epoch_whatever_was_best(config, root, tmp_path, monkeypatch):
    """Lightning's save_last alone writes last.ckpt only when the best changes, or at the very end."""
    callbacks = yaml.safe_load((CONFIGS / f"{config}.yaml").read_text())["trainer"]["callbacks"]
    settings = [entry["init_args"] for entry in callbacks if entry["class_path"].endswith("ModelCheckpoint")]
    for entry in settings:
        if "monitor" in entry:
            entry.update(monitor="epoch", mode="min")  # the first stays the best
    present = _Present(tmp_path)
    monkeypatch.setattr(StepSeeds, "on_train_epoch_start", present.on_train_epoch_start, raising=False)
    fit(configuration(tmp_path, root, settings))
    assert present.steps == [0, 5, 10, 15]
    steps = {path.stem: state(path)["global_step"] for path in tmp_path.glob("*.ckpt")}
    assert steps == {"last": 20, "best": 5} if len(settings) == 2 else {"last": 20}
