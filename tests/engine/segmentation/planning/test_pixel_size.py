"""Runs at the pixel size of the model."""

import json
import os
from dataclasses import replace

import numpy as np
import pytest

from tests.engine.fakes import fake_bundle
from tests.engine.raster.test_stale_overviews import build, scene
from tests.engine.raster_cases import overwrite, put
from tests.engine.segmentation.runs import SMALL
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError
from uhrs_qgis_plugin.engine.flow import Journal, Message, Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.raster import open_raster
from uhrs_qgis_plugin.engine.results import pixels_per_cell
from uhrs_qgis_plugin.engine.segmentation import Options, pipeline, segment
from uhrs_qgis_plugin.engine.segmentation.planning import job
from uhrs_qgis_plugin.engine.segmentation.planning.pixel_size import choose_pixel_size

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # rasterio warns of rasters without georeference


def model(resolution_m=1.0):
    return replace(fake_bundle(patch_side=32), resolution_m=resolution_m)


def run(raster, folder, bundle=None, watch=None, **options):
    """Segment; returns report, labels, their description, messages."""
    folder.mkdir(exist_ok=True)
    messages = []
    outputs = Outputs(str(folder / "c.tif"), str(folder / "u.tif"), str(folder / "r.json"), str(folder / "p.tif"))
    watch = watch or Watch(notify=lambda event: messages.append(event.text) if isinstance(event, Message) else None)
    report = segment(raster, bundle or model(), outputs, Options(**{**SMALL, "ratio": 0.5, **options}), watch)
    with open_raster(outputs.classes) as classes, open_raster(outputs.uncertainty) as uncertainty:
        assert pixels_per_cell(classes.info, uncertainty.info) == 8
        labels = classes.read([1], Window(0, 0, classes.info.height, classes.info.width))[0]
        heard = [text for text in messages if not text.startswith("Fit unknown")]  # the model has no statistics
        return report, labels, classes.info, heard


def extent(info):
    x, x_col, x_row, y, y_col, y_row = info.transform
    return x, y, x + info.width * x_col + info.height * x_row, y + info.width * y_col + info.height * y_row


def test_a_finer_raster_is_read_at_the_models_pixel_size(make_raster, streams, tmp_path):
    report, labels, info, messages = run(make_raster(width=403, height=300), tmp_path / "out")
    assert labels.shape == (150, 202)
    assert messages == ["Raster pixels are 0.5 m, the model was made for 1 m: read at 0.999 m (202 x 150 pixels)."]
    assert list(report.messages)[:1] == messages
    assert extent(info) == pytest.approx((500000, 5000000, 500201.5, 4999850), abs=1e-6)
    said = json.loads((tmp_path / "out" / "r.json").read_text())
    assert said["raster_pixel_m"] == pytest.approx(0.5, rel=2e-3)
    assert said["working_pixel_m"] == pytest.approx(1.0, rel=4e-3)
    assert (said["model_pixel_m"], said["width"], said["height"]) == (1.0, 202, 150)
    assert said["classes"][0]["area_m2"] is not None
    assert sum(entry["area_m2"] for entry in said["classes"]) == pytest.approx(403 * 300 / 4)


def test_a_coarser_raster_is_interpolated(make_raster, streams, tmp_path):
    _, labels, info, messages = run(make_raster(width=100, height=80), tmp_path / "out", model(0.25))
    assert labels.shape == (160, 200)
    assert "read at 0.25 m" in messages[0]
    assert extent(info) == pytest.approx((500000, 5000000, 500050, 4999960))


@pytest.mark.parametrize("resolution_m", [0.36, 0.5, 0.69])
def test_near_sizes_are_read_as_they_are(make_raster, streams, tmp_path, resolution_m):
    raster = make_raster(width=200, height=150)
    _, labels, _, messages = run(raster, tmp_path / "out", model(resolution_m))
    _, native, _, _ = run(raster, tmp_path / "native", model(resolution_m), resolution="native")
    assert messages == []
    np.testing.assert_array_equal(labels, native)


def test_what_is_not_known_is_said_once(make_raster, streams, tmp_path):
    _, labels, _, messages = run(make_raster(width=100, height=80), tmp_path / "a", model(None))
    assert labels.shape == (80, 100)
    assert messages == ["The model states no pixel size: the raster is read at its own."]
    _, labels, _, messages = run(make_raster(width=100, height=80, crs="", transform=()), tmp_path / "b", model())
    assert labels.shape == (80, 100)
    assert len(messages) == 1
    assert "has no georeference" in messages[0]
    _, labels, _, messages = run(make_raster(width=100, height=80, crs=""), tmp_path / "c", model())
    assert labels.shape == (80, 100)
    assert "has no CRS" in messages[0]


@pytest.mark.parametrize(("crs", "y", "times"), [(3857, 8399737.9, "3.99 times"), (3857, 0.0, ""), (32633, 6e6, "")])
def test_areas_in_the_plane_of_a_world_map_are_doubted(make_raster, streams, tmp_path, crs, y, times):
    """60 degrees north in Web Mercator: a metre there is half a metre on the ground."""
    raster = make_raster(width=100, height=90, crs=f"EPSG:{crs}", transform=(500000.0, 1.0, 0.0, y, 0.0, -1.0))
    report, *_ = run(raster, tmp_path / "out")
    found = [text for text in report.warnings if text.startswith("Areas are measured in the plane")]
    assert len(found) == (1 if times else 0)
    assert all(times in text for text in found)


def test_metres_and_native_are_obeyed(make_raster, streams, tmp_path):
    raster = make_raster(width=200, height=160)
    assert run(raster, tmp_path / "a", resolution=2.0)[1].shape == (40, 50)
    assert run(raster, tmp_path / "b", model(None), resolution=0.6)[1].shape == (133, 167)
    assert run(raster, tmp_path / "c", resolution="native")[1].shape == (160, 200)


@pytest.mark.parametrize("resolution", [0, -1.0, float("nan"), float("inf"), "fine", ""])
def test_impossible_sizes_are_refused(resolution):
    with pytest.raises(OptionsError, match="choose auto, native, or metres above 0"):
        Options(resolution=resolution)


def test_absurd_sizes_are_refused(make_raster):
    info = open_raster(make_raster(width=640, height=480)).info
    for resolution, words in ((50.0, "100 times finer"), (0.01, "50 times coarser"), (30.0, "less than one patch")):
        with pytest.raises(OptionsError, match=words):
            choose_pixel_size(info, model(), resolution)
    with pytest.raises(OptionsError, match="choose another model, or resolution native"):
        choose_pixel_size(info, model(0.01), "auto")
    with pytest.raises(OptionsError, match="has no CRS"):
        choose_pixel_size(open_raster(make_raster(crs="")).info, model(), 0.3)
    with pytest.raises(OptionsError, match="grid='raster' is not allowed"):
        Options(grid="raster")


@pytest.mark.parametrize("level", [2, 8])
def test_stale_overviews_of_the_working_grid_are_noticed(make_raster, streams, tmp_path, level):
    """At twice the pixel size overviews of 2 and 8 are read; at its own size that of 4 alone."""
    image = scene()
    plain, stale = make_raster(data=image), make_raster(data=np.ascontiguousarray(image[:, ::-1, ::-1]))
    build(stale, "average", levels=[level])
    overwrite(stale, image)
    _, labels, _, _ = run(plain, tmp_path / "plain")
    events = []
    report, found, _, _ = run(stale, tmp_path / "stale", watch=Watch(notify=events.append))
    np.testing.assert_array_equal(found, labels)
    [warning] = [event.text for event in events if isinstance(event, Message) and event.is_warning]
    assert "show another image" in warning
    assert warning in report.messages


def test_what_makes_results_doubtful_is_a_warning(make_raster, streams, tmp_path):
    raster = make_raster(crs="", transform=())
    for options, count in (({}, 1), ({"resolution": "native"}, 0)):
        events = []
        run(raster, tmp_path / str(count), watch=Watch(notify=events.append), **options)
        assert sum(event.is_warning for event in events if isinstance(event, Message)) == count


@pytest.mark.parametrize(("options", "threads"), [({}, os.cpu_count()), ({"resolution": "native"}, None)])
def test_tiles_are_decoded_side_by_side_where_the_file_bounds_the_run(
    make_raster, streams, tmp_path, monkeypatch, options, threads
):
    seen, bounded = [], pipeline.bounded_memory
    monkeypatch.setattr(pipeline, "bounded_memory", lambda count: seen.append(count) or bounded(count))
    run(make_raster(width=400, height=300), tmp_path / "out", **options)
    assert seen == [threads]


def test_degrees_make_square_pixels(make_raster, streams, tmp_path):
    step = 0.5 / 111_412
    raster = make_raster(width=300, height=200, crs="EPSG:4326", transform=(10.0, step, 0, 60.0, 0, -step))
    assert run(raster, tmp_path / "out")[1].shape == (100, 75)


def test_bounds_and_blocks_give_parts_of_the_whole(make_raster, streams, tmp_path):
    raster = make_raster(width=700, height=500, nodata=7)
    _, labels, info, _ = run(raster, tmp_path / "whole", ratio=1.0)
    _, other, _, _ = run(raster, tmp_path / "blocks", ratio=1.0, block_side=96, batch_size=7)
    np.testing.assert_array_equal(labels, other)
    left, top = info.transform[0], info.transform[3]
    bounds = (left + 64, top - 160, left + 256, top - 32)  # multiples of the patches
    _, part, part_info, _ = run(raster, tmp_path / "part", ratio=1.0, bounds=bounds)
    assert part_info.transform[0::3] == pytest.approx((left + 64, top - 32))
    assert part.shape == (128, 192)
    # Fusing looks 32 pixels over an edge.
    np.testing.assert_array_equal(part[32:-32, 32:-32], labels[64:128, 96:224])


def test_the_input_grid_takes_the_nearest(make_raster, streams, tmp_path):
    raster = make_raster(width=403, height=300, nodata=7)
    _, labels, info, _ = run(raster, tmp_path / "working")
    _, own, own_info, _ = run(raster, tmp_path / "input", grid="input")
    assert own_info.transform == open_raster(raster).info.transform
    rows = (2 * np.arange(300) + 1) * info.height // 600
    cols = (2 * np.arange(403) + 1) * info.width // 806
    np.testing.assert_array_equal(own, labels[np.ix_(rows, cols)])
    assert (own == 255).any()
    assert own_info.overviews == ()
    bounds = (500050.2, 4999900, 500120, 4999950.3)
    _, part, part_info, _ = run(raster, tmp_path / "part", grid="input", bounds=bounds)
    assert part.shape == (101, 140)
    assert part_info.transform[0::3] == (500050.0, 4999950.5)
    for resolution in (0.2, 0.5):
        assert run(raster, tmp_path / "fine", grid="input", resolution=resolution)[1].shape == (300, 403)


def test_a_folder_is_read_at_the_models_pixel_size(make_raster, streams, tmp_path):
    folder = tmp_path / "rasters"
    for number in range(3):
        put(make_raster, folder, f"{number}.tif", 0, 60 * number, width=60, height=90)
    assert run(str(folder), tmp_path / "out")[1].shape == (45, 90)


@pytest.mark.once
@pytest.mark.parametrize("nodata", [None, 7])
def test_resumed_at_any_moment_gives_the_same(make_raster, streams, tmp_path, nodata):
    """Kept pixels included: those of the coarse pass are read by the refine pass of a later run."""
    raster, folder = make_raster(width=700, height=500, nodata=nodata), tmp_path / "out"
    report, labels, _, _ = run(raster, tmp_path / "whole")
    for after in range(5, 400, 9):
        calls = iter(range(10_000))
        try:
            again = run(raster, folder, watch=Watch(is_cancelled=lambda: next(calls) > after), resume=True)  # noqa: B023
        except CancelledError:
            continue
        break
    assert after > 30
    np.testing.assert_array_equal(again[1], labels)
    assert again[0].classes == report.classes
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]


@pytest.mark.once
@pytest.mark.parametrize("options", [{}, {"ratio": 0.0}, {"unreadable": "nodata"}, {"resolution": "native"}])
def test_pixels_are_kept_for_the_refine_pass_alone(make_raster, streams, tmp_path, monkeypatch, options):
    """In files where they take much room, and then counted by the check of the disk; the labels are the same."""
    raster = make_raster(width=700, height=500)
    _, labels, _, _ = run(raster, tmp_path / "memory", **options)
    kept, found, scratch = [], Journal.put, []
    monkeypatch.setattr(Journal, "put", lambda self, name, array: (kept.append(name), found(self, name, array)))
    monkeypatch.setattr(job, "check_disk", lambda *sizes: scratch.append(sizes[3]))
    monkeypatch.setattr(job, "COARSE_BYTES_IN_MEMORY", 1000)
    _, again, _, _ = run(raster, tmp_path / "files", **options)
    np.testing.assert_array_equal(again, labels)
    assert any(name.startswith("working-pixels") for name in kept) is (not options)
    assert (scratch[0] >= 3 * 350 * 250) is (not options)


def test_resume_knows_the_pixel_size(make_raster, streams, tmp_path):
    raster, folder = make_raster(width=700, height=500), tmp_path / "out"
    _, labels, _, _ = run(raster, tmp_path / "whole")
    calls = iter(range(10_000))
    with pytest.raises(CancelledError):
        run(raster, folder, watch=Watch(is_cancelled=lambda: next(calls) > 60), resume=True)
    with pytest.raises(Exception, match="options"):
        run(raster, folder, resume=True, resolution="native")
    _, again, _, _ = run(raster, folder, resume=True)
    np.testing.assert_array_equal(again, labels)
