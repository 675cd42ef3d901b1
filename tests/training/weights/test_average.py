import copy

import pytest
import torch

from tests.training.conftest import TINY, randomise
from training import average_checkpoints
from training.networks.dual_stream import DualStream
from training.networks.settings import Settings
from training.weights.checkpoint import load_trained, save_trained


def test_weights_and_statistics_are_averaged(tmp_path, tiny_network):
    other = randomise(copy.deepcopy(tiny_network))
    for name, network in (("a", tiny_network), ("b", other)):
        save_trained(tmp_path / f"{name}.ckpt", network, list("wxyz"), ["102030"] * 4)
    average_checkpoints.main([str(tmp_path / f"{name}.ckpt") for name in ("a", "b", "out")])
    mean = load_trained(tmp_path / "out.ckpt").network.state_dict()
    for key, value in tiny_network.state_dict().items():
        if value.is_floating_point():
            torch.testing.assert_close(mean[key], (value + other.state_dict()[key]) / 2)


def test_other_networks_are_refused(tmp_path, tiny_network, refused):
    other = DualStream(Settings(classes=4, **{**TINY, "context": 12}))
    for name, network in (("a", tiny_network), ("b", other)):
        save_trained(tmp_path / f"{name}.ckpt", network, list("wxyz"), ["102030"] * 4)
    with refused("differ in network or classes"):
        average_checkpoints.main([str(tmp_path / f"{name}.ckpt") for name in ("a", "b", "out")])
    with pytest.raises(SystemExit):
        average_checkpoints.main([str(tmp_path / "a.ckpt"), str(tmp_path / "out.ckpt")])
