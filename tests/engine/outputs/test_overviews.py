from collections import Counter

import numpy as np
import pytest

from tests.engine.fakes import PixelStreams, fake_bundle
from tests.engine.output_cases import inspect, read_back
from uhrs_qgis_plugin.engine.outputs.overviews import (
    STRIP,
    average,
    count_even,
    count_levels,
    halve,
    level_window,
    pack,
    packed_shape,
)
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


@pytest.mark.parametrize("shape", SHAPES)
def test_every_pixel_is_the_mean_of_its_square(shape):
    numbers = np.random.default_rng(sum(shape)).integers(250, 256, shape).astype(np.uint8)
    half = average(numbers, NODATA)
    for row, col in np.ndindex(half.shape):
        square = numbers[2 * row : 2 * row + 2, 2 * col : 2 * col + 2]
        valid = square[square != NODATA].astype(float)
        assert half[row, col] == (np.floor(valid.mean() + 0.5) if valid.size else NODATA)


@pytest.mark.parametrize("halved", [halve, average])
@pytest.mark.parametrize("levels", [1, 2, 4])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_block_and_its_overviews_lie_in_one_image(shape, levels, halved):
    labels = _labels(shape)
    packed = pack(labels, levels, NODATA, halved)
    assert packed.shape == packed_shape(*shape, levels)
    covered, expected = np.zeros(packed.shape, int), labels
    for level in range(levels + 1):
        expected = halved(expected, NODATA) if level else labels
        place = level_window(*shape, level).slices()
        np.testing.assert_array_equal(packed[place], expected)
        covered[place] += 1
    assert covered.max() == 1
    assert not packed[covered == 0].any()


@pytest.mark.parametrize(("shape", "levels"), [((512, 512), 0), ((513, 1), 1), ((1024, 100), 1), ((1100, 2100), 3)])
def test_levels_end_where_a_tile_holds_all(shape, levels):
    assert count_levels(*shape) == levels


@pytest.mark.parametrize(("shape", "times"), [((2048, 2048), 11), ((512, 8192), 9), ((2016, 2048), 5), ((3, 8), 0)])
def test_sides_are_halved_without_a_rest(shape, times):
    assert count_even(*shape) == times


@pytest.mark.parametrize("block", [512, 96])
def test_published_overviews_are_those_of_the_whole(block, make_raster, monkeypatch, tmp_path, backend):
    """Blocks of 512 make their own overviews, blocks of 96 have tiles that span them."""
    monkeypatch.setattr(pipeline, "open_streams", lambda *_: PixelStreams())
    image = np.random.default_rng(4).integers(0, 255, (3, 75, 90), dtype=np.uint8).repeat(16, 1).repeat(16, 2)
    raster = make_raster(data=image[:, :1183, :1427])
    pipeline.segment(
        raster, fake_bundle(patch_side=32), Outputs(str(tmp_path / "c.tif")), Options(0.5, block_side=block)
    )
    _, labels = read_back(str(tmp_path / "c.tif"), backend)
    assert inspect(str(tmp_path / "c.tif"))["overviews"] == [714, 357]
    for _ in range(2):
        labels = halve(labels[0], NODATA)[None]
        _, found = read_back(str(tmp_path / "c.tif"), backend, labels.shape[1:], "nearest")
        np.testing.assert_array_equal(found, labels)
