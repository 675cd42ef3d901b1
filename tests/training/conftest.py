import os
import random
import re
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.networks.golden.generated import write_checkpoint
from training.networks.dual_stream import DualStream
from training.networks.settings import Settings

SHARED = Path(os.environ.get("UHRS_SHARED", Path(__file__).resolve().parents[3] / "shared"))
TINY = {"low_widths": (8, 12, 16, 16), "context": 8, "high_widths": (8, 8, 16, 32), "patch_side": 32}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    """Each test, its fixtures included, draws the same numbers whatever ran before it in the same process."""
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)


@pytest.fixture(scope="session", autouse=True)
def _threads():
    """Two; one where pytest-xdist runs processes side by side."""
    torch.set_num_threads(1 if "PYTEST_XDIST_WORKER" in os.environ else 2)


@pytest.fixture(scope="session")
def generated_checkpoint(tmp_path_factory):
    """The published network with generated weights, as a file in the published naming."""
    return write_checkpoint(tmp_path_factory.mktemp("golden") / "generated.safetensors")


@pytest.fixture(scope="session")
def published_golden():
    """The folder with the published code's own arrays: 40 MB that no clone holds, an extra to the golden file."""
    folder = SHARED / "golden"
    if not folder.is_dir():
        pytest.skip(f"an extra: the published code's own arrays are not at hand (no {folder}; set UHRS_SHARED)")
    return folder


@pytest.fixture
def refused(capsys):
    """`with refused(match): main(...)`: the command ends with status 2 and one matching line on stderr."""

    @contextmanager
    def expect(match):
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            yield
        assert stop.value.code == 2
        error = capsys.readouterr().err
        # Workers of xdist have no name but -c.
        assert re.match(rf"(\w+\.py|-c): .*{match}", error.strip().splitlines()[-1]), error
        assert "Traceback" not in error

    return expect


@pytest.fixture
def tiny_network():
    """A small network with lively normalisation statistics, in evaluation mode."""
    torch.manual_seed(0)
    return randomise(DualStream(Settings(classes=4, **TINY)))


def randomise_layers(network):
    """Give the layers of a fresh network statistics and weights under which its answer depends on the image."""
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.3, 1.5)
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.2)
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight)
    return network.eval()


def randomise(network):
    """Give a fresh two-stream network statistics and weights under which classes compete and U does not saturate."""
    randomise_layers(network)
    last = network.residual.out if network.settings.estimator == "residual" else network.residual.out[-1]
    last.weight.data *= 0.01
    network.deep_head[1].weight.data *= 0.02
    if network.detail_head is not None:
        network.detail_head.correct[2].weight.data *= 0.02
    return network.eval()
