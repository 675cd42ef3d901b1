"""What follows from raster, model and options before the first pixel."""

from dataclasses import replace

import pytest

from tests.engine.fakes import fake_bundle
from tests.engine.memory_raster import MemoryRaster, gradient
from tests.engine.segmentation.runs import outputs_in
from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.segmentation.planning.job import BYTES_AHEAD, COARSE_BYTES_IN_MEMORY, check_job
from uhrs_qgis_plugin.engine.segmentation.planning.options import Options


def _job(folder, info=None, outputs=None, patch_side=32, **options):
    info = info or MemoryRaster(gradient(100, 150)).info
    return check_job(info, fake_bundle(patch_side=patch_side), outputs or outputs_in(folder), Options(**options))


def test_all_of_the_raster_with_the_models_ratio(tmp_path):
    job = _job(tmp_path)
    assert job.window == Window(0, 0, 100, 150)
    assert (job.canvas.data_height, job.canvas.data_width) == (100, 150)
    assert job.bands == (1, 2, 3)
    assert job.ratio == fake_bundle().default_ratio
    assert not job.is_resampled


def test_no_ratio_beside_a_threshold_or_a_time(tmp_path):
    assert _job(tmp_path, threshold=0.5).ratio is None
    assert _job(tmp_path, minutes=1).ratio is None
    assert _job(tmp_path, ratio=0.0).ratio == 0


def test_sides_are_rounded_down_to_what_patches_allow_and_the_overlap_with_them(tmp_path):
    job = _job(tmp_path, patch_side=128, scene_side=300, scene_overlap=256, block_side=300)
    assert (job.scene_plan.side, job.scene_plan.overlap) == (256, 224)
    assert job.block_shape == (256, 256)


def test_a_file_in_strips_gets_flat_blocks_of_the_same_area(tmp_path):
    strips = replace(MemoryRaster(gradient(100, 150)).info, block_shape=(1, 100_000))
    rows, cols = _job(tmp_path, strips).block_shape
    assert rows < 2048 < cols
    assert rows * cols == 2048 * 2048


def test_a_small_raster_is_cut_in_the_middle_and_a_large_one_into_blocks_as_large_as_they_may_be(tmp_path):
    info = MemoryRaster(gradient(100, 150)).info

    def side(height, width):
        return _job(tmp_path, replace(info, height=height, width=width)).block_shape

    assert side(1500, 1600) == (1024, 1024)
    assert side(3000, 900) == (1536, 1536)
    assert side(4096, 4096) == side(40_000, 40_000) == (2048, 2048)
    assert side(100, 150) == (512, 512)


def test_a_large_coarse_map_lies_in_files(tmp_path):
    info = MemoryRaster(gradient(100, 150)).info
    assert not _job(tmp_path, info).spills
    job = _job(tmp_path, replace(info, height=40_000, width=40_000))
    assert job.coarse_bytes > COARSE_BYTES_IN_MEMORY
    assert job.spills


def test_what_waits_for_the_device_is_bounded(tmp_path):
    job = _job(tmp_path, patch_side=128)
    assert job.batches_ahead(1) == 64
    assert job.batches_ahead(100) == BYTES_AHEAD // (100 * 128 * 128 * 3)
    assert job.batches_ahead(10_000) == 2


def test_the_preview_has_its_uncertainty_beside_it_and_takes_no_other_outputs_name(tmp_path):
    outputs = outputs_in(tmp_path, preview=str(tmp_path / "look.tif"))
    assert _job(tmp_path, outputs=outputs).preview_outputs.uncertainty == str(tmp_path / "look_uncertainty.tif")
    taken = replace(outputs, classes=str(tmp_path / "look_uncertainty.tif"))
    with pytest.raises(OptionsError, match="is also the output classes"):
        _job(tmp_path, outputs=taken)
