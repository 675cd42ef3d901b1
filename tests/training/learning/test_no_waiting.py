"""Nothing in a training step makes the processor wait for a card, or a card for small tensors of the processor."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.data import default_collate

from training.data.arrays import Scene
from training.data.crops import RandomCrops
from training.learning import SegmentationTask

NETWORK = {"low_widths": [8, 12, 16, 16], "context": 8, "high_widths": [8, 8, 16, 32], "patch_side": 32}
WAITS = ("_local_scalar_dense", "item", "nonzero", "masked_select", "is_nonzero", "equal", "unique", "lift_fresh")


class Operations(TorchDispatchMode):
    """Notes those that need numbers of the device, or bring numbers to it."""

    def __init__(self):
        super().__init__()
        self.waited = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = function.overloadpacket.__name__
        masks = name in ("index", "index_put", "index_put_") and any(
            place is not None and place.dtype in (torch.bool, torch.uint8) for place in args[1]
        )
        if name in WAITS or masks:
            self.waited.append(name)
        return function(*args, **(kwargs or {}))


@pytest.fixture(scope="module")
def batch():
    rng = np.random.default_rng(0)
    scene = Scene("s", rng.integers(0, 255, (3, 200, 220), np.uint8), rng.integers(0, 3, (200, 220), np.uint8))
    crops = RandomCrops([scene], [1.0], 96, 8, seed=0, scale=(0.7, 1.4), balance=0.5)
    return default_collate([crops[0], crops[1]])


def test_batches_are_bytes(batch):
    """What goes to the device is a fifth of what floats and 64-bit labels would be."""
    assert (batch["image"].dtype, batch["mask"].dtype) == (torch.uint8, torch.uint8)


def test_the_observer_sees_what_waits():
    with Operations() as seen:
        values = torch.arange(4.0)
        values[values > 2] = 0
        float(values.sum())
        torch.tensor([1.0])
    assert set(seen.waited) == {"index_put_", "_local_scalar_dense", "lift_fresh"}


@pytest.mark.parametrize(
    ("ratio", "more"),
    [
        *((ratio, {}) for ratio in (0.0, 0.5, 1.0)),
        (0.5, {"gate": 0.5, "mask": 0.3}),
        (0.5, {"network": {**NETWORK, "selector": "point"}, "normalise": False}),
        (1.0, {"estimator_target": "gain", "degrade": 0.5, "ignore_borders": 2}),
    ],
)
def test_a_step_does_not_wait(batch, ratio, more, monkeypatch):
    settings = {"network": NETWORK, "estimator_weight": 0.5, "jitter": 1.0, "ratio": ratio, **more}
    task = SegmentationTask(3, list("abc"), ["000000"] * 3, **settings)
    task.trainer = SimpleNamespace(global_step=0)
    monkeypatch.setattr(SegmentationTask, "log", lambda self, name, value, **how: None)
    with Operations() as seen:
        loss = task.training_step(batch, 0)
        loss.backward()
    assert seen.waited == []
    assert torch.isfinite(loss)
