"""A raster that is segmented with an imported network gets the classes that a convolution in numpy gives."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.importing.networks import deepness, weights, write_network
from tests.engine.segmentation.runs import read_whole
from uhrs_qgis_plugin.engine.cli import main
from uhrs_qgis_plugin.engine.importing import ImportOptions, import_model
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.segmentation import Options, segment

BORDER = 4  # pixels at the raster's borders, beyond which the network sees zeros or repeated pixels
CLEAR = 0.05  # logits that differ by more have the same order in half precision

NETWORKS = {
    "as from torch": {},
    "softmax inside": {"head": "Softmax"},
    "any size": {"side": None, "batch": None},
    "as from TensorFlow": {"layout": "NHWC", "head": "Softmax"},
    "half precision": {"dtype": "float16"},
    "two classes in one channel": {"channels": 1, "head": "Sigmoid"},
    "one logit": {"channels": 1},
}


@pytest.fixture
def image():
    """Fields of colours with noise, (3, 200, 300)."""
    generator = np.random.default_rng(5)
    fields = generator.integers(0, 200, (3, 13, 19)).repeat(16, 1).repeat(16, 2)[:, :200, :300]
    return (fields + generator.integers(0, 55, fields.shape)).astype(np.uint8)


def logits(image, channels):
    """The network in numpy, on numbers from 0 to 1."""
    padded = np.pad(image / 255, ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))
    return np.einsum("bhwij,cbij->chw", windows, weights(channels, 3).astype(np.float64))


@pytest.mark.parametrize("what", NETWORKS)
def test_classes_and_uncertainty(make_raster, tmp_path, image, what):
    network = NETWORKS[what]
    channels = network.get("channels", 4)
    names = ["roof"] if channels == 1 else ["water", "land", "road", "building"]
    path = write_network(tmp_path / "net.onnx", metadata=deepness(names), **network)
    bundle = import_model(path, tmp_path / "net.uhrs", ImportOptions(resolution="any"))
    outputs = Outputs(str(tmp_path / "classes.tif"), str(tmp_path / "uncertainty.tif"))
    segment(make_raster(data=image), bundle, outputs, Options(device="cpu", uncertainty_cell=8))
    labels = read_whole(outputs.classes)[0][0]
    scores = logits(image, channels)
    scores = np.concatenate((np.zeros_like(scores), scores)) if channels == 1 else scores
    first, second = np.sort(scores, 0)[:-3:-1]
    inner = np.s_[BORDER:-BORDER, BORDER:-BORDER]
    clear = (first - second > CLEAR)[inner]
    assert clear.mean() > 0.8
    assert np.array_equal(labels[inner][clear], scores.argmax(0)[inner][clear])
    assert len(np.unique(labels)) >= 2
    powers = np.exp(scores - scores.max(0))
    shares = powers / powers.sum(0)
    entropy = -(shares * np.log(np.maximum(shares, 1e-12))).sum(0) / np.log(len(shares))
    expected = entropy[:, :296].reshape(25, 8, 37, 8).mean((1, 3))[1:-1, 1:-1]
    found = read_whole(outputs.uncertainty)[0][1, 1:-1, 1:36] / 254
    assert np.abs(found - expected[:, :35]).max() < 0.02


def test_command_line(make_raster, tmp_path, image, capsys):
    """Import, describe, segment; and an `.onnx` as model."""
    network = write_network(tmp_path / "net.onnx", side=None)
    given = ["--classes", "a,b,c,d=00FF00", "--bands", "red,green,blue", "--resolution", "any", "--divisor", "255"]
    bundle, raster, classes = str(tmp_path / "net.uhrs"), make_raster(data=image), str(tmp_path / "classes.tif")
    assert main(["importmodel", str(network), bundle]) == 2
    assert "does not tell everything" in capsys.readouterr().err
    assert main(["importmodel", str(network), bundle, *given, "--window", "128", "--first-look", "same"]) == 0
    said = capsys.readouterr().out
    assert "Gives logits of 4 classes" in said
    assert f"Model 'net' written to {bundle}" in said
    assert main(["segment", raster, "--model", bundle, "--classes", classes, "--quiet", "--device", "cpu"]) == 0
    assert len(np.unique(read_whole(classes)[0])) > 1
    assert main(["segment", raster, "--model", str(network), "--classes", classes, "--quiet"]) == 2
    error = capsys.readouterr().err
    assert "importmodel" in error
    assert len(error.strip().splitlines()) == 1
    assert main(["importmodel", str(network), bundle, *given, "--margin", "-3"]) == 2
    assert "margin -3 is not allowed" in capsys.readouterr().err
