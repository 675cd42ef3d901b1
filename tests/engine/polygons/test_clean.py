"""Cleaned class rasters: specks, majority, and all that a class raster carries."""

from __future__ import annotations

import os
from collections import Counter

import numpy as np
import pytest

from tests.engine.polygons.cases import patches_by_flood
from uhrs_qgis_plugin.engine.cli import main
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.polygons import CleanOptions, check_clean, clean_classes
from uhrs_qgis_plugin.engine.polygons import clean as clean_module
from uhrs_qgis_plugin.engine.raster import open_raster, read_appearance

NAMES = ("water", "land", "road", "roof", "tree")
COLOURS = {value: (value * 40, 10, 200 - value) for value in range(5)}


def read(path):
    with open_raster(path) as reader:
        return reader.read([1], Window(0, 0, reader.info.height, reader.info.width))[0], reader.info


@pytest.fixture
def clean(write_classes, tmp_path):
    def run(labels, options, rows=None, monkeypatch=None, **how):
        path = write_classes(labels, **how)
        out = str(tmp_path / "clean.tif")
        if rows:
            monkeypatch.setattr(clean_module, "strip_rows", lambda info: rows)
        return out, clean_classes(check_clean(path), out, options)

    return run


def majority_by_hand(labels, side, nodata):
    radius = side // 2
    result = labels.copy()
    for row, col in np.argwhere(labels != nodata):
        part = labels[max(0, row - radius) : row + radius + 1, max(0, col - radius) : col + radius + 1]
        counts = Counter(part[part != nodata].tolist())
        best = max(counts.values())
        winners = sorted(value for value, count in counts.items() if count == best)
        result[row, col] = labels[row, col] if labels[row, col] in winners else winners[0]
    return result


@pytest.mark.parametrize("rows", [1, 3, 50])
@pytest.mark.parametrize("side", [3, 7])
def test_majority(clean, monkeypatch, rows, side):
    labels = np.random.default_rng(1).choice([0, 1, 2, 255], (21, 18))
    path, report = clean(labels, CleanOptions(0, side), rows, monkeypatch)
    wanted = majority_by_hand(labels, side, 255)
    assert np.array_equal(read(path)[0], wanted)
    assert (report.changed, report.pixels) == ((wanted != labels).sum(), (labels != 255).sum())


@pytest.mark.parametrize("rows", [1, 4, 50])
def test_specks(clean, monkeypatch, rows):
    labels = np.random.default_rng(2).choice([0, 1, 2, 255], (30, 25), p=[0.6, 0.25, 0.1, 0.05])
    path, report = clean(labels, CleanOptions(5), rows, monkeypatch, transform=None)
    found = read(path)[0]
    assert np.array_equal(found == 255, labels == 255)
    patches = patches_by_flood(found, 255)
    islands = patches_by_flood((labels != 255).astype(int), 0)
    for number in range(1, patches.max() + 1):
        inside = patches == number
        assert inside.sum() >= 5 or (islands == islands[inside][0]).sum() == inside.sum()
    assert (report.before, report.after) == (patches_by_flood(labels, 255).max(), patches.max())
    assert report.changed == (found != labels).sum() > 0


def test_palette_names_nodata_and_grid_are_kept(clean):
    labels = np.kron(np.arange(4).reshape(2, 2), np.ones((300, 400), int))
    labels[5, 5] = 4
    labels[:, :3] = 255
    path, _ = clean(labels, CleanOptions(), names=NAMES, colours=COLOURS)
    found, info = read(path)
    assert (info.nodata, info.transform[:2], found[5, 5]) == ((255.0,), (500000.0, 0.5), 0)
    appearance = read_appearance(path)
    assert (appearance.names, dict(appearance.colours)) == (NAMES, COLOURS)
    assert appearance.metadata["UHRS_CLEANED_FROM"].startswith("classes")
    assert info.overviews == (2,), "cloud-optimised"


def test_class_255_without_nodata(clean):
    labels = np.full((20, 20), 255)
    labels[3, 3] = 0
    path, report = clean(labels, CleanOptions(2), nodata=None, transform=None)
    assert (read(path)[0] == 255).all()
    assert report.changed == 1


def test_options_and_outputs_that_cannot_be(write_classes, tmp_path):
    for options in ({"min_area": -1}, {"majority": 4}, {"majority": 1}, {"min_area": 0}):
        with pytest.raises(OptionsError, match=r"not allowed|Nothing is to be cleaned"):
            CleanOptions(**options)
    path = write_classes(np.zeros((4, 4)))
    with pytest.raises(OptionsError, match="is also the class raster that is cleaned"):
        clean_classes(check_clean(path), path, CleanOptions())
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(CancelledError):
        clean_classes(check_clean(path), str(folder / "c.tif"), CleanOptions(), Watch(is_cancelled=lambda: True))
    assert os.listdir(folder) == []


def test_command_line(write_classes, tmp_path, capsys):
    labels = np.zeros((30, 30), int)
    labels[4, 4] = 1
    path, out = write_classes(labels, NAMES), str(tmp_path / "c.tif")
    assert main(["clean", path, out, "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert (read(out)[0] == 0).all()
    assert main(["clean", path, out, "--majority", "3", "--min-area", "0"]) == 0
    assert "1 of 900 pixels changed; 1 of 1 patches are left" in capsys.readouterr().out
    assert main(["clean", path, out, "--majority", "2"]) == 2
