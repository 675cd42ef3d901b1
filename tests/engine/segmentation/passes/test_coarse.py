import time

import numpy as np
import pytest

from tests.engine.fakes import PixelStreams
from tests.engine.memory_raster import MemoryRaster, gradient, source_of
from tests.engine.tiny_bundle import CHANNELS
from uhrs_qgis_plugin.engine.errors import CancelledError
from uhrs_qgis_plugin.engine.flow import UNWATCHED, Watch
from uhrs_qgis_plugin.engine.flow.journal import MemoryArrays
from uhrs_qgis_plugin.engine.grid import Window, scene_starts
from uhrs_qgis_plugin.engine.inference.lanes import InterruptibleStreams
from uhrs_qgis_plugin.engine.segmentation.passes import coarse_pass as coarse_module
from uhrs_qgis_plugin.engine.segmentation.passes.coarse_map import SceneGrid, missing_scenes, scene_weights
from uhrs_qgis_plugin.engine.segmentation.passes.coarse_pass import map_coarsely, read_slabs
from uhrs_qgis_plugin.engine.segmentation.planning.scene_plan import ScenePlan


def _map(source, side=4096, overlap=0, streams=None, stride=16, watch=UNWATCHED, store=None, scenes=1):
    plan = ScenePlan(side, overlap, CHANNELS, stride)
    store = MemoryArrays() if store is None else store
    slabs = read_slabs(source, SceneGrid(source.canvas, plan))
    with InterruptibleStreams(streams or PixelStreams(stride), lambda: None, scenes, scenes) as network:
        return map_coarsely(slabs, network, source.canvas, plan, store, watch)


def _features(coarse):
    return coarse.features(Window(0, 0, coarse.canvas.height, coarse.canvas.width))


def _uncertainty(coarse):
    return coarse.uncertainty(Window(0, 0, coarse.canvas.height, coarse.canvas.width))


def _oracle(data, patch_side=32, stride=16):
    """Whole canvas at once: average 4x4, pad, run."""
    _, height, width = data.shape
    part = data[:, : height // 4 * 4, : width // 4 * 4].astype(np.float64)
    small = part.reshape(len(data), height // 4, 4, width // 4, 4).mean(axis=(2, 4))
    small = np.floor(small + 0.5).astype(data.dtype)
    source = source_of(MemoryRaster(data), patch_side)
    below = source.canvas.height // 4 - small.shape[1]
    right = source.canvas.width // 4 - small.shape[2]
    return PixelStreams(stride).low(np.pad(small, ((0, 0), (0, below), (0, right)), mode="edge")[None])


@pytest.mark.parametrize(("height", "width"), [(64, 96), (130, 203), (33, 259), (5, 6)])
@pytest.mark.parametrize("stride", [16, 8])
def test_one_scene_is_the_whole_canvas(height, width, stride):
    data = gradient(height, width)
    coarse = _map(source_of(MemoryRaster(data)), stride=stride)
    features, uncertainty = _oracle(data, stride=stride)
    assert np.array_equal(_features(coarse), features[0])
    assert np.array_equal(_uncertainty(coarse), uncertainty[0, 0])
    assert coarse.valid_patches.all()


@pytest.mark.parametrize(("side", "overlap"), [(64, 32), (96, 0), (128, 96)])
def test_scenes_blend_into_the_same_map(side, overlap):
    data = gradient(290, 417)
    streams = PixelStreams()
    coarse = _map(source_of(MemoryRaster(data)), side, overlap, streams)
    features, uncertainty = _oracle(data)
    assert len(streams.low_shapes) > 4
    assert set(streams.low_shapes) == {(1, 3, side // 4, side // 4)}
    # Weights sum to one up to rounding, so a pixelwise stream gives the same numbers up to rounding.
    np.testing.assert_allclose(_features(coarse), features[0], rtol=1e-5)
    np.testing.assert_allclose(_uncertainty(coarse), uncertainty[0, 0], rtol=1e-5)


def test_scenes_without_overlap_are_exact():
    data = gradient(256, 256)
    coarse = _map(source_of(MemoryRaster(data)), 64, 0)
    assert np.array_equal(_features(coarse), _oracle(data)[0][0])


@pytest.mark.parametrize("size", [1, 2, 3])
def test_rasters_below_one_coarse_pixel_are_mapped(size):
    data = np.full((3, size, size), 200, np.uint8)
    coarse = _map(source_of(MemoryRaster(data)))
    assert (_features(coarse)[0] == 200).all()
    assert coarse.valid_patches.tolist() == [[True]]


def test_no_data_is_filled_before_the_network():
    data = np.full((3, 64, 64), 50, np.uint8)
    data[:, :32, :32] = 255
    valid = np.ones((64, 64), bool)
    valid[:32, :32] = False
    coarse = _map(source_of(MemoryRaster(data, valid), fill=(9, 8, 7)))
    assert _features(coarse)[0].tolist() == [[9, 50], [50, 50]]
    assert coarse.valid_patches.tolist() == [[False, True], [True, True]]


def test_scenes_without_data_are_not_run():
    valid = np.zeros((128, 128), bool)
    valid[:64, :64] = True
    streams = PixelStreams()
    coarse = _map(source_of(MemoryRaster(gradient(128, 128), valid)), 64, 0, streams)
    assert len(streams.low_shapes) == 1
    assert not _features(coarse)[:, 2:].any()
    assert not _uncertainty(coarse)[4:].any()
    assert coarse.valid_patches.sum() == 4


@pytest.mark.parametrize("patch_side", [16, 32, 48, 128])
def test_valid_patches_agree_with_the_mask_for_any_patch_side(patch_side):
    valid = np.zeros((200, 300), bool)
    valid[50:90, 210:300] = True
    source = source_of(MemoryRaster(gradient(200, 300), valid), patch_side)
    coarse = _map(source, 2 * source.canvas.unit, 32)
    rows, cols = source.canvas.patch_shape
    padded = np.zeros((rows * patch_side, cols * patch_side), bool)
    padded[:200, :300] = valid
    expected = padded.reshape(rows, patch_side, cols, patch_side).any(axis=(1, 3))
    assert np.array_equal(coarse.valid_patches, expected)


def test_padding_holds_no_patch_with_data():
    coarse = _map(source_of(MemoryRaster(gradient(33, 16), np.ones((33, 16), bool)), patch_side=16))
    assert coarse.valid_patches.tolist() == [[True, False], [True, False], [True, False], [False, False]]


def test_window_and_band_order_are_respected():
    data = gradient(200, 300, bands=4)
    source = source_of(MemoryRaster(data), window=Window(40, 60, 100, 120), bands=(4, 2, 1))
    coarse = _map(source)
    expected = _oracle(data[[3, 1, 0], 40:140, 60:180])[0][0]
    assert np.array_equal(_features(coarse), expected)
    assert source.coarse_pixels == 25 * 30


def test_nearest_downsampling_takes_the_first_of_four_pixels_as_published():
    data = gradient(64, 64)
    coarse = _map(source_of(MemoryRaster(data), downsampling="nearest"))
    small = np.ascontiguousarray(data[:, ::4, ::4])
    assert np.array_equal(_features(coarse), PixelStreams().low(small[None])[0][0])


def test_stop_between_scenes():
    shares = []

    def proceed(share):
        shares.append(share)
        if len(shares) == 3:
            raise CancelledError

    streams = PixelStreams()
    with pytest.raises(CancelledError):
        _map(source_of(MemoryRaster(gradient(128, 128))), 64, 0, streams, watch=Watch(proceed))
    assert shares == [0, 0.25, 0.5]
    assert len(streams.low_shapes) == 2


@pytest.mark.parametrize("length", [64, 128, 4096, 4128, 7712, 12800])
@pytest.mark.parametrize(("side", "overlap"), [(4096, 512), (128, 96), (64, 32), (64, 0)])
@pytest.mark.parametrize("cell", [8, 16, 32])
def test_scene_weights_sum_to_one_and_are_never_zero(length, side, overlap, cell):
    starts = scene_starts(length, side, overlap)
    side = min(side, length)
    total = np.zeros(length // cell)
    for start, weight in zip(starts, scene_weights(starts, side, cell)):
        assert weight.dtype == np.float32
        assert weight.min() > 0
        total[start // cell : (start + side) // cell] += weight
    np.testing.assert_allclose(total, 1, atol=1e-6)


def test_scene_weights_ramp_linearly_over_the_overlap():
    first, second = scene_weights((0, 96), 160, 16)
    np.testing.assert_allclose(first, [1, 1, 1, 1, 1, 1, 0.875, 0.625, 0.375, 0.125], atol=1e-6)
    np.testing.assert_allclose(second, first[::-1], atol=1e-6)


def test_scene_weights_of_one_scene_are_exactly_one():
    (weight,) = scene_weights((0,), 96, 32)
    assert (weight == 1).all()


def test_slabs_read_every_pixel_once_and_change_nothing(monkeypatch):
    data = gradient(300, 200)
    whole = _features(_map(source_of(MemoryRaster(data)), 128, 32))
    monkeypatch.setattr(coarse_module, "SLAB_BYTES", 1)
    raster = MemoryRaster(data)
    parts = _features(_map(source_of(raster), 128, 32))
    assert np.array_equal(parts, whole)
    assert len(raster.reads) == 10
    assert sum(window.height for window, _ in raster.reads) == 300


@pytest.mark.parametrize("height", [97, 98, 99, 100])
def test_a_rest_of_rows_is_treated_as_in_one_read(monkeypatch, height):
    """97 rows are 3 slabs of 32 and one row, which cannot be averaged alone."""
    data = gradient(height, 64)
    whole = _features(_map(source_of(MemoryRaster(data))))
    monkeypatch.setattr(coarse_module, "SLAB_BYTES", 1)
    assert np.array_equal(_features(_map(source_of(MemoryRaster(data)))), whole)


def test_any_window_of_the_map_is_cut_out_of_the_whole():
    coarse = _map(source_of(MemoryRaster(gradient(290, 417))), 96, 32)
    whole, u = _features(coarse), _uncertainty(coarse)
    rng = np.random.default_rng(0)
    for _ in range(20):
        row, col = rng.integers(0, 7, 2) * 32
        height, width = rng.integers(1, 4, 2) * 32
        window = Window(int(row), int(col), int(height), int(width))
        assert np.array_equal(coarse.features(window), whole[(slice(None), *window.slices(32))])
        assert np.array_equal(coarse.uncertainty(window), u[window.slices(16)])


@pytest.mark.parametrize("scenes", [2, 3, 20])
def test_scenes_side_by_side_give_the_same_map(scenes):
    data = gradient(400, 300)
    one, several = (_map(source_of(MemoryRaster(data)), 128, 32, scenes=number) for number in (1, scenes))
    np.testing.assert_array_equal(_features(several), _features(one))
    np.testing.assert_array_equal(_uncertainty(several), _uncertainty(one))


def test_scenes_side_by_side_become_whole_in_order():
    """A later scene that is ready first waits for those before it: what counts as finished has no holes."""
    store, kept = MemoryArrays(), []
    put = store.put
    store.put = lambda name, array: (kept.append(name), put(name, array))
    slow = PixelStreams()
    real, runs = slow.run, []

    def run(graph, inputs):
        runs.append(1)
        time.sleep(0.05 if len(runs) % 3 == 1 else 0.0)
        return real(graph, inputs)

    slow.run = run
    _map(source_of(MemoryRaster(gradient(400, 300))), 128, 32, streams=slow, store=store, scenes=3)
    whole = [name for name in kept if name.endswith("valid") and name.startswith("scene")]
    assert len(whole) == 12
    assert whole == sorted(whole)


@pytest.mark.parametrize("stop_after", [1, 4, 6, 11])
def test_finished_scenes_are_not_computed_again(stop_after):
    data, store = gradient(400, 300), MemoryArrays()
    whole = _features(_map(source_of(MemoryRaster(data)), 128, 32))

    def proceed(share):
        if len(missing_scenes(range(12), store)) == 12 - stop_after:
            raise CancelledError

    with pytest.raises(CancelledError):
        _map(source_of(MemoryRaster(data)), 128, 32, watch=Watch(proceed), store=store)
    source, streams = source_of(MemoryRaster(data)), PixelStreams()
    plan = ScenePlan(128, 32, CHANNELS, 16)
    grid = SceneGrid(source.canvas, plan)
    slabs = read_slabs(source, grid, range(stop_after, 12))
    with InterruptibleStreams(streams, lambda: None) as network:
        resumed = map_coarsely(slabs, network, source.canvas, plan, store, UNWATCHED)
    assert np.array_equal(_features(resumed), whole)
    assert len(streams.low_shapes) == 12 - stop_after


@pytest.mark.parametrize(
    ("data_end", "expected"),
    [(128, [(0, 32), (32, 96), (96, 128)]), (98, [(0, 32), (32, 128)]), (100, [(0, 32), (32, 96), (96, 128)])],
)
def test_intervals_between_cuts(data_end, expected):
    """The worked example of `_intervals`."""
    assert coarse_module._intervals([0, 96, 32, 96, 128], 128, data_end) == expected
