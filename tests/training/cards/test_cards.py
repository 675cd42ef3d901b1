"""Cards: their figures are those of an independent count, and they speak of no other model than the bundle's."""

import json
from dataclasses import fields

import numpy as np
import pytest
import torch
import yaml

from tests.training.conftest import TINY, randomise
from tests.training.tiny_runs import write_folder
from training import calibrate_model, export_model, write_card
from training.cards import Record, Texts
from training.cards.measure import scores, square_counts, square_side
from training.data.arrays import IGNORE, Scene
from training.data.datasets import SceneSource
from training.evaluation import BundleSegmenter
from training.networks.dual_stream import DualStream
from training.networks.settings import Settings
from training.weights.checkpoint import save_trained
from uhrs_qgis_plugin.engine.bundle import read_bundle, read_manifest

NAMES, COLOURS = ["ground", "roof"], ["BEBEBE", "D7301F"]
TEXTS = {entry.name: f"the {entry.name}" for entry in fields(Texts)}
TEXTS |= {"limits": ["first", "second"], "tables": {"looks": "above looks"}, "pictures": {"a.jpg": "A picture."}}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def measured(data, tmp_path_factory):
    """A calibrated bundle in both precisions, measured once on its validation scenes."""
    folder = tmp_path_factory.mktemp("card")
    torch.manual_seed(0)
    network = randomise(DualStream(Settings(classes=2, low_stride=16, uncertainty_stride=8, **TINY)))
    save_trained(folder / "n.ckpt", network, NAMES, COLOURS)
    path = folder / "m.uhrs"
    with pytest.MonkeyPatch.context() as lenient:
        lenient.setattr("training.export.int8_bundle.LEAST_AGREEMENT", 0.0)
        arguments = [str(folder / "n.ckpt"), str(path), "--no-imagery", "--data", "folder", "--root", str(data)]
        export_model.main([*arguments, "--calibrate"])
    (folder / "m.card.yaml").write_text(yaml.safe_dump(TEXTS))
    write_card.main([str(path), "--measure", "val", "--data", "folder", "--root", str(data)])
    return path


@pytest.fixture
def model(measured, tmp_path):
    for name in ("m.uhrs", "m.card.yaml", "m.card.json", "m.md"):
        (tmp_path / name).write_bytes((measured.parent / name).read_bytes())
    return tmp_path / "m.uhrs"


def test_scores_equal_an_independent_count(measured, data):
    record = json.loads(measured.with_suffix(".card.json").read_text())
    found = record["splits"]["folder, val"]
    scenes = SceneSource("folder", data).scenes("val")
    assert found["scenes"] == [scene.name for scene in scenes]
    for precision in ("float", "int8"):
        for setting, ratio in (("K = 0 %", 0.0), ("K = 50 %", 0.5), ("K = 100 %", 1.0)):
            predicted, truth = [], []
            for scene in scenes:
                labels = np.asarray(BundleSegmenter(measured, precision, "cpu").segment(scene, ratio).labels)
                known = np.asarray(scene.labels) != IGNORE
                predicted.append(labels[known])
                truth.append(np.asarray(scene.labels)[known])
            p, t = np.concatenate(predicted), np.concatenate(truth)
            row = found["precisions"][precision][setting]
            assert row["accuracy"][0] == pytest.approx(100 * (p == t).mean(), abs=0.006)
            for value, name in enumerate(NAMES):
                iou = 100 * ((p == value) & (t == value)).sum() / ((p == value) | (t == value)).sum()
                assert row["iou"][name][0] == pytest.approx(iou, abs=0.006)
            assert row["miou"][0] == pytest.approx(np.mean([row["iou"][name][0] for name in NAMES]), abs=0.01)


def test_the_card_has_what_was_measured(measured):
    text = measured.with_suffix(".md").read_text()
    assert text == write_card.page(measured)
    found = json.loads(measured.with_suffix(".card.json").read_text())["splits"]["folder, val"]
    bundle = read_bundle(measured)
    assert f"{bundle.total_parameters:,} parameters" in text
    for rows in found["precisions"].values():
        for row in rows.values():
            value, low, high = row["miou"]
            assert f"{value:.2f} ({low:.1f} to {high:.1f})" in text
    for row in found["calibration"].values():
        assert f"| {row['before']:.2f} | {row['after']:.2f} |" in text
    assert f"divided by {bundle.calibration['temperatures']['low']:.2f}" in text
    for name in ("version", "data", "intended_use", "validation", "test", "recipe", "recipe_note", "hardware"):
        assert f"the {name}" in text
    assert "- first\n- second" in text
    assert "*A picture.*" in text


def test_texts_reach_the_bundle_and_its_graphs_stay(measured, data):
    bundle = read_bundle(measured)
    assert (bundle.version, bundle.licence, bundle.training_data) == ("the version", "the licence", "the training_data")
    record = Record.read(measured.with_suffix(".card.json"), bundle, anew=False)  # else: other graphs
    before = measured.read_bytes()
    write_card.amend(measured, write_card.read_texts(measured.with_suffix(".card.yaml")), record)
    assert measured.read_bytes() == before


def test_scores_of_the_test_split_reach_the_bundle(model):
    kept = model.with_suffix(".card.json")
    content = json.loads(kept.read_text())
    content["splits"]["folder, test"] = content["splits"]["folder, val"]
    kept.write_text(json.dumps(content))
    write_card.main([str(model)])
    metrics = read_manifest(model)["uhrs:metrics"]
    row = content["splits"]["folder, test"]["precisions"]["float"]["K = 50 %"]
    assert metrics["K = 50 %"]["miou"] == metrics["K = 50 %"]["score"] == row["miou"][0]
    assert metrics["K = 50 %"]["iou"]["roof"] == row["iou"]["roof"][0]
    assert "### folder, test" in model.with_suffix(".md").read_text()


def test_measurements_of_other_graphs_are_refused(model, data, refused):
    calibrate_model.main([str(model), "--data", "folder", "--root", str(data)])
    content = json.loads(model.with_suffix(".card.json").read_text())
    write_card.main([str(model)])  # the same temperatures once more: the same graphs
    content["graphs"] = "0000-0000-0000-0000"
    model.with_suffix(".card.json").write_text(json.dumps(content))
    before = model.with_suffix(".md").read_bytes()
    with refused("other graphs"):
        write_card.main([str(model)])
    assert model.with_suffix(".md").read_bytes() == before


def test_tables_of_benchmarks(model, tmp_path, refused):
    own = read_bundle(model).graphs_sha256
    rows = {
        "places": [{"K": 0.5, "iou": 61.0, "interval": [54.3, 66.5], "squares": 56}],
        "looks": [{"look": "haze", "K = 0.5": 65.9}],
        "pixel-sizes": [{"pixel": 0.5, "overviews": "none", "resolution": "auto", "miou": 68.36}],
    }
    for name, table in rows.items():
        (tmp_path / f"{name}.json").write_text(json.dumps([{**row, "graphs": own, "model": "x"} for row in table]))
    write_card.main([str(model), *(w for name in rows for w in (f"--{name}", f"a title={tmp_path / name}.json"))])
    text = model.with_suffix(".md").read_text()
    assert "## Rasters as they come: a title" in text
    assert "| 50 % | 61.0 (54.3 to 66.5) | 56 |" in text
    assert "above looks\n\n| look | mIoU, K = 0.5 |" in text
    assert "| 0.5 | none | at the model's pixel size | 68.36 |" in text
    write_card.main([str(model)])  # kept
    assert model.with_suffix(".md").read_text() == text
    (tmp_path / "looks.json").write_text(json.dumps([{"look": "haze", "K = 0.5": 1.0, "graphs": "f" * 64}]))
    with refused("of the graphs ffff-ffff-ffff-ffff"):
        write_card.main([str(model), "--looks", f"a title={tmp_path / 'looks.json'}"])


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda texts: texts.pop("hardware"), "incomplete.*hardware"),
        (lambda texts: texts.update(more="x"), "and no others"),
        (lambda texts: texts.update(summary=" "), "'summary' must be"),
        (lambda texts: texts.update(limits="none"), "'limits' must be a list"),
    ],
)
def test_texts_that_do_not_do(model, refused, change, match):
    texts = json.loads(json.dumps(TEXTS))
    change(texts)
    model.with_suffix(".card.yaml").write_text(yaml.safe_dump(texts))
    with refused(match):
        write_card.main([str(model)])


def test_what_is_missing_is_told(model, tmp_path, refused):
    with refused("classes"):
        write_card.main([str(model), "--measure", "val", "--data", "generated"])
    model.with_suffix(".card.json").unlink()
    with refused("measure the model first"):
        write_card.main([str(model)])


@pytest.mark.parametrize(
    ("height", "width", "side"), [(240, 480, 128), (2048, 2048, 512), (512, 2048, 256), (9, 9, 128)]
)
def test_small_scenes_have_smaller_squares(height, width, side):
    scene = Scene("s", np.zeros((3, height, width), np.uint8), np.zeros((height, width), np.uint8))
    assert square_side([scene]) == side


def test_squares_hold_every_known_pixel_once():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, (70, 100)).astype(np.uint8)
    truth[:32, :32] = IGNORE  # a square that says nothing
    found = rng.integers(0, 3, (70, 100)).astype(np.uint8)
    found[60:] = IGNORE
    counts = square_counts(found, truth, 3, 32)
    assert len(counts) == 2 * 4 - 1  # the third row of squares begins below row 60
    judged = (truth != IGNORE) & (found != IGNORE)
    for row in range(3):
        for col in range(3):
            assert sum(c[row, col] for c in counts) == ((truth == row) & (found == col) & judged).sum()


def test_intervals_cover_what_they_claim():
    """Accuracy of squares that are each right or wrong as a whole: the interval of a binomial share."""
    rng = np.random.default_rng(1)
    covered = []
    for _ in range(100):
        right = rng.random(60) < 0.7
        counts = np.zeros((60, 2, 2), np.int64)
        counts[right, 0, 0], counts[~right, 0, 1] = 100, 100
        value, low, high = scores(counts, NAMES)["accuracy"]
        assert value == pytest.approx(100 * right.mean(), abs=0.01)
        covered.append(low <= 70 <= high)
    assert np.mean(covered) > 0.87


def test_a_class_that_never_occurs_has_no_score():
    counts = np.zeros((4, 3, 3), np.int64)
    counts[:, 0, 0] = 5
    found = scores(counts, ["a", "b", "c"])
    assert found["iou"] == {"a": [100.0, 100.0, 100.0], "b": None, "c": None}
    assert found["miou"] == [100.0, 100.0, 100.0]
