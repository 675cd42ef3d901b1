"""Many rasters, each for itself: what is kept, what fails, the table, and the model that stays started."""

import csv
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.engine.tiny_bundle import write_tiny_bundle
from tests.range_server import RangeServer
from uhrs_qgis_plugin.engine import cli
from uhrs_qgis_plugin.engine.errors import CancelledError, DeviceError, OptionsError, OutputError, RasterError
from uhrs_qgis_plugin.engine.flow import Message, Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.many import Folders, RasterBegun, RasterFailed, each, find_inputs, segment_each
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.raster import open_raster
from uhrs_qgis_plugin.engine.segmentation import Options, segment

OPTIONS = Options(ratio=0.5, device="cpu")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "tiny.uhrs"
    write_tiny_bundle(path)
    return str(path)


@pytest.fixture
def site(make_raster, tmp_path):
    """A folder of four rasters, one of them two folders down, and one that is damaged."""
    folder = tmp_path / "site"
    for number, name in enumerate(["a.tif", "b.tif", "north/a.tif", "north/far/c.tif"]):
        data = np.full((3, 40, 60), 20 + 70 * number, np.uint8)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Path(make_raster(data=data)).rename(folder / name)
    (folder / "broken.tif").write_bytes(b"II*\0nonsense")
    return folder


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return {row["raster"]: row for row in csv.DictReader(file)}


def states(out):
    return {
        os.path.basename(os.path.dirname(name)) + "/" + os.path.basename(name): row["state"]
        for name, row in rows_of(out / "results.csv").items()
    }


def run(site, out, model, options=OPTIONS, watch=None, **more):
    folders = Folders(str(out), **more)
    inputs = find_inputs(str(site), folders.named().values())
    return segment_each(inputs, model, folders, options, watch or Watch())


def labels(path):
    with open_raster(str(path)) as reader:
        return reader.read([1], Window(0, 0, reader.info.height, reader.info.width))


def test_each_raster_gets_the_results_of_a_run_of_its_own(site, tmp_path, model):
    out = tmp_path / "classes"
    events = []
    tally = run(
        site,
        out,
        model,
        watch=Watch(notify=events.append),
        uncertainty=str(tmp_path / "u"),
        reports=str(tmp_path / "r"),
    )
    assert (tally.done, tally.failed, tally.kept, tally.count) == (4, 1, 0, 5)
    for name in ["a", "b", "north/a", "north/far/c"]:
        alone = Outputs(str(tmp_path / "alone.tif"))
        report = segment(str(site / f"{name}.tif"), model, alone, OPTIONS)
        np.testing.assert_array_equal(labels(out / f"{name}.tif"), labels(alone.classes))
        row = rows_of(tally.table)[str(site / f"{name}.tif")]
        assert row["classes"] == str(out / f"{name}.tif")
        assert (row["state"], int(row["pixels"]), float(row["refined"])) == ("done", 2400, round(report.ratio, 6))
        for entry in report.classes:
            assert int(row[f"{entry['name']} pixels"]) == entry["pixels"]
            assert float(row[f"{entry['name']} m2"]) == pytest.approx(entry["area_m2"])
        assert json.loads((tmp_path / "r" / f"{name}.json").read_text())["pixels"] == 2400
        assert (tmp_path / "u" / f"{name}.tif").is_file()
    failed = rows_of(tally.table)[str(site / "broken.tif")]
    assert failed["state"] == "failed"
    assert "broken.tif" in failed["message"]
    assert failed["class0 pixels"] == ""
    begun = [event for event in events if isinstance(event, RasterBegun)]
    assert [(event.number, event.count) for event in begun] == [(number, 5) for number in range(1, 6)]
    assert [event.name for event in events if isinstance(event, RasterFailed)] == ["broken"]


def test_what_is_done_is_kept_and_still_in_the_table(site, tmp_path, model, monkeypatch):
    out = tmp_path / "out"
    run(site, out, model)
    first = rows_of(out / "results.csv")
    (out / "results.csv").unlink()
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*.tif")}
    monkeypatch.setattr(each, "segment", None)  # nobody may ask for it, but for the broken one
    tally = run(site, out, model)
    assert (tally.kept, tally.done, tally.failed) == (4, 0, 1)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.tif")} == times
    for name, row in rows_of(out / "results.csv").items():
        expected = dict(first[name], state="kept" if first[name]["state"] == "done" else "failed")
        for changes in ("seconds", "message"):
            expected[changes] = row[changes]
        assert row == expected
        assert row["seconds"] == ""  # results say nothing of how long they took: those of equal runs are equal


@pytest.mark.parametrize("change", ["raster", "options", "model", "outputs", "result"])
def test_what_belongs_to_another_run_is_done_again(site, tmp_path, model, change):
    out, more, options = tmp_path / "out", {}, OPTIONS
    run(site, out, model)
    if change == "raster":
        os.utime(site / "b.tif", ns=(1, 1))
    elif change == "options":
        options = Options(ratio=0.25, device="cpu")
    elif change == "model":
        model = str(tmp_path / "other.uhrs")
        write_tiny_bundle(model, int8=True)
    elif change == "outputs":
        more = {"uncertainty": str(tmp_path / "u")}
    else:
        shutil.copy(out / "a.tif", out / "b.tif")
    run(site, out, model, options, **more)
    alone = {"raster": ["site/b.tif"], "result": ["site/b.tif"]}
    done = [name for name, state in states(out).items() if state == "done"]
    assert done == alone.get(change, ["site/a.tif", "site/b.tif", "north/a.tif", "far/c.tif"])


@pytest.mark.parametrize("left", ["u/a.tif", "r/a.json"])
def test_a_result_that_an_earlier_run_left_is_not_taken_for_that_of_this_one(site, tmp_path, model, left):
    """As after a kill between the renames of the outputs."""
    more = {"uncertainty": str(tmp_path / "u"), "reports": str(tmp_path / "r")}
    run(site, tmp_path / "out", model, Options(ratio=0.25, device="cpu"), **more)
    shutil.copy(tmp_path / left, tmp_path / "left")
    run(site, tmp_path / "out", model, **more)
    shutil.copy(tmp_path / "left", tmp_path / left)
    assert run(site, tmp_path / "out", model, **more).kept == 3


def test_another_device_does_not_begin_anew(site, tmp_path, model):
    run(site, tmp_path / "out", model)
    assert run(site, tmp_path / "out", model, Options(ratio=0.5, device="auto", resume=True)).kept == 4


def test_what_a_run_left_that_was_killed_after_publishing_goes(site, tmp_path, model):
    out, options = tmp_path / "out", Options(ratio=0.5, device="cpu", resume=True)
    run(site, out, model, options)
    leftover = out / ".a.resume.uhrs-run"
    leftover.mkdir()
    (leftover / "run.json").write_text("{}")
    assert run(site, out, model, options).kept == 4
    assert not leftover.exists()


def test_the_model_is_started_once(site, tmp_path, model, monkeypatch):
    from uhrs_qgis_plugin.engine.inference import kept

    opened, real = [], kept.open_streams
    monkeypatch.setattr(
        kept.KeptModel.__init__, "__defaults__", (lambda *given: opened.append(given[0].name) or real(*given),)
    )
    run(site, tmp_path / "out", model)
    assert opened == ["tiny"]


def test_a_run_that_fails_in_the_middle_leaves_the_others_a_working_model(site, tmp_path, model, monkeypatch):
    from uhrs_qgis_plugin.engine.segmentation.hands import OwnHands

    refine, calls = OwnHands.refine, []

    def fail_once(*given):
        calls.append(1)
        if len(calls) == 2:
            raise ZeroDivisionError("no such thing")
        return refine(*given)

    monkeypatch.setattr(OwnHands, "refine", fail_once)
    tally = run(site, tmp_path / "out", model)
    assert (tally.done, tally.failed) == (3, 2)
    assert "no such thing" in {row["message"] for row in rows_of(tally.table).values()}
    assert run(site, tmp_path / "out", model).done == 1


def test_a_cancel_leaves_a_table_of_all_and_goes_on_later(site, tmp_path, model):
    out, names = tmp_path / "out", []

    def notify(event):
        if isinstance(event, RasterBegun):
            names.append(event.name)

    with pytest.raises(CancelledError):
        run(site, out, model, watch=Watch(is_cancelled=lambda: len(names) > 2, notify=notify))
    assert states(out) == {
        "site/a.tif": "done",
        "site/b.tif": "done",
        "site/broken.tif": "not run",
        "north/a.tif": "not run",
        "far/c.tif": "not run",
    }
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []
    tally = run(site, out, model)
    assert (tally.kept, tally.done) == (2, 2)


def test_bounds_leave_out_what_lies_outside(make_raster, tmp_path, model):
    folder = tmp_path / "site"
    folder.mkdir()
    Path(make_raster(width=40, height=40)).rename(folder / "in.tif")
    with open_raster(str(folder / "in.tif")) as reader:
        x, _, _, y, _, _ = reader.info.transform
    tally = run(
        folder, tmp_path / "out", model, Options(ratio=0, device="cpu", bounds=(x - 900, y - 900, x - 800, y - 800))
    )
    assert (tally.outside, tally.failed, tally.count) == (1, 0, 1)
    [row] = rows_of(tally.table).values()
    assert "lie outside" in row["message"]


def test_results_inside_the_folder_are_no_inputs(site, tmp_path, model):
    out = site / "results" / "classes"
    out.parent.mkdir()
    run(site, out, model)
    assert run(site, out, model).count == 5


def test_what_cannot_begin_is_said_before_anything_is_written(site, tmp_path, model):
    with pytest.raises(OptionsError, match="would lie among the rasters"):
        run(site, site, model)
    with pytest.raises(OptionsError, match="give two folders"):
        run(site, tmp_path / "out", model, uncertainty=str(tmp_path / "out"))
    with pytest.raises(OptionsError, match="are for one raster"):
        run(site, tmp_path / "out", model, Options(minutes=1))
    with pytest.raises(RasterError, match="holds no rasters"):
        run(tmp_path, tmp_path / "site", model)
    with pytest.raises(DeviceError):
        run(site, tmp_path / "out", model, Options(device="cuda"))
    assert not (tmp_path / "out" / "results.csv").exists()


def test_a_table_has_no_name_before_it_is_complete(site, tmp_path, model):
    """What has a name is left behind by a kill; an earlier table stays until the new one is there."""
    out, seen = tmp_path / "out", []

    def notify(event):
        if isinstance(event, RasterBegun):
            seen.append([path.name for path in out.iterdir() if path.is_file() and ".tif" not in path.name])

    run(site, out, model, watch=Watch(notify=notify))
    before = (out / "results.csv").read_text()
    run(site, out, model, watch=Watch(notify=notify))
    assert seen == [[]] * 5 + [["results.csv"]] * 5
    assert (out / "results.csv").read_text() != before


def test_a_table_that_cannot_be_written_is_said(site, tmp_path, model):
    with pytest.raises(OutputError, match=r"none/t.csv' cannot be written"):
        run(site, tmp_path / "out", model, table=str(tmp_path / "none" / "t.csv"))
    assert os.listdir(tmp_path / "out") == [], "before the first raster"


def test_names_of_results(site, tmp_path):
    shutil.copy(site / "a.tif", site / "A.TIFF")
    with pytest.raises(OptionsError, match=r"'.*A.TIFF' and '.*a.tif' would both have results called 'a'"):
        find_inputs(str(site))
    (site / "A.TIFF").unlink()
    listed = tmp_path / "list.txt"
    listed.write_text(
        "site/a.tif\nhttps://host/x/t%20ile.tif?key=s.ecret/1\nhttps://host/..%2f..%2fetc.tif\n/vsicurl/https://host/z.tif\n"
    )
    assert [item.name for item in find_inputs(str(listed))] == ["a", "t ile", "_.._etc", "z"]
    listed.write_text("site/a.tif\nsite/north/a.tif\n")
    with pytest.raises(OptionsError, match="sort them into folders"):
        find_inputs(str(listed))
    assert [item.name for item in find_inputs(str(site / "b.tif"))] == ["b"]


def test_warnings_come_once_and_not_by_the_thousand(site, tmp_path, model, monkeypatch):
    def warn(raster, bundle, outputs, options, watch, opener):
        watch.notify(Message("the same for all", is_warning=True))
        for number in range(6):
            watch.notify(Message(f"{number} of {os.path.basename(raster)}", is_warning=True))
            watch.notify(Message(f"no warning {number}"))
        raise RasterError("in vain")

    monkeypatch.setattr(each, "segment", warn)
    events = []
    run(site, tmp_path / "out", model, watch=Watch(notify=events.append))
    texts = [event.text for event in events if isinstance(event, Message)]
    assert texts[:2] == ["a: the same for all", "a: 0 of a.tif"]
    assert len(texts) == each.MOST_MESSAGES + 1
    assert sum("the same for all" in text for text in texts) == 1
    assert not any("no warning" in text for text in texts)
    assert "the table has the warnings" in texts[-1]


def command(*given):
    return cli.main(["segment", *map(str, given), "--device", "cpu"])


def test_the_command_line_tells_what_failed_and_keeps_the_rest(site, tmp_path, model, capsys):
    given = (site, "--each", "--classes", tmp_path / "out", "--model", model, "--ratio", "0")
    assert command(*given) == 2
    printed = capsys.readouterr()
    assert "5 rasters in" in printed.out
    assert "4 done, 1 failed" in printed.out
    assert "failed: broken: " in printed.err
    assert printed.err.splitlines()[-1].startswith("error: 1 of 5 rasters failed: ")
    (site / "broken.tif").unlink()
    assert command(*given, "--table", tmp_path / "t.csv", "--quiet") == 0
    assert capsys.readouterr() == ("", "")
    assert {row["state"] for row in rows_of(tmp_path / "t.csv").values()} == {"kept"}
    assert command(site, "--classes", tmp_path / "out", "--model", model) == 2
    assert "--each" in capsys.readouterr().err
    assert command(site / "a.tif", "--classes", tmp_path / "c.tif", "--table", "t.csv") == 2
    assert command(*given, "--preview", tmp_path / "p.tif") == 2


def test_an_area_is_brought_to_each_raster(site, tmp_path, model, make_raster):
    with open_raster(str(site / "a.tif")) as reader:
        x, dx, _, y, _, dy = reader.info.transform
    ring = [[x, y], [x + 10 * dx, y], [x + 10 * dx, y + 10 * dy], [x, y + 10 * dy], [x, y]]
    area = tmp_path / "area.geojson"
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}}
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    area.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}))
    assert command(site, "--each", "--classes", tmp_path / "out", "--model", model, "--area", area, "--quiet") == 2
    rows = rows_of(tmp_path / "out" / "results.csv")
    assert {row["pixels"] for row in rows.values() if row["state"] == "done"} == {"100"}


def test_rasters_on_servers_are_kept_until_they_change(site, tmp_path, model):
    addresses = tmp_path / "list.txt"
    with RangeServer(site) as server:
        addresses.write_text(f"{server.url}/a.tif?token=secret1\n{server.url}/b.tif\n{server.url}/gone.tif\n")
        tally = run(addresses, tmp_path / "out", model)
        assert (tally.done, tally.failed) == (2, 1)
        addresses.write_text(addresses.read_text().replace("secret1", "secret2"))  # signed anew
        assert run(addresses, tmp_path / "out", model).kept == 2
        shutil.copy(site / "north" / "a.tif", site / "b.tif")
        tally = run(addresses, tmp_path / "out", model)
        assert (tally.kept, tally.done) == (1, 1)
    np.testing.assert_array_equal(
        labels(tmp_path / "out" / "b.tif"), labels_of(site / "north" / "a.tif", tmp_path, model)
    )
    assert "secret" not in (tmp_path / "out" / "results.csv").read_text()


def labels_of(raster, tmp_path, model):
    segment(str(raster), model, Outputs(str(tmp_path / "alone.tif")), OPTIONS)
    return labels(tmp_path / "alone.tif")


def test_items_of_a_catalogue_are_named_in_a_list(site, tmp_path, model):
    for name in ("a", "b"):
        asset = {"href": f"{name}.tif", "type": "image/tiff; application=geotiff", "roles": ["data"]}
        item = {"type": "Feature", "stac_version": "1.0.0", "id": name, "properties": {}, "assets": {"image": asset}}
        (site / f"{name}.json").write_text(json.dumps({**item, "geometry": None, "links": []}))
    with pytest.raises(OptionsError, match="give a list"):
        find_inputs(str(site / "a.json"))
    listed = tmp_path / "list.txt"
    listed.write_text("site/a.json\nsite/b.json\n")
    tally = run(listed, tmp_path / "out", model)
    assert (tally.done, tally.failed) == (2, 0)
    np.testing.assert_array_equal(labels(tmp_path / "out" / "b.tif"), labels_of(site / "b.tif", tmp_path, model))
    os.utime(site / "b.tif", ns=(1, 1))
    tally = run(listed, tmp_path / "out", model)
    assert (tally.kept, tally.done) == (1, 1)
