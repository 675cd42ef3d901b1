"""The preview: the coarse pass's result, published while the run goes on."""

import os

import numpy as np
import pytest

from tests.engine.fakes import NeighbourStreams, fake_bundle
from tests.engine.segmentation.runs import SMALL, outputs_in, read_whole
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.segmentation import PreviewReady, Stage, StageBegun
from uhrs_qgis_plugin.engine.segmentation.pipeline import segment
from uhrs_qgis_plugin.engine.segmentation.planning.options import Options


@pytest.fixture
def fake_streams():
    return NeighbourStreams()


def test_preview_is_there_before_the_end(make_raster, streams, out):
    raster, bundle = make_raster(width=200, height=150, mask=True), fake_bundle(patch_side=32)
    seen = []

    def notify(event):
        if isinstance(event, PreviewReady):
            seen.append((event.path, sorted(name for name in os.listdir(out) if not name.startswith("."))))

    outputs = outputs_in(out, preview=str(out / "look.tif"))
    segment(raster, bundle, outputs, Options(**SMALL, ratio=1.0), Watch(notify=notify))
    [(path, files)] = seen
    assert path == outputs.preview
    assert files == ["look.tif", "look.tif.aux.xml", "look_uncertainty.tif"]
    segment(raster, bundle, outputs_in(out), Options(**SMALL, ratio=0.0))
    labels, cells = (read_whole(out / name)[0] for name in ("classes.tif", "uncertainty.tif"))
    look = read_whole(out / "look.tif")[0][0]
    assert look.shape == (19, 25)
    there = look != 255
    assert there[10:].all()  # the hole is up on the left
    assert not there[0, 0]
    sample = labels[0, 4::8, 4::8]
    assert np.array_equal(look[: len(sample)][sample != 255], sample[sample != 255])
    u = read_whole(out / "look_uncertainty.tif")[0]
    assert np.array_equal(u[:, cells[0] != 255], cells[:, cells[0] != 255])


def test_preview_may_not_overwrite_an_output(make_raster, streams, out):
    outputs = outputs_in(out, preview=str(out / "classes.tif"))
    with pytest.raises(OptionsError, match="also the output"):
        segment(make_raster(), fake_bundle(), outputs)
    assert os.listdir(out) == []


@pytest.mark.parametrize("block_side", [64, 96, 4096])
def test_preview_does_not_depend_on_the_blocks(make_raster, streams, out, block_side):
    """One block is the whole canvas, without any margin."""
    raster, bundle = make_raster(width=200, height=150, mask=True), fake_bundle(patch_side=32)
    found = []
    for side in (block_side, 4096):
        look = str(out / f"look_{side}_{len(found)}.tif")
        segment(raster, bundle, outputs_in(out, preview=look), Options(**{**SMALL, "block_side": side}, ratio=0.0))
        found.append([read_whole(path)[0] for path in (look, look.replace(".tif", "_uncertainty.tif"))])
    for one, other in zip(*found):
        assert np.array_equal(one, other)


def test_a_run_without_any_data_has_an_empty_preview(make_raster, streams, out):
    raster = make_raster(data=np.full((3, 48, 64), 7, np.uint8), nodata=7)
    segment(raster, fake_bundle(patch_side=32), outputs_in(out, preview=str(out / "look.tif")), Options(**SMALL))
    for name in ("look.tif", "look_uncertainty.tif"):
        assert (read_whole(out / name)[0] == 255).all()


def test_a_cancel_after_the_preview_leaves_it_and_nothing_else(make_raster, streams, out):
    stages = []

    def notify(event):
        if isinstance(event, StageBegun):
            stages.append(event.stage)

    watch = Watch(notify=notify, is_cancelled=lambda: Stage.REFINE in stages)
    outputs = outputs_in(out, preview=str(out / "look.tif"))
    with pytest.raises(CancelledError):
        segment(make_raster(), fake_bundle(patch_side=32), outputs, Options(**SMALL), watch)
    assert sorted(os.listdir(out)) == ["look.tif", "look.tif.aux.xml", "look_uncertainty.tif"]
