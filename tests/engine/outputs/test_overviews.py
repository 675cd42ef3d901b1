from collections import Counter

import numpy as np
import pytest

from tests.engine.fakes import PixelStreams, fake_bundle
from tests.engine.output_cases import inspect, read_back
from uhrs_qgis_plugin.engine.outputs.overviews import STRIP, count_levels, halve, level_window, shrink
from uhrs_qgis_plugin.engine.outputs.targets import Outputs
from uhrs_qgis_plugin.engine.segmentation import pipeline
from uhrs_qgis_plugin.engine.segmentation.planning.options import Options

NODATA = 255
SHAPES = [(1, 1), (1, 5), (4, 1), (2, 2), (7, 9), (64, 48), (33, 64), (2 * STRIP + 5, 6)]


def _labels(shape):
    return np.random.default_rng(sum(shape)).choice(np.array([0, 1, 2, NODATA], np.uint8), shape)


def _most_frequent(square):
    """The oracle: count votes one by one."""
    votes = Counter(int(label) for label in square.ravel() if label != NODATA)  # keeps the order of the first votes
    return max(votes, key=votes.__getitem__) if votes else NODATA


@pytest.mark.parametrize("shape", SHAPES)
def test_every_pixel_is_the_most_frequent_of_its_square(shape):
    labels = _labels(shape)
    half = halve(labels, NODATA)
    for row, col in np.ndindex(half.shape):
        assert half[row, col] == _most_frequent(labels[2 * row : 2 * row + 2, 2 * col : 2 * col + 2])


@pytest.mark.parametrize("levels", [1, 2, 4])
@pytest.mark.parametrize("shape", SHAPES)
def test_overviews_lie_below_each_other(shape, levels):
    labels = _labels(shape)
    packed = shrink(labels, levels, NODATA)
    expected = labels
    for level in range(1, levels + 1):
        expected = halve(expected, NODATA)
        np.testing.assert_array_equal(packed[level_window(*labels.shape, level).slices()], expected)


@pytest.mark.parametrize(("shape", "levels"), [((512, 512), 0), ((513, 1), 1), ((1024, 100), 1), ((1100, 2100), 3)])
def test_levels_end_where_a_tile_holds_all(shape, levels):
    assert count_levels(*shape) == levels


@pytest.mark.parametrize("block", [512, 96])
def test_published_overviews_are_those_of_the_whole(block, make_raster, monkeypatch, tmp_path, backend):
    """Blocks of 512 make their own overviews; blocks of 96 leave them to GDAL, which may choose others of a tie."""
    monkeypatch.setattr(pipeline, "open_streams", lambda *_: PixelStreams())
    image = np.random.default_rng(4).integers(0, 255, (3, 75, 90), dtype=np.uint8).repeat(16, 1).repeat(16, 2)
    raster = make_raster(data=image[:, :1183, :1427])
    pipeline.segment(
        raster, fake_bundle(patch_side=32), Outputs(str(tmp_path / "c.tif")), Options(0.5, block_side=block)
    )
    _, labels = read_back(str(tmp_path / "c.tif"), backend)
    assert inspect(str(tmp_path / "c.tif"))["overviews"] == [714, 357]
    half = halve(labels[0], NODATA)
    _, found = read_back(str(tmp_path / "c.tif"), backend, half.shape, "nearest")
    if block == 512:
        np.testing.assert_array_equal(found[0], half)
    assert np.mean(found[0] == half) > 0.8
