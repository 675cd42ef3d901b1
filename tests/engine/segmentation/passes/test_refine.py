import threading

import numpy as np
import pytest

from tests.engine.fakes import NeighbourStreams, PixelStreams
from tests.engine.memory_raster import MemoryRaster, gradient, source_of
from tests.engine.tiny_bundle import CHANNELS
from uhrs_qgis_plugin.engine.errors import CancelledError
from uhrs_qgis_plugin.engine.flow import UNWATCHED, Watch
from uhrs_qgis_plugin.engine.flow.journal import MemoryArrays
from uhrs_qgis_plugin.engine.grid import Canvas, Window
from uhrs_qgis_plugin.engine.inference.lanes import InterruptibleStreams
from uhrs_qgis_plugin.engine.segmentation.passes.coarse_map import SceneGrid
from uhrs_qgis_plugin.engine.segmentation.passes.coarse_pass import map_coarsely, read_slabs
from uhrs_qgis_plugin.engine.segmentation.passes.fused_block import finished_block
from uhrs_qgis_plugin.engine.segmentation.passes.refine_pass import refine
from uhrs_qgis_plugin.engine.segmentation.passes.refine_plan import (
    PatchBatch,
    PatchStore,
    RefinePlan,
    plan_blocks,
    read_patches,
)
from uhrs_qgis_plugin.engine.segmentation.passes.selection import FixedSelection
from uhrs_qgis_plugin.engine.segmentation.planning.scene_plan import ScenePlan

WHOLE = 1 << 20


def _coarse(source, streams, stride=16):
    plan = ScenePlan(4096, 0, CHANNELS, stride)
    slabs = read_slabs(source, SceneGrid(source.canvas, plan))
    with InterruptibleStreams(streams, lambda: None) as network:
        return map_coarsely(slabs, network, source.canvas, plan, MemoryArrays(), UNWATCHED)


def _refined(source, streams, selected, block=WHOLE, batch=16, cell=8, stride=16, watch=UNWATCHED, first=0, lanes=1):
    coarse, selection = _coarse(source, streams, stride), FixedSelection(selected)
    shape = block if isinstance(block, tuple) else (block, block)
    plan = RefinePlan(plan_blocks(source.canvas, shape)[first:], batch, cell, CHANNELS)
    items = read_patches(source, plan, selection)
    with InterruptibleStreams(streams, lambda: None, lanes) as network:
        yield from refine(items, network, coarse, plan, selection, watch)


def _run(source, streams, selected, block=WHOLE, batch=16, cell=8, stride=16, watch=UNWATCHED, lanes=1):
    """Refine, and put the blocks together; every pixel must come exactly once."""
    height, width = source.canvas.data_height, source.canvas.data_width
    labels = np.zeros((height, width), np.int64)
    cells = np.zeros((2, -(-height // cell), -(-width // cell)), np.int64)
    times = np.zeros((height, width), int)
    for piece in _refined(source, streams, selected, block, batch, cell, stride, watch, lanes=lanes):
        rows, cols = piece.labels.shape
        labels[piece.row : piece.row + rows, piece.col : piece.col + cols] = piece.labels
        times[piece.row : piece.row + rows, piece.col : piece.col + cols] += 1
        _, rows, cols = piece.uncertainty.shape
        row, col = piece.row // cell, piece.col // cell
        cells[:, row : row + rows, col : col + cols] = piece.uncertainty
    assert (times == 1).all()
    return labels, cells


def _random_selection(canvas, share=0.5, seed=3):
    selected = np.random.default_rng(seed).random(canvas.patch_shape) < share
    # As the selector does: nothing that is all padding.
    selected[-(-canvas.data_height // canvas.patch_side) :] = False
    selected[:, -(-canvas.data_width // canvas.patch_side) :] = False
    return selected


@pytest.mark.parametrize("streams", [PixelStreams, NeighbourStreams])
@pytest.mark.parametrize("patch_side", [16, 32, 48, 64])
@pytest.mark.parametrize("stride", [16, 8])
def test_blocks_equal_the_whole_canvas(streams, patch_side, stride):
    raster = MemoryRaster(gradient(333, 421))
    source = source_of(raster, patch_side)
    selected = _random_selection(source.canvas)
    whole = _run(source, streams(stride), selected, stride=stride)
    side = source.canvas.unit * (2 if patch_side <= 32 else 1)
    blockwise = streams(stride)
    parts = _run(source, blockwise, selected, side, 7, stride=stride)
    assert len(blockwise.fuse_shapes) > 4
    assert np.array_equal(parts[0], whole[0])
    assert np.array_equal(parts[1], whole[1])


def test_margins_matter():
    """Without this the test above would prove nothing: a fuse without margins gives other labels."""
    source = source_of(MemoryRaster(gradient(128, 128)))
    streams = NeighbourStreams()
    coarse = _coarse(source, streams)
    whole, _ = _run(source, streams, np.zeros((4, 4), bool))
    half = Window(0, 0, 64, 128)
    zeros, none = np.zeros((1, CHANNELS, 8, 16), np.float32), np.zeros((1, 1, 8, 16), bool)
    upper, _ = streams.fuse(coarse.features(half)[None], coarse.uncertainty(half)[None, None], zeros, none)
    assert not np.array_equal(upper[0], whole[:64])


@pytest.mark.parametrize("patch_side", [16, 32, 48, 64])
def test_every_selected_patch_runs_once_and_nothing_is_kept(patch_side):
    source = source_of(MemoryRaster(gradient(300, 400)), patch_side)
    selected = _random_selection(source.canvas, 0.6)
    streams = NeighbourStreams()
    _run(source, streams, selected, source.canvas.unit, 4)
    assert len(streams.patches) == selected.sum()
    assert max(streams.high_batches) <= 4
    assert source.fine_pixels <= selected.sum() * patch_side**2


def test_store_keeps_only_what_later_blocks_need():
    source = source_of(MemoryRaster(gradient(256, 256)), 32)
    plan = RefinePlan(plan_blocks(source.canvas, (64, 64)), 16, 8, CHANNELS)
    kept, store = [], PatchStore(source.canvas, plan, MemoryArrays())
    for item in read_patches(source, plan, FixedSelection(np.ones((8, 8), bool))):
        if isinstance(item, PatchBatch):
            store.add(item.places, PixelStreams().high(item.pixels))
        else:
            store.lay(item)
            kept.append(len(store))
    assert len(kept) == 16
    assert kept[-1] == 0
    # Two patch rows above the next row of blocks, plus the neighbours of the current block.
    assert max(kept) <= 8 * 2 + 8


def test_what_few_blocks_of_a_large_canvas_keep_is_small():
    canvas = Canvas(1 << 20, 1 << 20, 32)
    blocks = ((7, Window(1 << 19, 1 << 18, 2048, 2048)), (8, Window(1 << 19, (1 << 18) + 2048, 2048, 2048)))
    store = PatchStore(canvas, RefinePlan(blocks, 16, 8, CHANNELS), MemoryArrays())
    assert store.touched.shape == (64 + 2, 128 + 2)  # and a margin on all sides
    assert store.touched.all()


@pytest.mark.parametrize("first", [1, 5, 11])
def test_later_blocks_do_not_need_the_earlier_ones(first):
    """What a resumed run relies on."""
    source = source_of(MemoryRaster(gradient(200, 300)))
    selected = _random_selection(source.canvas)
    whole = list(_refined(source, NeighbourStreams(), selected, 64, 7))
    rest = list(_refined(source, NeighbourStreams(), selected, 64, 7, first=first))
    assert [piece.index for piece in rest] == list(range(first, 20))
    for one, other in zip(rest, whole[first:]):
        assert np.array_equal(one.labels, other.labels)
        assert np.array_equal(one.uncertainty, other.uncertainty)


def test_flat_blocks_change_nothing():
    source = source_of(MemoryRaster(gradient(200, 300)))
    selected = _random_selection(source.canvas)
    whole = _run(source, NeighbourStreams(), selected)
    flat = _run(source, NeighbourStreams(), selected, (32, 256))
    assert np.array_equal(flat[0], whole[0])
    assert np.array_equal(flat[1], whole[1])


def test_runs_are_read_in_one_call():
    raster = MemoryRaster(gradient(64, 256))
    source = source_of(raster, 32)
    selected = np.zeros((2, 8), bool)
    selected[0, 1:4] = selected[1, 5] = True
    _run(source, PixelStreams(), selected)
    fine = [(window.row, window.col, window.height, window.width) for window, shape in raster.reads if shape is None]
    assert fine == [(0, 32, 32, 96), (32, 160, 32, 32)]


def test_selected_patches_see_their_own_pixels_padded_and_filled():
    data = gradient(40, 50)
    valid = np.ones((40, 50), bool)
    valid[35:, 40:] = False
    source = source_of(MemoryRaster(data, valid), 32)
    streams = PixelStreams()
    _run(source, streams, np.ones((2, 2), bool))
    filled = data.copy()
    filled[:, ~valid] = np.array([[9], [8], [7]])
    canvas = np.pad(filled, ((0, 0), (0, 24), (0, 14)), mode="edge")
    expected = [canvas[:, row : row + 32, col : col + 32] for row in (0, 32) for col in (0, 32)]
    assert np.array_equal(np.stack(streams.patches), np.stack(expected))


def test_nothing_selected_never_runs_the_high_stream():
    source = source_of(MemoryRaster(gradient(100, 100)))
    streams = PixelStreams()
    labels, _ = _run(source, streams, np.zeros((4, 4), bool), 64)
    assert streams.high_batches == []
    assert source.fine_pixels == 0
    features, _ = PixelStreams().low(source.read_scene(Window(0, 0, 128, 128))[0][None])
    expected = (features[0, 0].astype(int) // 8 % 3).repeat(32, 0).repeat(32, 1)[:100, :100]
    assert np.array_equal(labels, expected)


def test_selection_changes_only_selected_patches():
    source = source_of(MemoryRaster(gradient(128, 128)))
    none = _run(source, PixelStreams(), np.zeros((4, 4), bool))[0]
    selected = np.zeros((4, 4), bool)
    selected[1, 2] = True
    one = _run(source, PixelStreams(), selected)[0]
    changed = none != one
    assert changed[32:64, 64:96].any()
    changed[32:64, 64:96] = False
    assert not changed.any()


@pytest.mark.parametrize("cell", [1, 2, 4, 8])
def test_no_data_is_marked_in_labels_and_cells(cell):
    data = gradient(77, 93)
    valid = np.ones((77, 93), bool)
    valid[:40, :45] = False
    valid[3, 7] = True  # one pixel with data keeps its cell
    source = source_of(MemoryRaster(data, valid))
    labels, cells = _run(source, PixelStreams(), np.ones((3, 3), bool), 32, cell=cell)
    assert np.array_equal(labels == 255, ~valid)
    rows, cols = -(-77 // cell), -(-93 // cell)
    padded = np.pad(valid, ((0, rows * cell - 77), (0, cols * cell - 93)))
    expected = padded.reshape(rows, cell, cols, cell).any(axis=(1, 3))
    assert np.array_equal(cells[0] != 255, expected)
    assert np.array_equal(cells[1] != 255, expected)


@pytest.mark.parametrize("cell", [1, 2, 4])
def test_finer_cells_repeat_the_native_ones(cell):
    source = source_of(MemoryRaster(gradient(75, 101)))
    selected = _random_selection(source.canvas)
    native = _run(source, PixelStreams(), selected, 32)[1]
    finer = _run(source, PixelStreams(), selected, 32, cell=cell)[1]
    rows, cols = -(-75 // cell), -(-101 // cell)
    repeated = native.repeat(8 // cell, 1).repeat(8 // cell, 2)[:, :rows, :cols]
    assert np.array_equal(finer, repeated)


def test_blocks_without_data_are_not_run():
    valid = np.zeros((128, 128), bool)
    valid[70:, 70:] = True
    source = source_of(MemoryRaster(gradient(128, 128), valid))
    streams = PixelStreams()
    labels, cells = _run(source, streams, np.zeros((4, 4), bool), 64)
    assert len(streams.fuse_shapes) == 1
    assert np.array_equal(labels == 255, ~valid)
    assert (cells[:, :8] == 255).all()


def test_stop_between_batches():
    calls = []

    def proceed(share):
        calls.append(share)
        if len(calls) == 3:
            raise CancelledError

    source = source_of(MemoryRaster(gradient(64, 256)))
    streams = PixelStreams()
    with pytest.raises(CancelledError):
        _run(source, streams, np.ones((2, 8), bool), batch=4, watch=Watch(proceed))
    assert len(streams.high_batches) <= 2  # of four; what had not begun never does
    assert calls == sorted(calls)


def test_progress_counts_blocks_and_patches():
    """4 blocks and 16 patches in batches of 2; before each batch and block, what is done by then is reported."""
    shares = []
    source = source_of(MemoryRaster(gradient(128, 128)))
    _run(source, PixelStreams(), np.ones((4, 4), bool), 64, batch=2, watch=Watch(shares.append))
    possible = {(blocks / 4 + patches / 16) / 2 for blocks in range(5) for patches in range(17)}
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert 0.5 < shares[-1] < 1
    assert set(shares) <= possible
    none = []
    _run(source, PixelStreams(), np.zeros((4, 4), bool), 64, watch=Watch(none.append))
    assert set(none) <= {0, 0.25, 0.5, 0.75}


def test_a_block_at_the_end_of_the_raster_is_cut_out_of_its_context():
    """The worked example of `finished_block`."""
    labels = np.arange(160 * 2112, dtype=np.uint32).reshape(1, 160, 2112).astype(np.uint8)
    native = np.arange(2 * 20 * 264, dtype=np.uint32).reshape(1, 2, 20, 264).astype(np.uint8)
    inside = Window(2048, 2048, 100, 2048)
    block = finished_block(3, (labels, native), Window(2016, 2016, 160, 2112), inside, None, 4)
    assert (block.index, block.row, block.col, block.empty) == (3, 2048, 2048, False)
    assert np.array_equal(block.labels, labels[0, 32:132, 32:2080])
    assert np.array_equal(block.uncertainty[:, ::2, ::2], native[0, :, 4:17, 4:260])
    assert block.uncertainty.shape == (2, 25, 512)


@pytest.mark.parametrize("batch", [1, 3, 7])
def test_lanes_change_nothing(batch):
    source = source_of(MemoryRaster(gradient(333, 421)))
    selected = _random_selection(source.canvas)
    one, two = (_run(source, NeighbourStreams(), selected, 64, batch, lanes=lanes) for lanes in (1, 2))
    for expected, found in zip(one, two):
        assert np.array_equal(found, expected)


def test_lanes_run_at_the_same_time():
    both = threading.Barrier(2, timeout=20)

    class Meeting(PixelStreams):
        def high(self, patches):
            both.wait()  # breaks when the other lane does not come
            return super().high(patches)

    source = source_of(MemoryRaster(gradient(64, 256)))
    _run(source, Meeting(), np.ones((2, 8), bool), batch=4, lanes=2)


def test_errors_of_a_lane_come_through():
    class Broken(PixelStreams):
        def high(self, patches):
            if len(self.high_batches) == 2:
                raise ValueError("broken")
            return super().high(patches)

    source = source_of(MemoryRaster(gradient(64, 256)))
    with pytest.raises(ValueError, match="broken"):
        _run(source, Broken(), np.ones((2, 8), bool), batch=2)
