"""The bundled models in the newest onnxruntime that Python 3.9 can have, as QGIS on macOS and Windows had for years.

Runs in .venv-old (`make test-old-runtime`); the same command in .venv-qgis, with today's onnxruntime, is the oracle.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import rasterio

from training.data.synthetic import SceneOptions, write_scene

ROOT = Path(__file__).resolve().parents[2]
TODAY = ROOT / ".venv-qgis" / "bin" / "python"
OLD = "1.19.2"
if onnxruntime.__version__ != OLD:
    pytest.skip(f"onnxruntime is {onnxruntime.__version__} here: make test-old-runtime", allow_module_level=True)

SIDE = 1024
MODELS = ("default", "buildings")


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    path = tmp_path_factory.mktemp("scene") / "scene.tif"
    write_scene(str(path), SIDE, SIDE, 7, None, SceneOptions())
    return path


def segment(python, scene, model, precision, folder):
    """Run the command line; returns classes, uncertainty and report."""
    folder.mkdir()
    names = {name: folder / name for name in ("classes.tif", "uncertainty.tif", "report.json")}
    command = [python, "-m", "uhrs_qgis_plugin.engine", "segment", scene, "--precision", precision, "--quiet"]
    command += ["--model", ROOT / "uhrs_qgis_plugin" / "models" / f"{model}.uhrs", "--resolution", "native"]
    command += [word for name, path in names.items() for word in (f"--{name.split('.')[0]}", path)]
    subprocess.run([str(word) for word in command], cwd=ROOT, check=True)
    rasters = [rasterio.open(names[name]).read() for name in ("classes.tif", "uncertainty.tif")]
    return *rasters, json.loads(names["report.json"].read_text())


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("precision", ["float", "auto"])
def test_labels_are_those_of_todays_runtime(scene, tmp_path, model, precision):
    classes, uncertainty, report = segment(sys.executable, scene, model, precision, tmp_path / "old")
    assert report["onnxruntime_version"] == OLD
    expected, certain, today = segment(TODAY, scene, model, report["precision"], tmp_path / "today")
    assert today["onnxruntime_version"] != OLD
    assert len(np.unique(classes)) > 1
    # Sums of another order: ties fall the other way. In 8 bits each rounding does, and a step weighs more.
    agreement, difference = (0.9999, 0.001) if report["precision"] == "float" else (0.99, 0.01)
    assert np.mean(classes == expected) >= agreement
    assert np.mean(np.abs(uncertainty.astype(int) - certain)) <= 254 * difference
