"""Memory depends on scene, block and slab, not on the width of the raster: counted in bytes that numpy holds."""

import math
import os
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.engine.fakes import NeighbourStreams, PixelStreams
from tests.engine.memory_raster import MemoryRaster, gradient, source_of
from uhrs_qgis_plugin.engine.flow import UNWATCHED
from uhrs_qgis_plugin.engine.flow.journal import Journal, MemoryArrays
from uhrs_qgis_plugin.engine.grid import Canvas, Window, blocks
from uhrs_qgis_plugin.engine.inference.lanes import InterruptibleStreams
from uhrs_qgis_plugin.engine.raster import memory as raster_limits
from uhrs_qgis_plugin.engine.raster.backends import backend_of
from uhrs_qgis_plugin.engine.raster.memory import bounded_memory
from uhrs_qgis_plugin.engine.raster.opening import create_raster, open_raster
from uhrs_qgis_plugin.engine.raster.types import IDENTITY, POOL, THREADS, GdalLimits, RasterProfile
from uhrs_qgis_plugin.engine.segmentation.passes import coarse_pass as coarse_module
from uhrs_qgis_plugin.engine.segmentation.passes import refine_plan as patches_module
from uhrs_qgis_plugin.engine.segmentation.passes import selection as selector_module
from uhrs_qgis_plugin.engine.segmentation.passes.coarse_map import SceneGrid
from uhrs_qgis_plugin.engine.segmentation.passes.coarse_pass import map_coarsely, read_slabs
from uhrs_qgis_plugin.engine.segmentation.passes.refine_pass import refine
from uhrs_qgis_plugin.engine.segmentation.passes.refine_plan import RefinePlan, plan_blocks, read_patches
from uhrs_qgis_plugin.engine.segmentation.passes.selection import FixedSelection, score_patches, select_by_ratio
from uhrs_qgis_plugin.engine.segmentation.planning.scene_plan import ScenePlan

pytestmark = pytest.mark.backend
OPEN = Path("/proc/self/fd")
TILE = 32
HEIGHT = 768
DATA = gradient(HEIGHT, 512)
CHANNELS = 32
PATCH = 128
PLAN = ScenePlan(512, 64, CHANNELS, 16)


class WideRaster(MemoryRaster):
    """A tiled raster of any width that holds a small part of it, repeated."""

    def __init__(self, width, block_shape=(TILE, TILE), height=HEIGHT):
        super().__init__(DATA)
        self.info = replace(self.info, width=width, height=height, block_shape=block_shape)

    def read(self, bands, window, shape=None, resampling="average"):
        self._check(window)
        self.reads.append((window, shape))
        step = 1 if shape is None else 4
        cols = np.arange(window.col, window.col_end, step) % DATA.shape[2]
        rows = np.arange(window.row, window.row_end, step) % DATA.shape[1]
        return DATA[:, rows[:, None], cols]


class FlatStreams(PixelStreams):
    """Streams that answer in the right shapes and record nothing."""

    def low(self, image):
        count, _, height, width = image.shape
        shape = count, CHANNELS, height // 8, width // 8
        return np.ones(shape, np.float32), np.full((count, 1, height // 4, width // 4), 0.5, np.float32)

    def high(self, patches):
        count, _, side, _ = patches.shape
        return np.ones((count, CHANNELS, side // 8, side // 8), np.float32)

    def fuse(self, low_features, uncertainty, high_features, selected):
        count, _, rows, cols = low_features.shape
        cells = np.zeros((count, 2, 4 * rows, 4 * cols), np.uint8)
        return np.zeros((count, 32 * rows, 32 * cols), np.uint8), cells


@pytest.fixture
def small(monkeypatch):
    """What bounds memory in a run, as much smaller as the rasters here."""
    monkeypatch.setattr(coarse_module, "SLAB_BYTES", 3 * 512 * 128)
    monkeypatch.setattr(patches_module, "BAND", 1024)
    monkeypatch.setattr(selector_module, "STRIP_PATCHES", 1)


def _peak(width, pieces):
    """Run both passes, with every patch selected; bytes of all arrays at the worst moment."""
    tracemalloc.start()
    try:
        source, streams = source_of(WideRaster(width), PATCH), FlatStreams()
        slabs = read_slabs(source, SceneGrid(source.canvas, PLAN))
        with InterruptibleStreams(streams, lambda: None) as network:
            coarse = map_coarsely(slabs, network, source.canvas, PLAN, pieces, UNWATCHED)
        selection = FixedSelection(select_by_ratio(score_patches(coarse), coarse.valid_patches, 1.0))
        plan = RefinePlan(plan_blocks(source.canvas, (256, 256)), 8, 8, CHANNELS)
        with InterruptibleStreams(streams, lambda: None) as network:
            items = read_patches(source, plan, selection)
            refined = refine(items, network, coarse, plan, selection, UNWATCHED)
            assert sum(block.labels.size for block in refined) == HEIGHT * width
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_width(small, tmp_path):
    peaks = {}
    for width in (2048, 8192) * 2:
        with Journal(str(tmp_path / "classes.tif"), {}, False) as journal:
            # The lesser of two, and room above: what waits between the threads depends on who is scheduled when.
            peaks[width] = min(_peak(width, journal), peaks.get(width, math.inf))
            left = [path.name for path in journal.folder.iterdir() if not path.name.startswith("scene-")]
            assert left == []  # slabs and patches go when nobody needs them
    assert peaks[8192] < 1.4 * peaks[2048]
    assert _peak(8192, MemoryArrays()) > 1.8 * peaks[8192]  # the measure sees what is held


def _slabs(source):
    return [slab.window for slab in read_slabs(source, SceneGrid(source.canvas, PLAN))]


@pytest.mark.parametrize(("height", "width"), [(384, 512), (384, 8194), (97, 8195), (1000, 2050)])
@pytest.mark.parametrize("block_shape", [(TILE, TILE), (8, 1 << 20), (1, 1 << 20), (96, 160)])
def test_slabs_are_bounded_and_cover_the_canvas_once(small, height, width, block_shape):
    source = source_of(WideRaster(width, block_shape, height))
    canvas, slabs = source.canvas, _slabs(source)
    times = np.zeros((canvas.height, canvas.width), np.int8)
    for slab in slabs:
        times[slab.slices()] += 1
    assert (times == 1).all()
    inside = [slab.clipped(height, width) for slab in slabs]
    pixels = max(part.height * part.width for part in inside)
    strip = math.lcm(block_shape[0], 32) * min(canvas.width, math.lcm(block_shape[1], 32))
    assert pixels <= 1.25 * max(coarse_module.SLAB_BYTES // 3, strip)  # 1 to 3 pixels join the slab before them


@pytest.mark.parametrize("block_shape", [(TILE, TILE), (96, 160), (8, 1 << 20)])
def test_slabs_end_where_blocks_of_the_file_end(small, block_shape):
    for slab in _slabs(source_of(WideRaster(4096, block_shape))):
        assert slab.row_end % block_shape[0] == 0 or slab.row_end == HEIGHT
        assert slab.col_end % block_shape[1] == 0 or slab.col_end == 4096


def test_slabs_and_bands_change_nothing(monkeypatch):
    """Scenes from many slabs, patches through files, bands of blocks: all as in one piece."""

    def labels(pieces):
        source, streams = source_of(MemoryRaster(gradient(200, 700))), NeighbourStreams()
        scenes = ScenePlan(128, 32, 4, 16)
        slabs = read_slabs(source, SceneGrid(source.canvas, scenes))
        with InterruptibleStreams(streams, lambda: None) as network:
            coarse = map_coarsely(slabs, network, source.canvas, scenes, pieces, UNWATCHED)
        selection = FixedSelection(select_by_ratio(score_patches(coarse), coarse.valid_patches, 0.5))
        plan = RefinePlan(plan_blocks(source.canvas, (64, 64)), 7, 8, 4)
        items = read_patches(source, plan, selection)
        whole = np.zeros((200, 700), np.uint8)
        with InterruptibleStreams(streams, lambda: None) as network:
            for block in refine(items, network, coarse, plan, selection, UNWATCHED):
                height, width = block.labels.shape
                whole[block.row : block.row + height, block.col : block.col + width] = block.labels
        assert len(streams.patches) == selection.selected.sum()  # each once
        return whole

    expected = labels(MemoryArrays())
    monkeypatch.setattr(coarse_module, "SLAB_BYTES", 1)
    monkeypatch.setattr(patches_module, "BAND", 128)
    assert np.array_equal(labels(MemoryArrays()), expected)


@pytest.mark.parametrize("shape", [(64, 64), (128, 128), (32, 256)])
def test_blocks_come_in_bands(monkeypatch, shape):
    monkeypatch.setattr(patches_module, "BAND", 128)
    canvas = Canvas(300, 1000, 32)
    plan = plan_blocks(canvas, shape)
    assert [index for index, _ in plan] == list(range(len(plan)))
    windows = [window for _, window in plan]
    assert sorted(windows, key=lambda window: (window.row, window.col)) == blocks(canvas, shape)
    if shape[0] < shape[1]:
        assert windows == blocks(canvas, shape)  # strips of a file are as wide as the raster
        return
    places = {(window.row, window.col): number for number, window in enumerate(windows)}
    for (row, col), number in places.items():
        assert number - places.get((row - shape[0], col), number) <= 128 // shape[1]


WIDE = GdalLimits(999 << 20, None)
NARROW = GdalLimits(raster_limits.CACHE_MB << 20, raster_limits.OPEN_FILES)


@pytest.fixture
def library(monkeypatch):
    """The back end that a run takes, in a process whose environment says nothing, with wide limits."""
    monkeypatch.delenv("GDAL_CACHEMAX", raising=False)
    monkeypatch.delenv(POOL, raising=False)
    module = backend_of("auto")
    before = module.gdal_limits()
    module.set_gdal_limits(WIDE)
    yield module
    module.set_gdal_limits(before)


def test_limits_are_low_during_a_run_and_come_back(library):
    with bounded_memory():
        assert library.gdal_limits() == NARROW
    assert library.gdal_limits() == WIDE
    with pytest.raises(KeyError), bounded_memory():
        raise KeyError
    assert library.gdal_limits() == WIDE


def test_limits_come_back_with_the_last_of_several_runs(library):
    first, second = bounded_memory(), bounded_memory()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert library.gdal_limits() == NARROW
    second.__exit__(None, None, None)
    assert library.gdal_limits() == WIDE


def test_a_device_of_its_own_leaves_the_cores_to_gdal(library, monkeypatch):
    monkeypatch.delenv(THREADS, raising=False)
    with bounded_memory(6):
        assert library.gdal_limits() == GdalLimits(NARROW.cache_bytes, NARROW.open_files, 6)
        with bounded_memory(2):
            assert library.gdal_limits().threads == 6
    assert library.gdal_limits() == WIDE
    monkeypatch.setenv(THREADS, "3")
    library.set_gdal_limits(GdalLimits(WIDE.cache_bytes, None, 3))
    with bounded_memory(6):
        assert library.gdal_limits().threads == 3


@pytest.mark.parametrize("shape", [(700, 700), (175, 175)])
def test_threads_of_gdal_change_no_pixel(library, tmp_path, shape):
    pixels = np.random.default_rng(0).integers(0, 255, (3, 700, 700), np.uint8)
    profile = RasterProfile(700, 700, 3, "", IDENTITY, None, ("",) * 3, dtype="uint8")
    with create_raster(str(tmp_path / "image.tif"), profile) as writer:
        writer.write(pixels, 0, 0)
    found = []
    for threads in (None, 4):
        with bounded_memory(threads), open_raster(str(tmp_path / "image.tif")) as reader:
            found.append(reader.read((1, 2, 3), Window(0, 0, 700, 700), shape, "average"))
    np.testing.assert_array_equal(*found)
    if shape == (700, 700):
        np.testing.assert_array_equal(found[0], pixels)


def test_limits_are_never_raised(library):
    low = GdalLimits(5 << 20, 3)
    library.set_gdal_limits(low)
    with bounded_memory():
        assert library.gdal_limits() == low
    assert library.gdal_limits() == low


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("GDAL_CACHEMAX", GdalLimits(WIDE.cache_bytes, NARROW.open_files)),
        (POOL, GdalLimits(NARROW.cache_bytes, 700)),
    ],
)
def test_who_chose_a_limit_keeps_it(library, monkeypatch, name, kept):
    monkeypatch.setenv(name, "999")
    library.set_gdal_limits(GdalLimits(WIDE.cache_bytes, 700 if name == POOL else None))
    with bounded_memory():
        assert library.gdal_limits() == kept


def test_limit_of_files_that_is_no_number_is_left_to_gdal(library, monkeypatch):
    monkeypatch.setenv(POOL, "many")
    library.set_gdal_limits(WIDE)
    with bounded_memory():
        assert library.gdal_limits() == GdalLimits(NARROW.cache_bytes, None)


@pytest.mark.skipif(not OPEN.is_dir(), reason="the system does not list open files")
def test_few_files_of_a_mosaic_are_open(tmp_path):
    profile, side = RasterProfile(8, 8, 1, "", IDENTITY, None, ("",)), 6
    for number in range(side * side):
        with create_raster(str(tmp_path / f"{number}.tif"), profile) as writer:
            writer.write(np.full((1, 8, 8), number, np.uint8), 0, 0)
    sources = "".join(
        f'<SimpleSource><SourceFilename relativeToVRT="1">{number}.tif</SourceFilename><SourceBand>1</SourceBand>'
        f'<SrcRect xOff="0" yOff="0" xSize="8" ySize="8"/>'
        f'<DstRect xOff="{number % side * 8}" yOff="{number // side * 8}" xSize="8" ySize="8"/></SimpleSource>'
        for number in range(side * side)
    )
    band = f'<VRTRasterBand dataType="Byte" band="1">{sources}</VRTRasterBand>'
    (tmp_path / "mosaic.vrt").write_text(
        f'<VRTDataset rasterXSize="{8 * side}" rasterYSize="{8 * side}">{band}</VRTDataset>', encoding="utf-8"
    )
    # In a process of its own: GDAL heeds the limit where no other mosaic is open, as one of another test may be.
    environment = {name: value for name, value in os.environ.items() if name != POOL}
    outputs = [
        subprocess.run(
            [sys.executable, "-c", COUNT_OPEN, str(tmp_path), how],
            env=environment,
            cwd=Path(__file__).parents[3],
            check=True,
            capture_output=True,
        ).stdout
        for how in ("as ever", "bounded")
    ]
    ever, bounded = (int(output) for output in outputs)
    assert bounded <= raster_limits.OPEN_FILES < ever == side * side


COUNT_OPEN = """
import contextlib, pathlib, sys
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.opening import open_raster
from uhrs_qgis_plugin.engine.raster.memory import bounded_memory
folder = pathlib.Path(sys.argv[1])
with bounded_memory() if sys.argv[2] == "bounded" else contextlib.nullcontext():
    with open_raster(str(folder / "mosaic.vrt")) as reader:
        image = reader.read([1], Window(0, 0, 48, 48))
        assert image[0, ::8, ::8].ravel().tolist() == list(range(36))
        print(sum(path.resolve().suffix == ".tif" for path in pathlib.Path("/proc/self/fd").iterdir()))
"""
