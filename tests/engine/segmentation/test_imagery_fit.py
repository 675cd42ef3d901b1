"""The fit of imagery in whole runs: said, reported, written into the outputs, the same however a run is cut."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.engine.conftest import BACKENDS
from tests.engine.fakes import fake_bundle
from tests.engine.familiarity.cases import imagery, scene
from tests.engine.segmentation.runs import SMALL, Stopper, outputs_in, read_whole
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError
from uhrs_qgis_plugin.engine.flow import Message, Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.raster import open_raster
from uhrs_qgis_plugin.engine.regions import choose_band
from uhrs_qgis_plugin.engine.segmentation import Options, Stage, StageBegun, fit_during, pipeline, segment


def model():
    return replace(fake_bundle(patch_side=32), imagery=imagery())


def run(raster, folder, bundle=None, **options):
    """Segment; returns the report and the messages, warnings marked."""
    folder.mkdir(exist_ok=True)
    heard = []

    def notify(event):
        if isinstance(event, Message):
            heard.append((event.is_warning, event.text))

    watch = Watch(notify=notify)
    return segment(raster, bundle or model(), outputs_in(folder), Options(**{**SMALL, **options}), watch), heard


def test_imagery_that_fits_gets_no_warning(make_raster, streams, tmp_path):
    report, heard = run(make_raster(data=scene(1, 300, 400)), tmp_path / "a")
    assert report.fit["overall"] > 0.9
    assert report.fit["message"] == ""
    assert [text for warned, text in heard if warned] == []
    assert any(text == f"Fit to the model's training imagery: {report.fit['overall']:.2f} of 1." for _, text in heard)
    written = json.loads((tmp_path / "a" / "report.json").read_text())
    assert written["fit"] == json.loads(json.dumps(report.fit))


@pytest.mark.once
@pytest.mark.parametrize("at_once", [0, 1 << 40])
def test_large_rasters_are_judged_before_the_coarse_pass_and_small_ones_beside_it(
    make_raster, streams, tmp_path, monkeypatch, at_once
):
    raster, heard = make_raster(data=scene(1, 300, 400)[::-1], mask=True), []
    watch, options = Watch(notify=heard.append), Options(**SMALL, unfamiliar=True)
    with monkeypatch.context() as patch:
        patch.setattr(fit_during, "AT_ONCE", at_once)
        report = segment(raster, model(), outputs_in(tmp_path), options, watch)
    (told,) = [index for index, event in enumerate(heard) if isinstance(event, Message) and event.is_warning]
    assert (told < heard.index(StageBegun(Stage.COARSE))) == (at_once == 0)
    (tmp_path / "again").mkdir()
    again = segment(raster, model(), outputs_in(tmp_path / "again"), options)
    assert again.fit == report.fit
    same = [read_whole(str(folder / "uncertainty.tif"))[0] for folder in (tmp_path, tmp_path / "again")]
    assert np.array_equal(*same)


def test_imagery_that_does_not_fit_is_warned_of_once(make_raster, streams, tmp_path):
    report, heard = run(make_raster(data=scene(1, 300, 400)[::-1]), tmp_path / "a")
    assert report.fit["overall"] < 0.1
    (warning,) = [text for warned, text in heard if warned]
    assert warning.endswith(report.fit["message"])
    assert report.messages.count(report.fit["message"]) == 1
    assert "Expect errors that the uncertainty does not show." in warning


def test_scenes_are_those_of_the_run(make_raster, streams, tmp_path):
    data = scene(2, 256, 1024)
    data[:, :, 512:] = data[::-1, :, 512:]
    report, _ = run(make_raster(data=data), tmp_path / "a", scene_side=256, scene_overlap=0)
    found = {tuple(entry["window"]): entry["fit"] for entry in report.fit["scenes"]}
    assert sorted(found) == [(0, col, 256, 256) for col in (0, 256, 512, 768)]
    assert min(found[0, 0, 256, 256], found[0, 256, 256, 256]) > 0.5
    assert max(found[0, 512, 256, 256], found[0, 768, 256, 256]) < 0.5


@pytest.mark.once
@pytest.mark.parametrize(
    "options",
    [
        {"block_side": 128},
        {"block_side": 512, "batch_size": 7},
        {"scene_side": 512, "scene_overlap": 64},
    ],
)
def test_fit_and_map_do_not_depend_on_how_a_run_is_cut(make_raster, streams, tmp_path, options):
    data = scene(3, 400, 500)
    data[:, :, 256:] = data[::-1, :, 256:]
    raster = make_raster(data=data, mask=True)
    one, _ = run(raster, tmp_path / "a", unfamiliar=True)
    other, _ = run(raster, tmp_path / "b", unfamiliar=True, **options)
    for key in ("overall", "windows"):
        assert one.fit[key] == other.fit[key]
    bands = [read_whole(tmp_path / name / "uncertainty.tif")[0] for name in "ab"]
    assert len(bands[0]) == 3
    np.testing.assert_array_equal(bands[0][2], bands[1][2])


@pytest.mark.parametrize("name", BACKENDS)
def test_both_ways_of_reading_give_the_same(make_raster, streams, tmp_path, monkeypatch, name):
    raster = make_raster(data=scene(4, 300, 300), nodata=0)
    with open_raster(raster, name) as reader:
        pixels = reader.read([1, 2, 3], Window(0, 0, 300, 300))
    np.testing.assert_array_equal(pixels, scene(4, 300, 300))
    assert run(raster, tmp_path / "a")[0].fit["overall"] > 0.9


@pytest.mark.once
@pytest.mark.parametrize("cell", [8, 4, 1])
def test_third_band_on_request(make_raster, streams, tmp_path, cell):
    data = scene(5, 300, 1300)
    data[:, :, 650:] = data[::-1, :, 650:]
    raster = make_raster(data=data, mask=True)
    run(raster, tmp_path / "a", uncertainty_cell=cell)
    run(raster, tmp_path / "b", uncertainty_cell=cell, unfamiliar=True)
    plain, _ = read_whole(tmp_path / "a" / "uncertainty.tif")
    bands, info = read_whole(tmp_path / "b" / "uncertainty.tif")
    assert len(plain) == 2
    assert info.count == 3
    np.testing.assert_array_equal(bands[:2], plain)
    np.testing.assert_array_equal(bands[2] == 255, plain[0] == 255)
    there = np.where(bands[2] == 255, np.nan, bands[2] / 254)
    assert np.nanmean(there[:, -200 // cell :]) > 0.8
    assert np.nanmean(there[:, : 150 // cell]) < 0.3
    assert choose_band(info, None) == 2


@pytest.mark.once
def test_what_is_unfamiliar_survives_a_kill(make_raster, streams, out):
    raster = make_raster(data=scene(6, 300, 300), mask=True)
    expected = segment(raster, model(), outputs_in(out), Options(**SMALL, unfamiliar=True))
    bands = read_whole(out / "uncertainty.tif")[0]
    for after in range(5, 100, 10):
        try:
            report = segment(
                raster,
                model(),
                outputs_in(out),
                Options(**SMALL, unfamiliar=True, resume=True),
                Watch(is_cancelled=Stopper(after)),
            )
        except CancelledError:
            continue
        break
    assert report.fit == expected.fit
    np.testing.assert_array_equal(read_whole(out / "uncertainty.tif")[0], bands)


def test_a_model_without_statistics_says_so_once(make_raster, streams, tmp_path):
    report, heard = run(make_raster(), tmp_path / "a", fake_bundle(patch_side=32))
    assert report.fit is None
    assert sum("Fit unknown" in text for _, text in heard) == 1
    assert sum("Fit unknown" in text for text in report.messages) == 1


def test_a_raster_without_data_has_no_fit(make_raster, streams, tmp_path):
    report, heard = run(make_raster(data=np.zeros((3, 300, 300), np.uint8), nodata=0), tmp_path / "a")
    assert report.fit is None
    assert any("Fit unknown: no part of the raster" in text for _, text in heard)


def test_a_map_that_cannot_be_had_is_refused(make_raster, streams, tmp_path):
    with pytest.raises(OptionsError, match="carries no statistics of its training imagery"):
        run(make_raster(), tmp_path / "a", fake_bundle(patch_side=32), unfamiliar=True)
    with pytest.raises(OptionsError, match="a band of the uncertainty raster, and none is written"):
        segment(make_raster(), model(), Outputs(str(tmp_path / "c.tif")), Options(unfamiliar=True))
    assert pipeline  # the module whose streams the fixture replaces


def test_on_the_inputs_grid_there_is_a_third_band_too(make_raster, streams, tmp_path):
    """Pixels of 0.5 m, read at 1 m: windows are of the working grid, the outputs of the raster's own pixels."""
    data = scene(7, 300, 400).repeat(2, axis=1).repeat(2, axis=2)
    bundle = replace(model(), resolution_m=1.0)
    report, _ = run(make_raster(data=data), tmp_path / "a", bundle, grid="input", unfamiliar=True)
    bands, info = read_whole(tmp_path / "a" / "uncertainty.tif")
    assert bands.shape == (3, 75, 100)
    assert info.descriptions[2] == "unfamiliar"
    assert report.fit["overall"] > 0.5
    assert bands[2].mean() < 127
