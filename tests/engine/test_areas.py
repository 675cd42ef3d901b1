"""Areas per class: against numpy by hand, against the ellipsoid's own formula, and in any cut of the raster."""

from __future__ import annotations

import math

import numpy as np
import pytest

from uhrs_qgis_plugin.engine import area_sources, areas
from uhrs_qgis_plugin.engine.area_sources import Sources, check_classes, uncertainty_cell
from uhrs_qgis_plugin.engine.areas import blocks, class_areas, count_areas
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError, RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.pixel_areas import Ellipsoid, geographic, planar, projected
from uhrs_qgis_plugin.engine.raster_contract import RasterInfo

WGS84 = Ellipsoid(6378137.0, 1 / 298.257223563)
METRES = (500000.0, 0.5, 0.0, 5000000.0, 0.0, -0.5)


def info_of(height, width, transform=METRES, **changes):
    values = {
        "path": "classes.tif",
        "width": width,
        "height": height,
        "count": 1,
        "dtypes": ("uint8",),
        "crs_wkt": "",
        "transform": transform,
        "has_transform": True,
        "alpha_bands": (),
        "has_mask": True,
        "block_shape": (512, 512),
        "nodata": (255.0,),
    }
    values.update(changes)
    return RasterInfo(**values)


class Memory:
    """A raster in memory; counts what is read at once."""

    def __init__(self, bands, valid=None, **changes):
        self.bands, self.valid = bands, valid
        count = len(bands)
        changes = {"count": count, "dtypes": ("uint8",) * count, "nodata": (255.0,) * count, **changes}
        self.info = info_of(*bands.shape[1:], **changes)
        self.largest = 0

    def read(self, numbers, window):
        self.largest = max(self.largest, window.height * window.width)
        return np.stack([self.bands[number - 1][window.slices()] for number in numbers])

    def read_valid(self, numbers, window):
        return self.valid[window.slices()]

    def may_hold_data(self, window):
        return True


class Boxes:
    """Zones that are rectangles of pixels; they may overlap."""

    def __init__(self, *windows):
        self.windows = windows

    def __len__(self):
        return len(self.windows)

    def masks(self, window):
        for index, zone in enumerate(self.windows):
            row, col = max(zone.row, window.row), max(zone.col, window.col)
            height = min(zone.row_end, window.row_end) - row
            width = min(zone.col_end, window.col_end) - col
            if height > 0 and width > 0:
                yield index, Window(row, col, height, width), np.ones((height, width), np.bool_)


def count(sources, pixel_areas=None, zones=None, cancelled=lambda: False):
    shares = []
    counts = count_areas(sources, pixel_areas, zones, shares.append, cancelled)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    return counts


@pytest.fixture
def labels():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 5, (203, 307)).astype(np.uint8)
    labels[rng.random(labels.shape) < 0.1] = 255
    return labels


@pytest.fixture
def levels():
    return np.random.default_rng(1).integers(0, 256, (2, 26, 39)).astype(np.uint8)


@pytest.fixture
def small_blocks(monkeypatch):
    """Many blocks in a small raster, whose edges do not fall on cells of the uncertainty."""
    monkeypatch.setattr(areas, "BLOCK_PIXELS", 2000)
    monkeypatch.setattr(areas, "BLOCK_ROWS", 30)


def fine(levels, shape):
    return np.kron(levels, np.ones((8, 8), np.uint8))[: shape[0], : shape[1]]


@pytest.mark.parametrize("block_shape", [(512, 512), (16, 16), (1, 307), (7, 13), (203, 307)])
def test_counts_are_those_of_numpy(labels, levels, small_blocks, block_shape):
    """Pixels, known and unsure, in any cut of the file."""
    raster = Memory(labels[None], block_shape=block_shape)
    [whole] = count(Sources(raster, Memory(levels), 2, 0.5, 8), planar(METRES))
    level = fine(levels[1], labels.shape)
    for value in range(5):
        mine = labels == value
        known = mine & (level != 255)
        assert whole.pixels[value] == mine.sum()
        assert whole.area[value] == pytest.approx(0.25 * mine.sum())
        assert whole.known[value] == pytest.approx(0.25 * known.sum())
        assert whole.unsure[value] == pytest.approx(0.25 * (known & (level / 254 >= 0.5)).sum())
    assert whole.pixels[5:].sum() == 0


def test_zones_that_tile_add_up_to_the_whole(labels, levels, small_blocks):
    """And an overlapping zone counts for itself."""
    tiles = [Window(r, c, min(71, 203 - r), min(90, 307 - c)) for r in range(0, 203, 71) for c in range(0, 307, 90)]
    zones = Boxes(*tiles, Window(10, 10, 100, 100))
    sources = Sources(Memory(labels[None], block_shape=(16, 16)), Memory(levels), 1, 0.3, 8)
    whole, *parts, extra = count(sources, geographic((10, 0.1, 0, 60, 0, -0.1), WGS84), zones)
    for name in ("pixels", "area", "known", "unsure"):
        assert sum(getattr(part, name) for part in parts) == pytest.approx(getattr(whole, name))
    assert extra.pixels[:5].tolist() == np.bincount(labels[10:110, 10:110].ravel(), minlength=256)[:5].tolist()


def test_memory_does_not_grow_with_the_raster():
    raster = Memory(np.zeros((3000, 5000), np.uint8)[None])
    count(Sources(raster))
    assert raster.largest <= areas.BLOCK_PIXELS


@pytest.mark.parametrize("shape", [(1, 1), (3, 100000), (100000, 3), (1500, 1700)])
@pytest.mark.parametrize("block", [(512, 512), (1, 100000), (256, 256), (100000, 1), (3, 100000)])
def test_blocks_tile(shape, block):
    windows = list(blocks(info_of(*shape, block_shape=block)))
    assert sum(window.height * window.width for window in windows) == shape[0] * shape[1]
    assert all(window.row_end <= shape[0] and window.col_end <= shape[1] for window in windows)
    limit = max(areas.BLOCK_PIXELS, block[0] * block[1])
    assert max(window.height * window.width for window in windows) <= limit


def test_mask_counts_for_no_data(labels):
    """A mask of the file's own hides pixels, with and without uncertainty."""
    valid = np.random.default_rng(3).random(labels.shape) < 0.5
    raster = Memory(labels[None], valid, has_own_mask=True)
    expected = np.bincount(labels[valid & (labels != 255)], minlength=256)
    assert (count(Sources(raster))[0].pixels == expected).all()
    level = Memory(np.zeros((1, 26, 39), np.uint8))
    [whole] = count(Sources(raster, level, 1, 0.5, 8))
    assert (whole.pixels == expected).all()
    assert (whole.known == expected).all()


def test_no_nodata_means_that_255_is_a_class():
    raster = Memory(np.full((1, 4, 4), 255, np.uint8), nodata=(None,))
    assert count(Sources(raster))[0].pixels[255] == 16


@pytest.mark.parametrize(("threshold", "least"), [(0, 0), (1, 254), (0.5, 127), (100 / 254, 100), (0.1, 26)])
def test_threshold_is_met_by_the_level_that_stands_for_it(threshold, least):
    """Level / 254 >= threshold, without rounding surprises; 255 is known nowhere."""
    levels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    [whole] = count(Sources(Memory(np.zeros((1, 16, 16), np.uint8)), Memory(levels), 1, threshold))
    assert whole.known[0] == 255
    assert whole.unsure[0] == 255 - least
    with pytest.raises(OptionsError, match=r"choose a number in 0\.\.1"):
        Sources(Memory(levels), threshold=1.5)


@pytest.mark.parametrize(("south", "north"), [(0, 10), (50, 60), (-35, -25), (80, 90), (-5, 5)])
def test_degrees_against_the_band_of_latitude(south, north, small_blocks):
    """The analytic area of a band of latitude on WGS 84 (here by integrating M N cos), to 1e-4."""
    raster = Memory(np.ones((100, 360), np.uint8)[None])
    transform = (-180.0, 1.0, 0.0, north, 0.0, (south - north) / 100)
    [whole] = count(Sources(raster), geographic(transform, WGS84))
    latitudes = np.radians(np.linspace(south, north, 200001))
    squared = WGS84.flattening * (2 - WGS84.flattening)
    ring = WGS84.semi_major_m**2 * (1 - squared) * np.cos(latitudes) / (1 - squared * np.sin(latitudes) ** 2) ** 2
    step = latitudes[1] - latitudes[0]
    expected = 2 * np.pi * step * (ring.sum() - (ring[0] + ring[-1]) / 2)
    assert whole.area[1] == pytest.approx(expected, rel=1e-8)


def test_whole_earth_and_sphere():
    """Known areas: WGS 84 has 510 065 621.724 km2, a sphere 4 pi r2; rows beyond the poles have none."""
    whole = geographic((-180, 1, 0, 91, 0, -1), WGS84).cells(np.arange(183.0), np.array([0.0, 360.0]))
    assert whole.sum() == pytest.approx(510065621.724e6, rel=1e-9)
    assert whole[0, 0] == 0
    sphere = geographic((-180, 1, 0, 90, 0, -1), Ellipsoid(1000.0, 0.0)).cells(np.arange(181.0), np.array([0.0, 360.0]))
    assert sphere.sum() == pytest.approx(4 * math.pi * 1e6)


def test_area_is_counted_row_by_row():
    """A class in the north of a degree raster has less ground than one of as many pixels in the south."""
    labels = np.zeros((60, 10), np.uint8)
    labels[30:] = 1
    [whole] = count(Sources(Memory(labels[None])), geographic((0, 1, 0, 60, 0, -1), WGS84))
    s30, s60 = WGS84.area_from_equator(np.radians([30.0, 60.0]))
    assert whole.area[:2] == pytest.approx([(s60 - s30) * math.radians(10), s30 * math.radians(10)], rel=1e-12)


def mercator(x, y):
    """Spherical Mercator backwards, radius 1000."""
    return x / 1000, 2 * np.arctan(np.exp(y / 1000)) - np.pi / 2


def test_projection_and_its_distortion():
    """Mercator of a sphere at 60 degrees shows four times the ground."""
    y = 1000 * math.log(math.tan(math.pi / 4 + math.radians(60) / 2))
    pixels = projected((0, 0.1, 0, y, 0, -0.1), Ellipsoid(1000.0, 0.0), mercator)
    assert pixels.of_window(Window(0, 0, 1, 1))[0, 0] == pytest.approx(0.01 / 4, rel=1e-3)
    tall = pixels.of_window(Window(0, 0, 400, 200))
    assert tall.shape == (400, 1)
    assert tall[:, 0] == pytest.approx(pixels.cells(np.arange(401.0), np.arange(2.0))[:, 0])


def test_cells_across_the_jump_of_longitudes():
    """180 degrees inside a raster: the same areas as elsewhere."""

    def shifted(x, y):
        longitude, latitude = mercator(x, y)
        return (longitude + 2 * np.pi) % (2 * np.pi) - np.pi, latitude

    sphere = Ellipsoid(1000.0, 0.0)
    there = projected((-50, 1, 0, 50, 0, -1), sphere, shifted).cells(np.arange(101.0), np.arange(101.0))
    here = projected((-50, 1, 0, 50, 0, -1), sphere, mercator).cells(np.arange(101.0), np.arange(101.0))
    assert there == pytest.approx(here)


def test_uneven_in_both_directions():
    """A rotated raster of coarse pixels: (h, w) areas whose sum is that of the small cells."""
    pixels = geographic((0, 0.02, 0.01, 50, 0.01, -0.02), WGS84)
    window = Window(5, 7, 101, 203)
    found = pixels.of_window(window)
    exact = pixels.cells(np.arange(5.0, 107.0), np.arange(7.0, 211.0))
    assert found.shape == (101, 203)
    assert found.sum() == pytest.approx(exact.sum(), rel=1e-6)  # edges are not quite straight
    assert np.abs(found / exact - 1).max() < 5e-3
    labels = np.zeros((300, 400), np.uint8)
    labels[:, 200:] = 1
    [whole] = count(Sources(Memory(labels[None])), pixels)
    exact = pixels.cells(np.arange(301.0), np.arange(401.0))
    assert whole.area[:2] == pytest.approx([exact[:, :200].sum(), exact[:, 200:].sum()], rel=1e-6)


def test_where_there_is_no_ground():
    """Corners of a map outside of its projection have no area, and do no harm."""

    def half(x, y):
        return np.where(x < 5, x / 1000, np.inf), y / 1000

    cells = projected((0, 1, 0, 0, 0, -1), Ellipsoid(1000.0, 0.0), half).cells(np.arange(3.0), np.arange(11.0))
    assert (cells[:, :4] > 0).all()
    assert (cells[:, 5:] == 0).all()


def test_rows_of_the_table(labels, levels):
    """Shares sum to 1; unknown is None, and not 0."""
    names = [(value, f"n{value}") for value in range(6)]
    [whole] = count(Sources(Memory(labels[None]), Memory(levels), 2, 0.5, 8), planar(METRES))
    rows = class_areas(whole, names, True, True)
    assert [row.name for row in rows] == [name for _, name in names]
    assert sum(row.share for row in rows) == pytest.approx(1)
    assert rows[5].pixels == 0
    assert rows[5].unsure_share is None
    assert all(0 <= row.unsure_share <= 1 for row in rows[:5])
    plain = class_areas(count(Sources(Memory(labels[None])))[0], names, False, False)
    assert {row.area_m2 for row in plain} == {None}
    assert {row.unsure_share for row in plain} == {None}
    assert sum(row.share for row in plain) == pytest.approx(1)
    assert {row.share for row in class_areas(areas.Count(), names, True, True)} == {0.0}


def test_cancel(labels, small_blocks):
    """Between blocks and between zones."""
    answers = iter([False, False, True])
    with pytest.raises(CancelledError, match="nothing was written"):
        count(Sources(Memory(labels[None], block_shape=(16, 16))), cancelled=lambda: next(answers))
    answers = iter([False, False, True])
    zones = Boxes(*[Window(0, 0, 5, 5)] * 9)
    with pytest.raises(CancelledError, match="nothing was written"):
        count(Sources(Memory(labels[None])), None, zones, lambda: next(answers))


def test_wrong_classes():
    check_classes(info_of(5, 5))
    with pytest.raises(RasterError, match=r"3 band\(s\) of uint8 but a class raster has one of uint8: choose"):
        check_classes(info_of(5, 5, count=3, dtypes=("uint8",) * 3))
    with pytest.raises(RasterError, match="float32"):
        check_classes(info_of(5, 5, dtypes=("float32",)))


def coarse_of(transform, cell, height, width, **changes):
    x, a, b, y, c, d = transform
    placed = (x, a * cell, b * cell, y, c * cell, d * cell)
    return info_of(height, width, placed, path="u.tif", count=2, dtypes=("uint8",) * 2, **changes)


@pytest.mark.parametrize("transform", [METRES, (0, 0.4, 0.3, 0, 0.3, -0.4), (7, 0.5, 0, 7, 0, 0.5)])
@pytest.mark.parametrize("cell", [1, 2, 8])
def test_cell_of_the_uncertainty(transform, cell):
    classes = info_of(203, 307, transform)
    fits = coarse_of(transform, cell, -(-203 // cell), -(-307 // cell))
    assert uncertainty_cell(classes, fits, 2) == cell
    for wrong in (
        coarse_of(transform, cell, -(-203 // cell) + 1, -(-307 // cell)),
        coarse_of(transform, cell * 1.003, -(-203 // cell), -(-307 // cell)),
        coarse_of((transform[0] + 1, *transform[1:]), cell, -(-203 // cell), -(-307 // cell)),
    ):
        with pytest.raises(RasterError, match="does not cover the same extent"):
            uncertainty_cell(classes, wrong, 2)
    with pytest.raises(RasterError, match=r"Band 3 of 'u.tif' cannot be used"):
        uncertainty_cell(classes, fits, 3)


def test_rasters_without_georeference():
    """`segment` gives the coarser raster the coordinates in which QGIS draws such a raster."""
    classes = info_of(20, 30, (0.0, 1.0, 0.0, 0.0, 0.0, 1.0), has_transform=False)
    assert uncertainty_cell(classes, coarse_of((0.0, 1.0, 0.0, 0.0, 0.0, -1.0), 8, 3, 4), 1) == 8
    assert area_sources.VALUES == 256
