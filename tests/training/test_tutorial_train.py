"""The commands of docs/tutorial-train.md, as they stand there, one after the other in an empty folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio

from tests.documents import commands, words
from training.weights.checkpoint import load_trained
from uhrs_qgis_plugin.engine.bundle.bundle import read_bundle

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorial-train.md"
FEWER_STEPS = ("--data.steps 10", "--data.steps 2")  # what a step teaches is tested elsewhere
NAMES = ["water", "bare ground", "road", "roof", "green"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An empty folder that looks like the repository; the commands leave everything in it."""
    folder = tmp_path_factory.mktemp("repository")
    for name in ("training", "uhrs_qgis_plugin"):
        (folder / name).symlink_to(ROOT / name)
    (folder / ".venv-train").symlink_to(sys.prefix)
    return folder


@pytest.fixture(scope="module")
def outputs(folder):
    """What each command printed, with what the tutorial shows of it; the step in QGIS is tested in tests/qgis."""
    printed = []
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    for text, shown in commands(TUTORIAL):
        if "qgis_process" in text:
            continue
        if "train.py" in text:
            assert FEWER_STEPS[0] in text
            text = text.replace(*FEWER_STEPS)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        printed.append((text, done.stdout, shown))
    return printed


def test_every_step_has_its_command(outputs):
    names = ("classes.yaml", "make_raster.py", "check_data.py", "train.py", "evaluate.py", "export_model.py", "engine")
    assert len(outputs) == len(names)
    for name, (text, _, _) in zip(names, outputs, strict=True):
        assert name in text


def test_what_is_printed_is_what_the_tutorial_shows(outputs):
    shown = [(words(printed), words(example)) for _, printed, example in outputs if example]
    assert len(shown) == 3
    for printed, example in shown:
        missing = [line for line in example if line not in printed]
        assert missing == [], printed


def test_check_shows_exactly_what_the_tutorial_shows(outputs):
    """The practice rasters are the same on every machine."""
    _, printed, example = next(entry for entry in outputs if "check_data.py" in entry[0])
    assert example.strip() in printed


def test_training_began_with_the_bundled_model_and_knows_its_own_classes(outputs, folder):
    trained = load_trained(folder / "runs" / "folder" / "version_0" / "last.ckpt")
    assert trained.class_names == NAMES
    assert trained.step == 4
    bundled = read_bundle(ROOT / "uhrs_qgis_plugin" / "models" / "default.uhrs")
    assert list(trained.network.settings.low_widths) == list(bundled.network["low_widths"])
    names = {path.name for path in (folder / "runs" / "folder" / "version_0").iterdir()}
    assert {"last.ckpt", "best.ckpt", "csv", "tensorboard", "evaluation"} <= names


def test_bundle_and_map_have_the_classes(outputs, folder):
    bundle = read_bundle(folder / "mine.uhrs")
    assert [entry.name for entry in bundle.classes] == NAMES
    metrics = json.loads((folder / "runs" / "folder" / "version_0" / "evaluation" / "metrics.json").read_text())
    assert {"K = 0 %", "K = 50 %", "K = 100 %", "low stream"} <= metrics.keys()
    image, classes = folder / "mine" / "val" / "images" / "south.tif", folder / "classes.tif"
    with rasterio.open(image) as given, rasterio.open(classes) as made:
        assert (made.crs, made.transform, made.shape) == (given.crs, given.transform, given.shape)
        assert set(np.unique(made.read(1))) <= {*range(len(NAMES)), made.nodata}
        assert made.colormap(1)[3][:3] == (0xC4, 0x4E, 0x3C)
    assert (folder / "uncertainty.tif").exists()
