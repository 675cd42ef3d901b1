"""Labels that stand for several classes: read from masks and polygons, learnt from, and left out of metrics."""

import json

import numpy as np
import pytest
import rasterio
import torch
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from tests.training.test_end_to_end import fit
from training import check_data, evaluate
from training.data import SceneData
from training.data.arrays import FIRST_SET, IGNORE
from training.data.datasets import SceneSource, folder
from training.errors import DatasetError
from training.weights.checkpoint import load_trained

CLASSES = [{"name": name, "colour": colour} for name, colour in (("a", "000000"), ("b", "00FF00"), ("c", "0000FF"))]


def write(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    size = {"count": len(pixels), "height": pixels.shape[1], "width": pixels.shape[2]}
    transform = from_origin(330_000, 2_790_000, 1, 1)
    with rasterio.open(path, "w", driver="GTiff", dtype="uint8", crs="EPSG:32640", transform=transform, **size) as file:
        file.write(pixels)


def put(root, split, mask):
    write(root / split / "images" / "x.tif", np.random.default_rng(0).integers(0, 255, (3, *mask.shape), np.uint8))
    write(root / split / "labels" / "x.tif", mask[None].astype(np.uint8))


def tell(root, **entries):
    (root / "classes.yaml").write_text(yaml.safe_dump({"classes": CLASSES, **entries}))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_masks_are_read_as_their_values_say(tmp_path_factory, data):
    """Compared with a look at every pixel; sets are labels in training alone."""
    values = data.draw(st.lists(st.integers(0, 255), min_size=8, max_size=8, unique=True))
    members = data.draw(st.lists(st.sets(st.integers(0, 2), min_size=2, max_size=2), min_size=1, max_size=4))
    root = tmp_path_factory.mktemp("partial")
    classes = [{**entry, "value": value} for entry, value in zip(CLASSES, values, strict=False)]
    partial = [
        {"name": f"set{number}", "value": values[3 + number], "classes": ["abc"[label] for label in sorted(labels)]}
        for number, labels in enumerate(members)
    ]
    tell(root, classes=classes, partial=partial, ignore=[values[7]])
    used = np.array([*values[:3], *values[3 : 3 + len(members)], values[7]], np.uint8)
    mask = np.random.default_rng(data.draw(st.integers(0, 99))).choice(used, (20, 30))
    put(root, "train", mask)
    put(root, "val", mask)
    meaning = {value: label for label, value in enumerate(values[:3])} | {values[7]: IGNORE}
    meaning |= {values[3 + number]: FIRST_SET + number for number in range(len(members))}
    wanted = np.vectorize(meaning.get)(mask)
    (train,), (val,) = (SceneSource("folder", root).scenes(split) for split in ("train", "val"))
    assert np.array_equal(np.asarray(train.labels), wanted)
    assert np.array_equal(np.asarray(val.labels), np.where(wanted >= FIRST_SET, IGNORE, wanted))
    assert SceneData("folder", str(root)).sets == [sorted(labels) for labels in members]


def test_polygons_may_lie_on_a_background_of_several_classes(tmp_path):
    pytest.importorskip("pyogrio")
    tell(tmp_path, partial=[{"name": "rest", "value": 9, "classes": ["a", "b"]}], vector={"background": "rest"})
    put(tmp_path, "train", np.zeros((20, 20)))
    (tmp_path / "train" / "labels" / "x.tif").unlink()
    ring = [
        [330_000, 2_790_000],
        [330_010, 2_790_000],
        [330_010, 2_789_990],
        [330_000, 2_789_990],
        [330_000, 2_790_000],
    ]
    drawn = {"type": "Feature", "properties": {"class": "c"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32640"}}
    text = json.dumps({"type": "FeatureCollection", "crs": crs, "features": [drawn]})
    (tmp_path / "train" / "labels" / "x.geojson").write_text(text)
    (scene,) = folder.load(tmp_path, "train")
    labels = np.asarray(scene.labels)
    assert (labels[:10, :10] == 2).all()
    assert (labels == FIRST_SET).sum() == 300


@pytest.mark.parametrize(
    ("partial", "told"),
    [
        ([{"value": 9, "classes": ["a", "d"]}], "lists 'd', which is no class"),
        ([{"value": 9, "classes": ["a"]}], "two or more different classes, but not all"),
        ([{"value": 9, "classes": ["a", "b", "c"]}], "but not all"),
        ([{"value": 9, "classes": ["a", "a"]}], "two or more different"),
        ([{"classes": ["a", "b"]}], "'value'"),
        ([{"value": 1, "classes": ["a", "b"]}], "give different numbers"),
        ([{"name": "a", "value": 9, "classes": ["a", "b"]}], "stands there twice"),
        ([{"name": f"{i}", "value": 9 + i, "classes": ["a", "b"]} for i in range(5)], "at most 4"),
        ("a", "does not explain 'partial'"),
    ],
)
def test_what_means_nothing_is_refused(tmp_path, partial, told):
    tell(tmp_path, partial=partial)
    with pytest.raises(DatasetError, match=told):
        folder.read_classes(tmp_path)


def test_training_takes_them_and_metrics_do_not(tmp_path, capsys):
    """From the files to the checkpoint: the network learns that the right half is not class c."""
    tell(tmp_path, partial=[{"name": "not c", "value": 9, "classes": ["a", "b"]}])
    mask = np.full((128, 128), 2)
    mask[:, 64:] = 9
    mask[:8] = 0
    for split in ("train", "val"):
        put(tmp_path, split, mask)
    fit(
        tmp_path / "run",
        "--data.dataset=folder",
        f"--data.root={tmp_path}",
        "--data.crop=64",
        "--trainer.max_epochs=1",
        "--data.steps=2",
        "--data.balance=1",
        "--model.ignore_borders=1",
    )
    checkpoint = torch.load(tmp_path / "run" / "last.ckpt", weights_only=True)
    assert checkpoint["hyper_parameters"]["sets"] == [[0, 1]]
    assert load_trained(tmp_path / "run" / "last.ckpt").class_names == ["a", "b", "c"]
    check_data.main(["--data", "folder", "--root", str(tmp_path)])
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("| train"))
    assert row.split(" | ")[-2:] == ["46.9", "0.0 |"]
    measured = ["--data", "folder", "--root", str(tmp_path), "--split", "val"]
    evaluate.main(["--checkpoint", str(tmp_path / "run" / "last.ckpt"), *measured])
