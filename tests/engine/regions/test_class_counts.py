"""Classes in regions, against counting cell by cell."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.raster_cases import ROTATED
from tests.engine.regions.test_regions import cells_of, random_map
from uhrs_qgis_plugin.engine.errors import CancelledError, RasterError
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.raster.opening import open_raster
from uhrs_qgis_plugin.engine.regions import class_counts as regions_classes
from uhrs_qgis_plugin.engine.regions.class_counts import count_classes, two_largest
from uhrs_qgis_plugin.engine.regions.search import RegionOptions, find_regions

OPTIONS = RegionOptions(threshold=0.6, min_cells=1)


@pytest.fixture
def result(make_raster):
    """Write an uncertainty raster of 23 x 31 cells and classes of `side` x `side` pixels a cell, less some edge."""

    def make(side, edge=0, transform=(100.0, 8.0, 0.0, 900.0, 0.0, -8.0)):
        uncertainty = random_map(5)
        rng = np.random.default_rng(1)
        height, width = uncertainty.shape[0] * side - edge, uncertainty.shape[1] * side - edge
        classes = rng.integers(0, 5, (height, width)).astype(np.uint8)
        classes[classes == 4] = 255
        fine = tuple(number if index in (0, 3) else number / side for index, number in enumerate(transform))
        return (
            make_raster(data=uncertainty[None], nodata=255, transform=transform),
            make_raster(data=classes[None], nodata=255, transform=fine),
            classes,
        )

    return make


@pytest.mark.parametrize(("side", "edge"), [(1, 0), (2, 1), (8, 0), (8, 5)])
@pytest.mark.parametrize("block", [16, 2048])
def test_counts_are_those_of_the_cells(result, backend, monkeypatch, side, edge, block):
    """Whatever the blocks; nodata and what lies beyond the raster are not counted."""
    monkeypatch.setattr(regions_classes, "BLOCK_PIXELS", block)
    path, classes_path, classes = result(side, edge)
    found = find_regions(path, OPTIONS, backend=backend)
    with open_raster(path, backend) as reader:
        shares = []
        counts = count_classes(classes_path, reader.info, found.regions, Watch(shares.append), backend=backend)
    for region, counted in zip(found.regions, counts):
        pixels = np.concatenate(
            [classes[r * side : (r + 1) * side, c * side : (c + 1) * side].ravel() for r, c in cells_of(region)]
        )
        assert np.array_equal(counted, np.bincount(pixels[pixels != 255], minlength=256))
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_rotated_rasters_fit(result):
    path, classes_path, _ = result(2, transform=ROTATED)
    found = find_regions(path, OPTIONS)
    with open_raster(path) as reader:
        assert count_classes(classes_path, reader.info, found.regions).sum() > 0


def test_two_largest():
    counts = np.zeros((4, 256), np.int64)
    counts[0, [3, 7, 9]] = 5, 6, 1
    counts[1, 2] = 1
    counts[3, [4, 8]] = 2, 2
    assert two_largest(counts).tolist() == [[7, 3], [2, -1], [-1, -1], [4, 8]]


def test_no_regions(result):
    path, classes_path, _ = result(2)
    with open_raster(path) as reader:
        assert count_classes(classes_path, reader.info, []).shape == (0, 256)


def test_cancel(result):
    path, classes_path, _ = result(2)
    found = find_regions(path, OPTIONS)
    with open_raster(path) as reader, pytest.raises(CancelledError):
        count_classes(classes_path, reader.info, found.regions, Watch(is_cancelled=lambda: True))


def test_classes_of_another_place_or_kind_are_refused(result, make_raster):
    path, _, classes = result(8)
    right = (100.0, 1.0, 0.0, 900.0, 0.0, -1.0)
    with open_raster(path) as reader:
        for data, transform in (
            (classes, (101.0, 1.0, 0.0, 900.0, 0.0, -1.0)),
            (classes, (100.0, 1.1, 0.0, 900.0, 0.0, -1.1)),
            (classes, (100.0, 1.0, 0.0, 900.0, 0.0, 1.0)),
            (classes[:-8], right),
            (classes[:, :-8], right),
        ):
            other = make_raster(data=data[None], nodata=255, transform=transform)
            with pytest.raises(RasterError, match=r"does not cover what .* of one run"):
                count_classes(other, reader.info, [])
        with pytest.raises(RasterError, match=r"3 band\(s\) of uint8 but a class raster has one"):
            count_classes(make_raster(count=3), reader.info, [])
        with pytest.raises(RasterError, match=r"1 band\(s\) of uint16"):
            count_classes(make_raster(count=1, dtype="uint16"), reader.info, [])
