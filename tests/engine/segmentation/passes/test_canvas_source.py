"""The canvas of a window: shifted, filled where there is no data, padded at its ends."""

import numpy as np
import pytest

from tests.engine.fakes import fake_bundle
from tests.engine.memory_raster import MemoryRaster, gradient, source_of
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.raster import open_raster
from uhrs_qgis_plugin.engine.segmentation import Options, segment
from uhrs_qgis_plugin.engine.segmentation.passes import canvas_source
from uhrs_qgis_plugin.engine.segmentation.passes.canvas_source import SharedRaster

FILL = (9, 8, 7)


@pytest.fixture
def data():
    return gradient(70, 90)


def test_full_scale_is_shifted_filled_and_padded(data):
    valid = np.ones((70, 90), bool)
    valid[20:30, 30:40] = False
    source = source_of(MemoryRaster(data, valid), window=Window(10, 20, 50, 40), fill=FILL)
    window = Window(0, 0, 64, 64)
    inside = source.read_valid(window)
    np.testing.assert_array_equal(inside, valid[10:60, 20:60])
    expected = np.where(inside, data[:, 10:60, 20:60], np.array(FILL)[:, None, None])
    expected = np.pad(expected, ((0, 0), (0, 14), (0, 24)), mode="edge")
    np.testing.assert_array_equal(source.read_full(window, inside), expected)
    assert source.fine_pixels == 50 * 40


def test_a_scene_is_the_mean_of_four_by_four_pixels(data):
    source = source_of(MemoryRaster(data))
    image, valid = source.read_scene(Window(32, 32, 32, 32))
    means = data[:, 32:64, 32:64].reshape(3, 8, 4, 8, 4).astype(float).mean(axis=(2, 4))
    np.testing.assert_array_equal(image, np.floor(means + 0.5))
    assert valid.all()
    assert source.coarse_pixels == 64


def test_a_scene_at_the_end_repeats_its_last_whole_cell(data):
    source = source_of(MemoryRaster(data))  # 70 rows: 17 whole cells, and one of 2 rows
    image, valid = source.read_scene(Window(64, 0, 32, 64))
    assert image.shape == (3, 8, 16)
    np.testing.assert_array_equal(image[:, 1:], image[:, :1].repeat(7, axis=1))
    np.testing.assert_array_equal(valid[:, 0], [True, True, *[False] * 6])


def test_nearest_takes_the_first_of_four_pixels(data):
    image, _ = source_of(MemoryRaster(data), downsampling="nearest").read_scene(Window(0, 0, 32, 64))
    np.testing.assert_array_equal(image, data[:, :32:4, :64:4])


def test_where_there_is_no_data_nothing_is_read(data):
    raster = MemoryRaster(data, np.zeros((70, 90), bool))
    image, valid = source_of(raster).read_scene(Window(0, 0, 32, 32))
    assert image is None
    assert valid.shape == (8, 8)
    assert not valid.any()
    assert raster.reads == []


def test_a_raster_is_opened_once_for_all_passes(make_raster, streams, out, monkeypatch):
    """The first look finds out what there is to know; then one reader serves sample windows and both passes."""
    opened = []

    def counted(*arguments, **more):
        opened.append(arguments)
        return open_raster(*arguments, **more)

    monkeypatch.setattr(canvas_source, "open_raster", counted)
    segment(
        make_raster(width=200, height=150), fake_bundle(patch_side=32), Outputs(str(out / "c.tif")), Options(ratio=1)
    )
    assert len(opened) == 1


def test_a_raster_that_a_hanging_thread_reads_stays_open(make_raster):
    closed = []

    class Slow:
        def close(self):
            closed.append(True)

    shared = SharedRaster(job=None)
    shared._reader = Slow()
    with shared._in_use:
        shared.close()
        assert not closed
    shared.close()
    assert closed == [True]
