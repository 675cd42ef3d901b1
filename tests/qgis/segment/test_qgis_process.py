"""The packaged plugin from outside: `qgis_process` with a private profile."""

from __future__ import annotations

import json
import os

import pytest
from osgeo import gdal

from tests.qgis.conftest import TRANSFORM


@pytest.fixture
def without_onnxruntime(tmp_path):
    """Environment in which no Python finds onnxruntime."""
    folder = tmp_path / "blocked"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import sys\n"
        "class Blocker:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] == 'onnxruntime':\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Blocker())\n"
    )
    return {"PYTHONPATH": str(folder)}


def test_end_to_end(qgis_process, tiny_model, raster, tmp_path):
    """Numbers come as texts, results as JSON, files with the input's georeference; nothing else is left."""
    folder = tmp_path / "out"
    folder.mkdir()
    done = qgis_process(
        "--json",
        "run",
        "uhrs:segmentraster",
        "--",
        f"INPUT={raster}",
        f"MODEL={tiny_model}",
        "RATIO=0.5",
        "DEVICE=cpu",
        f"CLASSES={folder / 'classes.tif'}",
        f"UNCERTAINTY={folder / 'uncertainty.tif'}",
        f"REPORT={folder / 'report.json'}",
    )
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert results["PIXELS"] == 60000
    assert results["REFINED_RATIO"] == 0.5
    assert results["CLASSES"] == str(folder / "classes.tif")
    classes = gdal.Open(results["CLASSES"])
    assert classes.GetGeoTransform() == TRANSFORM
    assert classes.GetRasterBand(1).GetCategoryNames() == ["class0", "class1", "class2"]
    assert json.loads((folder / "report.json").read_text())["selected_patches"] == 3
    assert set(os.listdir(folder)) == {
        "classes.tif", "classes.tif.aux.xml", "classes.qml", "uncertainty.tif", "uncertainty.qml", "report.json"
    }  # fmt: skip


def test_wrong_value_ends_with_one_line(qgis_process, tiny_model, raster, tmp_path):
    """Exit 1 and the reason, no traceback."""
    done = qgis_process(
        "run",
        "uhrs:segmentraster",
        "--",
        f"INPUT={raster}",
        f"MODEL={tiny_model}",
        "RATIO=0.5",
        "THRESHOLD=0.5",
        f"CLASSES={tmp_path / 'classes.tif'}",
    )
    assert done.returncode == 1
    assert "choose one of them" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not (tmp_path / "classes.tif").exists()


def test_help_tells_every_parameter(qgis_process):
    done = qgis_process("help", "uhrs:segmentraster")
    assert done.returncode == 0
    for word in ("INPUT", "MODEL", "RATIO", "THRESHOLD", "UNCERTAINTY", "directml"):
        assert word in done.stdout


def test_without_onnxruntime(qgis_process, without_onnxruntime, tiny_model, raster, tmp_path):
    """The algorithm is listed, and running it tells how to install what is missing."""
    listed = qgis_process("list", **without_onnxruntime)
    assert "uhrs:segmentraster" in listed.stdout
    done = qgis_process(
        "run",
        "uhrs:segmentraster",
        "--",
        f"INPUT={raster}",
        f"MODEL={tiny_model}",
        f"CLASSES={tmp_path / 'classes.tif'}",
        **without_onnxruntime,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "'onnxruntime' is missing in the Python of QGIS" in said
    assert "-m pip install onnxruntime" in said
    assert "Traceback" not in said
    assert not (tmp_path / "classes.tif").exists()
