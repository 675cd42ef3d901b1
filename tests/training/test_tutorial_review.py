"""The commands of docs/tutorial-review.md outside QGIS, in a folder that looks like the repository."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio

from benchmarks.review.reviewing import judge, rgb
from tests.documents import commands
from training.data.synthetic import CLASSES, COLOURS
from uhrs_qgis_plugin.engine import Options, Outputs, segment
from uhrs_qgis_plugin.engine.bundle import read_bundle
from uhrs_qgis_plugin.engine.samples import SampleClass, SampleSources, cut_samples

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorial-review.md"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Runs a command of the tutorial whose text holds some words; the commands leave everything in one folder."""
    folder = tmp_path_factory.mktemp("repository")
    for name in ("training", "uhrs_qgis_plugin"):
        (folder / name).symlink_to(ROOT / name)
    (folder / ".venv-train").symlink_to(sys.prefix)
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}

    def run(words, *changes):
        (text,) = [text for text, _ in commands(TUTORIAL) if words in text]
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        shell = ["bash", "-euo", "pipefail", "-c", text]
        done = subprocess.run(shell, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{text}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done.stdout

    run.folder = folder
    return run


def test_from_a_practice_raster_to_a_taught_model(run):
    """The raster is generated, samples are cut as QGIS would, and the model that comes out segments the raster."""
    run("make_raster.py", ("--size 2048", "--size 1408"))
    folder = run.folder / "build" / "tutorial"
    classes = tuple(SampleClass(v, n, rgb(c)) for v, (n, c) in enumerate(zip(CLASSES, COLOURS, strict=True)))
    judged = judge([np.array([[row + i, col, col + 8] for i in range(8)]) for row, col in ((4, 4), (80, 90), (150, 8))])
    sources = SampleSources(str(folder / "site.tif"), str(folder / "site_truth.tif"), classes)
    cut_samples(sources, judged, str(folder / "samples"))
    told = run(
        "train.py", ("--data.root build/tutorial/samples\n", "--data.root build/tutorial/samples --data.steps 4\n")
    )
    assert "\n| train | " in told
    assert "largest difference to torch" in told
    with rasterio.open(folder / "site.tif") as file:
        size = file.res[0]
    assert read_bundle(folder / "mine.uhrs").resolution_m == pytest.approx(size, rel=0.01)
    outputs = Outputs(str(folder / "again.tif"), str(folder / "again_uncertainty.tif"))
    segment(str(folder / "site.tif"), str(folder / "mine.uhrs"), outputs, Options(ratio=0.0))
    with rasterio.open(folder / "again.tif") as file:
        assert file.shape == (1408, 1408)
