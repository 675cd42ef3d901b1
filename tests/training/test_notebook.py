"""The notebook docs/labels-to-map.ipynb, cell by cell as it stands there, on smaller rasters."""

import json
import os
import sys
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import rasterio

from uhrs_qgis_plugin.engine.bundle import read_bundle

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "docs" / "labels-to-map.ipynb"


def code_cells():
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def test_ten_cells_without_outputs():
    cells = code_cells()
    assert len(cells) == 10
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in cells)
    assert NOTEBOOK.stat().st_size < 20_000


@pytest.fixture
def backend():
    """No windows, and the folder and search path of before."""
    before, folder, places = matplotlib.get_backend(), Path.cwd(), list(sys.path)
    plt.switch_backend("agg")
    yield
    plt.close("all")
    plt.switch_backend(before)
    os.chdir(folder)
    sys.path[:] = places


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_every_cell_runs(tmp_path, monkeypatch, backend, capsys):
    monkeypatch.setattr(sys, "argv", ["train.py"])  # Lightning warns of pytest's own arguments
    names = {"__name__": "__main__"}
    smaller = {"WORK": tmp_path, "SIDE": 256, "CROP": 128, "EPOCHS": 1, "STEPS": 2}
    for number, cell in enumerate(code_cells(), 1):
        exec(compile("".join(cell["source"]), f"{NOTEBOOK.name}, code cell {number}", "exec"), names)
        if number == 1:
            assert set(smaller) <= set(names)
            names.update(smaller)
    assert len(plt.get_fignums()) == 3
    assert list(names["numbers"]) == ["K = 0 %", "K = 50 %", "K = 100 %", "low stream"]
    classes = list(names["CLASSES"])
    assert [c.name for c in read_bundle(tmp_path / "mine.uhrs").classes] == classes
    with rasterio.open(tmp_path / "classes.tif") as file:
        labels = file.read(1)
    assert labels.shape == (512, 512)
    assert len(np.unique(labels)) > 1
    assert labels.max() < len(classes)
    assert [part["name"] for part in names["report"].classes] == classes
    assert "| train | 2 |" in capsys.readouterr().out
