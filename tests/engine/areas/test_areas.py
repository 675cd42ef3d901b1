"""Areas of classes."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.areas.cases import METRES, WGS84, Boxes, Memory, coarse_of, count, fine, info_of
from uhrs_qgis_plugin.engine.areas import counting as areas
from uhrs_qgis_plugin.engine.areas.counting import AreaSources, class_areas, file_block_windows, uncertainty_cell
from uhrs_qgis_plugin.engine.areas.pixel_areas import geographic, planar
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError, RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.results import check_classes


@pytest.mark.parametrize("block_shape", [(512, 512), (16, 16), (1, 307), (7, 13), (203, 307)])
def test_counts_are_those_of_numpy(labels, levels, small_blocks, block_shape):
    """Pixels, known and unsure, in any cut of the file."""
    raster = Memory(labels[None], block_shape=block_shape)
    [whole] = count(AreaSources(raster, Memory(levels), 2, 0.5, 8), planar(METRES))
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
    sources = AreaSources(Memory(labels[None], block_shape=(16, 16)), Memory(levels), 1, 0.3, 8)
    whole, *parts, extra = count(sources, geographic((10, 0.1, 0, 60, 0, -0.1), WGS84), zones)
    for name in ("pixels", "area", "known", "unsure"):
        assert sum(getattr(part, name) for part in parts) == pytest.approx(getattr(whole, name))
    assert extra.pixels[:5].tolist() == np.bincount(labels[10:110, 10:110].ravel(), minlength=256)[:5].tolist()


def test_memory_does_not_grow_with_the_raster():
    raster = Memory(np.zeros((3000, 5000), np.uint8)[None])
    count(AreaSources(raster))
    assert raster.largest <= areas.BLOCK_PIXELS


@pytest.mark.parametrize("shape", [(1, 1), (3, 100000), (100000, 3), (1500, 1700)])
@pytest.mark.parametrize("block", [(512, 512), (1, 100000), (256, 256), (100000, 1), (3, 100000)])
def test_blocks_tile(shape, block):
    windows = list(file_block_windows(info_of(*shape, block_shape=block)))
    assert sum(window.height * window.width for window in windows) == shape[0] * shape[1]
    assert all(window.row_end <= shape[0] and window.col_end <= shape[1] for window in windows)
    limit = max(areas.BLOCK_PIXELS, block[0] * block[1])
    assert max(window.height * window.width for window in windows) <= limit


def test_mask_counts_for_no_data(labels):
    """A mask of the file's own hides pixels, with and without uncertainty."""
    valid = np.random.default_rng(3).random(labels.shape) < 0.5
    raster = Memory(labels[None], valid, has_own_mask=True)
    expected = np.bincount(labels[valid & (labels != 255)], minlength=256)
    assert (count(AreaSources(raster))[0].pixels == expected).all()
    level = Memory(np.zeros((1, 26, 39), np.uint8))
    [whole] = count(AreaSources(raster, level, 1, 0.5, 8))
    assert (whole.pixels == expected).all()
    assert (whole.known == expected).all()


def test_no_nodata_means_that_255_is_a_class():
    raster = Memory(np.full((1, 4, 4), 255, np.uint8), nodata=(None,))
    assert count(AreaSources(raster))[0].pixels[255] == 16


@pytest.mark.parametrize(("threshold", "least"), [(0, 0), (1, 254), (0.5, 127), (100 / 254, 100), (0.1, 26)])
def test_threshold_is_met_by_the_level_that_stands_for_it(threshold, least):
    """Level / 254 >= threshold, without rounding surprises; 255 is known nowhere."""
    levels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    [whole] = count(AreaSources(Memory(np.zeros((1, 16, 16), np.uint8)), Memory(levels), 1, threshold))
    assert whole.known[0] == 255
    assert whole.unsure[0] == 255 - least
    with pytest.raises(OptionsError, match=r"choose a number in 0\.\.1"):
        AreaSources(Memory(levels), threshold=1.5)


def test_rows_of_the_table(labels, levels):
    """Shares sum to 1; unknown is None, and not 0."""
    names = [(value, f"n{value}") for value in range(6)]
    [whole] = count(AreaSources(Memory(labels[None]), Memory(levels), 2, 0.5, 8), planar(METRES))
    rows = class_areas(whole, names, True, True)
    assert [row.name for row in rows] == [name for _, name in names]
    assert sum(row.share for row in rows) == pytest.approx(1)
    assert rows[5].pixels == 0
    assert rows[5].unsure_share is None
    assert all(0 <= row.unsure_share <= 1 for row in rows[:5])
    plain = class_areas(count(AreaSources(Memory(labels[None])))[0], names, False, False)
    assert {row.area_m2 for row in plain} == {None}
    assert {row.unsure_share for row in plain} == {None}
    assert sum(row.share for row in plain) == pytest.approx(1)
    assert {row.share for row in class_areas(areas.ZoneCount(), names, True, True)} == {0.0}


def test_cancel(labels, small_blocks):
    """Between blocks and between zones."""
    answers = iter([False, False, True])
    with pytest.raises(CancelledError):
        count(AreaSources(Memory(labels[None], block_shape=(16, 16))), cancelled=lambda: next(answers))
    answers = iter([False, False, True])
    zones = Boxes(*[Window(0, 0, 5, 5)] * 9)
    with pytest.raises(CancelledError):
        count(AreaSources(Memory(labels[None])), None, zones, lambda: next(answers))


def test_wrong_classes():
    check_classes(info_of(5, 5))
    with pytest.raises(RasterError, match=r"3 band\(s\) of uint8 but a class raster has one of uint8: choose"):
        check_classes(info_of(5, 5, count=3, dtypes=("uint8",) * 3))
    with pytest.raises(RasterError, match="float32"):
        check_classes(info_of(5, 5, dtypes=("float32",)))


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
        with pytest.raises(RasterError, match="does not cover what"):
            uncertainty_cell(classes, wrong, 2)
    with pytest.raises(RasterError, match=r"Band 3 of 'u.tif' cannot be used"):
        uncertainty_cell(classes, fits, 3)


def test_rasters_without_georeference():
    """`segment` gives the coarser raster the coordinates in which QGIS draws such a raster."""
    classes = info_of(20, 30, (0.0, 1.0, 0.0, 0.0, 0.0, 1.0), has_transform=False)
    assert uncertainty_cell(classes, coarse_of((0.0, 1.0, 0.0, 0.0, 0.0, -1.0), 8, 3, 4), 1) == 8
    assert areas.VALUES == 256
