"""Several processes train as one would: the same crops, the same normalisation, the same losses, one log."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.conftest import TINY
from tests.training.tiny_runs import configuration, fit, logged, state, write_folder
from training.data.arrays.scenes import Scene
from training.data.crops.random_crops import RandomCrops
from training.data.crops.sampling import CropLoader, CropOrder, SceneOrder
from training.data.crops.whole_scenes import WholeScenes
from training.learning import losses
from training.learning.losses import Complementer
from training.networks.dual_stream import DualStream, normalised_alone
from training.networks.settings import Settings
from training.running.distributed import STRATEGY, several_asked, torchrun_settings
from training.running.normalisation import SharedNorm, SharedNormalisation

pytestmark = pytest.mark.filterwarnings("ignore")
ROOT = Path(__file__).resolve().parents[3]


def torchrun(config, *options, processes=2):
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
    command += [ROOT / "training" / "train.py", "fit", f"--config={config}", *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=900)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("data"))


@pytest.mark.slow
def test_two_processes_equal_one_with_twice_the_batch(root, tmp_path):
    """20 steps with every K, colours changed, masks with unknown pixels, the gate in use, three scenes to validate.

    In 64 bits and by small steps of plain descent: normalising the global mean over two images, as in any training
    with so small a batch, magnifies the last digits of 32 bits (they depend on the order of sums) by a thousand.
    """
    settings = {"gate": 0.69, "power": 2.0, "optimiser": "sgd", "lr": 5e-4}
    one, two = (configuration(tmp_path / name, root, callbacks=["NoDropout"], **settings) for name in ("one", "two"))
    exact = ("--trainer.precision=64-true", "--data.crop=96")
    fit(one, *exact)
    done = torchrun(two, "--data.batch_size=1", *exact)
    assert done.returncode == 0, done.stderr[-3000:]

    for name in ("train/deep", "train/auxiliary", "train/final", "train/estimator"):
        alone, together = logged(tmp_path / "one", name), logged(tmp_path / "two", name)
        assert list(alone) == list(together) == list(range(20))
        np.testing.assert_allclose(list(together.values()), list(alone.values()), rtol=2e-6)
    for name in ("val/miou_low", "val/miou_k0", "val/miou_k100", "val/iou_ground"):
        alone, together = logged(tmp_path / "one", name), logged(tmp_path / "two", name)
        assert list(alone) == list(together) == [4, 9, 14, 19]
        np.testing.assert_allclose(list(together.values()), list(alone.values()), atol=1e-3)
    assert sorted(p.name for p in (tmp_path / "two").glob("*.ckpt")) == ["epoch=3-step=20.ckpt"]

    alone, together = (state(tmp_path / name / "epoch=3-step=20.ckpt")["state_dict"] for name in ("one", "two"))
    assert alone.keys() == together.keys()
    for name, values in alone.items():
        torch.testing.assert_close(together[name], values, rtol=1e-4, atol=1e-6, msg=name)


@pytest.mark.slow
def test_accumulated_batches_equal_one_of_their_sum(tmp_path):
    """As far as normalisation permits: with running statistics, and with labels everywhere."""
    root = write_folder(tmp_path / "data", unlabelled=0)
    extra = {"callbacks": ["NoDropout", "FrozenStatistics"], "power": 0.0}
    fit(configuration(tmp_path / "one", root, **extra), "--trainer.max_epochs=2", "--data.batch_size=4")
    accumulate = ("--data.batch_size=2", "--data.steps=10", "--trainer.accumulate_grad_batches=2")
    cli = fit(configuration(tmp_path / "two", root, **extra), "--trainer.max_epochs=2", *accumulate)
    assert cli.trainer.global_step == 10
    one, two = (state(next((tmp_path / name).glob("*.ckpt"))) for name in ("one", "two"))
    assert one["global_step"] == two["global_step"] == 10
    assert one["lr_schedulers"] == two["lr_schedulers"]
    for name, values in one["state_dict"].items():
        torch.testing.assert_close(two["state_dict"][name], values, rtol=0.02, atol=1e-3, msg=name)


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["bf16-mixed", "16-mixed"])  # on a CPU Lightning takes the second as the first
def test_half_precision_trains_and_keeps_weights_in_32_bits(root, tmp_path, precision):
    fit(configuration(tmp_path, root), "--trainer.max_epochs=1", f"--trainer.precision={precision}")
    losses = list(logged(tmp_path).values())
    assert len(losses) == 5
    assert np.isfinite(losses).all()
    kinds = {values.dtype for values in state(next(tmp_path.glob("*.ckpt")))["state_dict"].values()}
    assert kinds == {torch.float32, torch.int64}


@pytest.mark.parametrize("backend", ["gloo", "nccl"])
def test_what_is_published_alone_is_normalised_by_each_process(backend, monkeypatch):
    """Published: STDC's strided units and the three reducers by themselves, the others together."""
    network = DualStream(Settings(classes=2, **TINY))
    normed = {name for name, module in network.named_modules() if isinstance(module, torch.nn.BatchNorm2d)}
    monkeypatch.setattr(torch.distributed, "get_backend", lambda: backend)
    alone = normalised_alone(network)
    model = SharedNormalisation({f"network.{name}" for name in alone}).apply(torch.nn.ModuleDict({"network": network}))
    kept = {name for name, module in model["network"].named_modules() if type(module) is torch.nn.BatchNorm2d}
    assert kept == alone
    assert kept < normed
    assert {name.split(".")[0] for name in kept} == {"low_reducer", "high_reducer", "high_encoder"}
    assert len(kept) == 5
    kind = torch.nn.SyncBatchNorm if backend == "nccl" else SharedNorm
    assert all(type(model["network"].get_submodule(name)) is kind for name in normed - kept)


@pytest.mark.parametrize("per_process", [False, True])
def test_the_gate_is_decided_by_all_or_by_each(per_process, monkeypatch):
    monkeypatch.setattr(losses, "process_mean", lambda loss: loss - 0.4)  # the others' losses are lower
    weight = Complementer(power=2, gate=0.5, per_process=per_process).weight(torch.ones(1, 1, 1, 1), torch.tensor(0.8))
    assert float(weight) == (1.0 if per_process else 4.0)


def scene(height=80, width=90):
    rows, cols = np.mgrid[:height, :width]
    return Scene("s", np.stack([rows, cols, rows + cols]).astype(np.uint8), (rows % 3).astype(np.uint8))


@pytest.mark.parametrize(("processes", "batch"), [(1, 6), (2, 3), (3, 2), (6, 1)])
def test_processes_share_out_what_one_would_see(processes, batch):
    steps, epochs = 4, 3
    crops = RandomCrops([scene()], [1.0], 16, steps * 6, seed=5)
    seen = []
    for epoch in range(epochs):
        parts = []
        for process in range(processes):
            order = CropOrder(crops, steps, batch, process, processes, done=lambda epoch=epoch: epoch * steps)
            parts.append(list(CropLoader(crops, batch, sampler=order)))
        seen += [part[step] for step in range(steps) for part in parts]
    expected = [crops[epoch, number] for epoch in range(epochs) for number in range(steps * 6)]
    for key in ("origin", "colour_seed"):
        assert torch.equal(torch.cat([batch[key] for batch in seen]), torch.stack([crop[key] for crop in expected]))
    assert len({int(crop["colour_seed"]) for crop in expected}) == epochs * steps * 6


@pytest.mark.parametrize("done", [0, 3, 4, 11])
def test_order_goes_on_after_what_is_done(done):
    crops = RandomCrops([scene()], [1.0], 16, 8, seed=5)
    taken = list(CropOrder(crops, 4, 2, done=lambda: done))
    every = [(epoch, number) for epoch in range(5) for number in range(8)]
    assert taken == every[2 * done : 2 * done + 8]


@pytest.mark.parametrize(("scenes", "processes"), [(1, 1), (5, 1), (5, 2), (5, 4), (2, 3), (1, 4)])
def test_every_scene_is_validated_once_and_all_processes_as_often(scenes, processes):
    whole = WholeScenes([scene()] * scenes)
    parts = [list(SceneOrder(whole, process, processes)) for process in range(processes)]
    assert len({len(part) for part in parts}) == 1
    assert sorted(number for part in parts for number in part if number >= 0) == list(range(scenes))
    assert whole[-1]["mask"] is None


def test_torchrun_says_how_many():
    assert torchrun_settings({}) == {}
    here = {"TORCHELASTIC_RUN_ID": "x", "WORLD_SIZE": "6", "LOCAL_WORLD_SIZE": "3"}
    assert torchrun_settings(here) == {"devices": 3, "num_nodes": 2, "strategy": STRATEGY}
    alone = torchrun_settings({**here, "WORLD_SIZE": "1", "LOCAL_WORLD_SIZE": "1"})
    assert alone == {"devices": 1, "num_nodes": 1, "strategy": "auto"}


SEVERAL = (2, "2", [0, 1], "0,1", [0, 1, 2])


@pytest.mark.parametrize("devices", ["auto", 1, "1", -1, [3], *SEVERAL])
def test_several_processes_are_known_without_torchrun(devices):
    assert several_asked({"devices": devices, "num_nodes": 1, "accelerator": "cpu"}) == (devices in SEVERAL)
    assert several_asked({"devices": devices, "num_nodes": 2, "accelerator": "cpu"})
