"""benchmark.py as a whole, through its command line; `test_benchmarking` covers its parts."""

import json

import numpy as np
import pytest
import torch

from tests.training.conftest import TINY, randomise
from training import benchmark, evaluate
from training.benchmarking import passes
from training.benchmarking.accuracy import measure_miou
from training.benchmarking.jobs import Job, Subject
from training.data.arrays.scenes import Scene
from training.data.datasets import registry as datasets
from training.errors import DatasetError
from training.networks.dual_stream import DualStream
from training.networks.registry import ARCHITECTURES
from training.networks.settings import Settings
from training.weights.checkpoint import save_trained
from uhrs_qgis_plugin.engine.inference.devices import import_onnxruntime

NAMES, COLOURS = ["unknown", "urban", "water"], ["000000", "FF0000", "0000FF"]
SUBJECT = Subject("s", "dual_stream", {"classes": 3, **TINY}, None, True, 3)


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "run" / "n.ckpt"
    path.parent.mkdir()
    save_trained(path, randomise(DualStream(Settings(classes=3, **TINY))), NAMES, COLOURS)
    return str(path)


def options(checkpoint, out, *more):
    size = ["--height", "64", "--width", "96", "--warmup", "1", "--timed", "2", "--scales", "1"]
    return ["--checkpoint", checkpoint, *size, "--out", str(out), *more]


def test_a_network_in_torch_and_in_onnxruntime(checkpoint, graph, tmp_path, capsys):
    out = tmp_path / "o"
    content = benchmark.main(options(checkpoint, out, "--ratios", "0.5", "--modes", "eager", "onnxruntime"))
    assert json.loads((out / "benchmark.json").read_text()) == content
    eager, ort = content["measured"]
    network = passes.build(Subject("", "", {}, checkpoint, True, 3))
    for row, mode in ((eager, "eager"), (ort, "onnxruntime")):
        assert (row["network"], row["mode"], row["ratio"], row["timed"]) == ("run/n", mode, 0.5, 2)
        assert row["fps"] == pytest.approx(1000 / row["milliseconds"]["mean"])
        assert row["memory"]["process_mib"] > row["memory"]["before_mib"] > 10
        assert row["parameters"] == sum(p.numel() for p in network.parameters())
        assert row["miou"] is None
    assert ort["memory"]["process_mib"] < eager["memory"]["process_mib"]  # torch is not in that process
    text = (out / "benchmark.md").read_text()
    assert text.count("| run/n |") == 2
    assert "without argmax" in text
    assert ("these speeds are too low" in text) == (
        content["machine"]["load_before"] > 0.3 * content["machine"]["cores"]
    )
    assert (out / "benchmark.png").read_bytes().startswith(b"\x89PNG")
    assert not list(out.glob(".*"))
    assert "run/n, onnxruntime, K = 50 %, 64 x 96: " in capsys.readouterr().out
    same_logits(network, graph)


def same_logits(network, graph):
    """What onnxruntime was timed with is the network's pass at K = 50 %."""
    image = passes.dummy(network, Job(SUBJECT, 64, 96))
    with torch.inference_mode():
        expected = passes.FullPass(network, 0.5)(image).numpy()
    session = import_onnxruntime().InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    made = session.run(None, {"image": image.numpy()})[0]
    assert made.shape == (1, 3, 64, 96)
    assert np.abs(made - expected).max() < 1e-3 * np.abs(expected).max()


def test_published_network_has_the_published_parameters():
    arguments = ["--preset", "deepglobe", "--architectures", "faithful"]
    subject = benchmark.subjects(benchmark.parse(arguments))[0]
    assert subject.settings["patch_grid"] == 8
    told = passes.count(passes.build(subject), Job(subject, 256, 256))
    assert told["inference_parameters"] == 13_698_481
    assert told["parameters"] == 13_846_520


@pytest.fixture
def small_deepglobe(monkeypatch):
    rng = np.random.default_rng(1)
    image = rng.integers(0, 255, (3, 5, 6)).repeat(16, 1).repeat(16, 2).astype(np.uint8)
    scenes = [Scene("s", image, rng.integers(0, 3, (80, 96)).astype(np.uint8))]
    known = datasets.Dataset(lambda root, split: scenes, lambda root: (tuple(NAMES), tuple(COLOURS)))
    monkeypatch.setitem(datasets.DATASETS, "deepglobe", known)


def test_miou_is_that_of_evaluate(checkpoint, tmp_path, small_deepglobe):
    more = ["--data", "deepglobe", "--ratios", "0", "1", "--scales", "1", "0.8"]
    asked = benchmark.parse(options(checkpoint, tmp_path, *more))
    found = measure_miou(benchmark.subjects(asked), asked, "without_class_0")
    for scale in (1.0, 0.8):
        arguments = ["--checkpoint", checkpoint, "--data", "deepglobe", "--ratios", "0", "1"]
        told = evaluate.main([*arguments, "--scales", str(scale), "--out", str(tmp_path / "e"), "--boundary", "0"])
        for k in (0.0, 1.0):
            assert found["run/n", scale, k] == told[f"K = {100 * k:g} %"]["score"]
    with pytest.raises(DatasetError, match="Unknown rule"):
        measure_miou(benchmark.subjects(asked), asked, "best")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("", "give --preset (deepglobe, inria, urur, isic, crag, cityscapes), or --height and --width"),
        ("--height 64", "or --height and --width"),
        ("--height 64 --width 20", "from 32 to 65536"),
        ("--preset inria --scales 0.001", "from 32 to 65536"),
        ("--preset inria --ratios 2", "from 0 to 1"),
        ("--preset inria --timed 0", "--timed 0: give at least 1"),
        ("--preset inria --limit-s -1", "more than 0 seconds"),
        ("--preset inria --modes quick", "Unknown mode 'quick'; give eager, channels_last"),
        ("--preset inria --modes bf16+fp16", "contradicts itself"),
        ("--preset inria --data dubai", "give --checkpoint or --bundle too"),
        ("--preset inria --architectures unet", "invalid choice: 'unet'"),
    ],
)
def test_wrong_arguments_are_one_line(arguments, told, capsys):
    with pytest.raises(SystemExit) as stop:
        benchmark.parse(arguments.split())
    assert stop.value.code == 2
    assert told in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_where_there_is_none(capsys):
    with pytest.raises(SystemExit):
        benchmark.parse(["--preset", "inria", "--device", "cuda"])
    assert "there is no CUDA device here" in capsys.readouterr().err


def test_every_architecture_can_be_named():
    arguments = ["--preset", "urur", "--architectures", *ARCHITECTURES, "faithful"]
    found = {subject.name: subject for subject in benchmark.subjects(benchmark.parse(arguments))}
    assert set(found) == {*ARCHITECTURES, "faithful"}
    assert found["dual_stream"].takes_ratio
    assert not found["low_stream"].takes_ratio
    assert found["isdnet"].settings["classes"] == 8


def test_a_damaged_checkpoint_is_one_line(tmp_path, refused):
    (tmp_path / "bad.ckpt").write_bytes(b"no")
    with refused("Cannot read the checkpoint"):
        benchmark.main(options(str(tmp_path / "bad.ckpt"), tmp_path / "o"))
