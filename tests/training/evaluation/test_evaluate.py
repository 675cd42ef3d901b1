"""evaluate.py through its command line, on small networks and scenes; `test_end_to_end` covers trained ones."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio

from tests.training.conftest import TINY, randomise
from tests.training.tiny_runs import write_folder
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
    assert sorted(p.name for p in (tmp_path / "o").glob("*.png")) == ["confusion.png", "s0.png", "s1.png"]


def rows(path):
    return list(csv.DictReader(path.open(encoding="utf-8")))


def test_tables_of_scenes_and_of_confusion_add_up(checkpoint, tmp_path, capsys):
    numbers = run(checkpoint, tmp_path / "o", "--ratios", "0.5", "1", "--no-pictures")
    scenes, matrix = rows(tmp_path / "o" / "scenes.csv"), rows(tmp_path / "o" / "confusion.csv")
    assert [(row["scene"], row["setting"]) for row in scenes] == [
        (scene, setting) for scene in ("s0", "s1") for setting in ("K = 50 %", "K = 100 %", "low stream")
    ]
    assert {int(row["pixels"]) for row in scenes} == {70 * 90}
    full = [row for row in matrix if row["setting"] == "K = 100 %"]
    counts = np.array([[int(row[name]) for name in NAMES] for row in full])
    assert counts.sum() == 2 * 70 * 90
    hits = counts.diagonal()
    iou = 100 * hits / (counts.sum(0) + counts.sum(1) - hits)
    assert list(numbers["K = 100 %"]["iou"].values()) == pytest.approx(iou, abs=0.01)
    assert all(sum(float(row[f"{name}, share"]) for name in NAMES) == pytest.approx(1, abs=1e-3) for row in full)
    assert [p.name for p in (tmp_path / "o").glob("*.png")] == ["confusion.png"]
    told = capsys.readouterr().err
    assert "1 of 2 scenes, " in told
    assert "2 of 2 scenes: s1" in told


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_predictions_lie_where_the_image_lies(checkpoint, tmp_path, monkeypatch):
    """Of an image with a place, and of one without."""
    transform = rasterio.transform.from_origin(500_000, 2_800_000, 0.5, 0.5)
    image = np.random.default_rng(2).integers(0, 255, (3, 70, 90)).astype(np.uint8)
    with rasterio.open(
        tmp_path / "a.tif", "w", driver="GTiff", count=3, height=140, width=180, dtype="uint8", crs="EPSG:32640",
        transform=transform,
    ) as file:  # fmt: skip
        file.write(image.repeat(2, 1).repeat(2, 2))
    truth = np.zeros((70, 90), np.uint8)
    scenes = [Scene("a", image, truth, file=tmp_path / "a.tif"), Scene("b", image, truth)]
    small = datasets.Dataset(lambda root, split: scenes, lambda root: (tuple(NAMES), tuple(COLOURS)))
    monkeypatch.setitem(datasets.DATASETS, "deepglobe", small)
    run(checkpoint, tmp_path / "o", "--ratios", "1", "--save-predictions", "--overlay", "0.25", "--no-pictures")
    with rasterio.open(tmp_path / "o" / "a_classes.tif") as a, rasterio.open(tmp_path / "o" / "b_classes.tif") as b:
        assert (a.crs.to_epsg(), a.bounds) == (32640, (500_000, 2_799_930, 500_090, 2_800_000))  # half as many pixels
        assert b.crs is None
        found = a.read(1)
        assert np.array_equal(found, b.read(1))
        assert [a.colormap(1)[value][:3] for value in range(3)] == [(0, 0, 0), (255, 0, 0), (0, 0, 255)]
        assert a.nodata == 255
        assert a.tags()["CLASS_2"] == "water"
    with rasterio.open(tmp_path / "o" / "a_overlay.png") as file:
        shown = np.moveaxis(file.read(), 0, -1)
    expected = 0.75 * np.moveaxis(image, 0, -1) + 0.25 * pictures.colour_labels(found, COLOURS)
    assert np.abs(shown - expected).max() <= 0.5


@pytest.mark.slow
def test_several_processes_share_out_the_scenes(tmp_path):
    """By torchrun, on a folder of small rasters: the same numbers, each scene looked at once."""
    root = write_folder(tmp_path / "data")
    save_trained(
        tmp_path / "n.ckpt", randomise(DualStream(Settings(classes=2, **TINY))), ["ground", "roof"], COLOURS[:2]
    )
    options = ["--checkpoint", tmp_path / "n.ckpt", "--data", "folder", "--root", root, "--split", "val"]
    options = [*map(str, options), "--no-pictures", "--out"]
    evaluate.main([*options, str(tmp_path / "one")])
    script = Path(evaluate.__file__)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", script, *options]
    alone = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(script.parents[1]), "PYTHONWARNINGS": "ignore"}
    environment = {**os.environ, **alone}
    command.append(str(tmp_path / "two"))
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    one, two = ((tmp_path / name / "metrics.json").read_text() for name in ("one", "two"))
    assert one == two
    assert (tmp_path / "one" / "scenes.csv").read_text() == (tmp_path / "two" / "scenes.csv").read_text()
    assert "1 of 2 scenes" in done.stderr
    assert "1 of 1 scenes" in done.stderr


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
