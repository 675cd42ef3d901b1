"""evaluate.py through its command line, on small networks and scenes; `test_end_to_end` covers trained ones."""

import json

import numpy as np
import pytest

from tests.training.conftest import TINY, randomise
from training import evaluate, export_model
from training.data.arrays.scenes import Scene
from training.data.datasets import registry as datasets
from training.evaluation import pictures
from training.evaluation.segmenters import BundleSegmenter
from training.networks.dual_stream import DualStream
from training.networks.settings import Settings
from training.networks.single_stream import LowStream
from training.weights.checkpoint import save_trained

NAMES, COLOURS = ["unknown", "urban", "water"], ["000000", "FF0000", "0000FF"]


@pytest.fixture(autouse=True)
def small_deepglobe(monkeypatch):
    """Two scenes of 70 x 90 pixels under the name of a dataset that has a rule of its own."""
    rng = np.random.default_rng(1)

    def load(root, split):
        blocks = [rng.integers(0, 3, (7, 9)).astype(np.uint8).repeat(10, 0).repeat(10, 1) for _ in range(2)]
        images = [np.stack([b * 90 + rng.integers(0, 60, b.shape) for _ in range(3)]).astype(np.uint8) for b in blocks]
        return [Scene(f"s{i}", image, block) for i, (image, block) in enumerate(zip(images, blocks, strict=True))]

    small = datasets.Dataset(load, lambda root: (tuple(NAMES), tuple(COLOURS)))
    monkeypatch.setitem(datasets.DATASETS, "deepglobe", small)


@pytest.fixture
def checkpoint(tmp_path):
    save_trained(tmp_path / "n.ckpt", randomise(DualStream(Settings(classes=3, **TINY))), NAMES, COLOURS)
    return str(tmp_path / "n.ckpt")


def run(checkpoint, out, *more):
    return evaluate.main(["--checkpoint", checkpoint, "--data", "deepglobe", "--out", str(out), *more])


def test_the_rule_of_the_dataset_stands_first(checkpoint, tmp_path, capsys):
    numbers = run(checkpoint, tmp_path / "o", "--ratios", "0", "0.5", "1")
    row = numbers["K = 50 %"]
    assert row["rule"] == "without_class_0"
    assert row["score"] == pytest.approx((row["iou"]["urban"] + row["iou"]["water"]) / 2, abs=0.02)
    assert row["miou"] == pytest.approx(np.mean(list(row["iou"].values())), abs=0.02)
    assert set(row["boundary_iou"]) == set(row["f1"]) == set(NAMES)
    assert json.loads((tmp_path / "o" / "metrics.json").read_text()) == numbers
    text = (tmp_path / "o" / "metrics.md").read_text()
    assert text in capsys.readouterr().out
    assert "deepglobe, test; one confusion matrix over all scenes, each whole; scale 1; boundaries 2 %" in text
    heads = [line for line in text.splitlines() if line.startswith(("| IoU", "| F1", "| boundary IoU"))]
    assert [head.split("|")[2].strip() for head in heads] == [
        f"mean {measure} without unknown" for measure in ("IoU", "F1", "boundary IoU")
    ]
    assert sorted(p.name for p in (tmp_path / "o").glob("*.png")) == ["s0.png", "s1.png"]


def test_everything_that_is_asked_for_is_told(checkpoint, tmp_path):
    more = ["--ratios", "1", "--rule", "class:water", "--never", "unknown", "--flips", "--scales", "1", "1.25"]
    row = run(checkpoint, tmp_path / "o", *more, "--boundary", "0", "--long-side", "64")["K = 100 %"]
    assert row["rule"] == "class:water"
    assert row["score"] == row["iou"]["water"]
    assert row["iou"]["unknown"] in (0, None)  # never predicted
    assert "boundary_iou" not in row
    for part in ("scale 1, 1.25", "mirrored", "never predicted: unknown", "longer side resized to 64"):
        assert part in row["how"]


def test_uncertainty_is_told_by_the_same_rule(checkpoint, tmp_path):
    numbers = run(checkpoint, tmp_path / "o", "--ratios", "0", "0.5", "1", "--uncertainty")
    meaning = json.loads((tmp_path / "o" / "uncertainty.json").read_text())
    assert meaning["miou_without_choice"]["0"] == numbers["K = 0 %"]["score"]
    assert meaning["miou_without_choice"]["1"] == numbers["K = 100 %"]["score"]
    assert (tmp_path / "o" / "uncertainty.png").stat().st_size > 10_000
    assert "| oracle |" in (tmp_path / "o" / "uncertainty.md").read_text()


def test_a_network_without_ratio_is_measured_once(tmp_path, refused):
    path = tmp_path / "low.ckpt"
    save_trained(path, LowStream(Settings(classes=3, **TINY)).eval(), NAMES, COLOURS)
    assert set(run(str(path), tmp_path / "o")) == {"no K"}
    with refused("this one does not"):
        run(str(path), tmp_path / "o", "--uncertainty")


@pytest.mark.parametrize("option", ["--uncertainty", "--flips", "--never urban", "--scales 0.8", "--long-side 64"])
def test_what_a_bundle_cannot_do(option, capsys):
    with pytest.raises(SystemExit) as stop:
        evaluate.main(["--bundle", "x.uhrs", "--data", "deepglobe", *option.split()])
    assert stop.value.code == 2
    assert f"{option.split()[0]} reaches inside the network: give --checkpoint" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong", ["--ratios 1.5", "--scales 0", "--scales 9", "--boundary 2", "--boundary -1", "--long-side 3"]
)
def test_numbers_out_of_range(wrong, capsys):
    with pytest.raises(SystemExit):
        evaluate.main(["--checkpoint", "x.ckpt", "--data", "deepglobe", *wrong.split()])
    assert wrong.split()[0] in capsys.readouterr().err.splitlines()[-1]


def test_a_wrong_rule_is_told_before_anything_is_read(tmp_path, refused):
    with refused("Unknown rule 'class:road'; there are mean, without_class_0"):
        run("nothing.ckpt", tmp_path / "o", "--rule", "class:road")
    assert not (tmp_path / "o").exists()


def test_a_bundle_sees_the_numbers_of_sixteen_bits(tmp_path):
    """The scene reaches the engine in its own data type, from an array that is only read by windows."""
    network = randomise(
        DualStream(Settings(classes=3, data_type="uint16", mean=[9000.0] * 3, std=[5000.0] * 3, **TINY))
    )
    save_trained(tmp_path / "n.ckpt", network, NAMES, COLOURS)
    export_model.main([str(tmp_path / "n.ckpt"), str(tmp_path / "n.uhrs")])
    image = np.random.default_rng(0).integers(0, 20_000, (3, 6, 8)).repeat(16, 1).repeat(16, 2).astype(np.uint16)
    scene = Scene("s", image, np.zeros(image.shape[1:], np.uint8))
    made = BundleSegmenter(tmp_path / "n.uhrs").segment(scene, 1.0)
    told = evaluate.NetworkSegmenter(evaluate.load_trained(tmp_path / "n.ckpt")).segment(scene, 1.0)
    assert len(np.unique(told.labels)) > 1
    assert np.mean(made.labels == told.labels) > 0.99


def test_pictures_show_numbers_of_every_type():
    ramp = np.linspace(1000, 9000, 64, dtype=np.float32).reshape(1, 8, 8)
    for values in (ramp.astype(np.uint16), np.where(ramp > 8900, np.nan, ramp)):
        shown = pictures._visible(values)
        assert shown.dtype == np.uint8
        assert shown[0, 0, 0] == 0
        assert shown.max() > 230
        assert (np.diff(shown[0, :7].ravel().astype(int)) >= 0).all()
    exact = (ramp / 50).astype(np.uint8)
    assert np.array_equal(pictures._visible(exact), exact)
