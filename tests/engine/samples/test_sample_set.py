"""The folder of training samples: adding, replacing, leaving alone, and leaving nothing half-done."""

from __future__ import annotations

import json
import os
import resource

import pytest

from tests.engine.areas.test_polygons import closed
from tests.engine.samples.cases import (
    CLASSES,
    SHAPES,
    SIDE,
    image_of,
    judgements,
    pairs,
    write_image,
)
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError, OutputError
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.samples.cutting import SampleOptions, SampleSources, cut_samples
from uhrs_qgis_plugin.engine.samples.sample_set import SampleClass


def test_adding_a_second_raster_and_replacing_the_first(sources, classes, tmp_path):
    """Several rasters make one set; the same raster again replaces its own samples and no others."""
    folder = tmp_path / "set"
    more = SampleOptions(side=SIDE, append=True)
    other = write_image(tmp_path / "other.tif", image_of(3, 260, 340, "uint8", seed=9))
    cut_samples(sources, judgements(), str(folder), SampleOptions(side=SIDE))
    done = cut_samples(SampleSources(other, classes, CLASSES), judgements(SHAPES[:1]), str(folder), more)
    assert (done.train + done.val, done.in_set) == (1, 5)
    before = {path: path.read_bytes() for path in folder.rglob("02_*.tif")}
    assert len(before) == 2
    done = cut_samples(sources, judgements(SHAPES[3:]), str(folder), more)
    assert (done.train + done.val, done.in_set) == (1, 2)
    assert {path: path.read_bytes() for path in folder.rglob("02_*.tif")} == before
    assert len(list(pairs(folder))) == 2
    listed = json.loads((folder / "samples.json").read_text())
    assert [len(entry["samples"]) for entry in listed["rasters"]] == [1, 1]
    assert [os.path.basename(entry["raster"]) for entry in listed["rasters"]] == ["site A.tif", "other.tif"]
    assert listed["rasters"][0]["right"] == 1
    names = {(s["split"], s["name"]) for entry in listed["rasters"] for s in entry["samples"]}
    assert names == {(split, name[:-4]) for split, name, *_ in pairs(folder)}


def test_folders_that_are_not_ours_are_left_alone(sources, tmp_path):
    """Somebody's files, a file, samples that were not to be added to: one line, nothing written."""
    alien, taken, ours = tmp_path / "alien", tmp_path / "taken", tmp_path / "ours"
    alien.mkdir()
    (alien / "thesis.txt").write_text("x")
    taken.write_text("x")
    cut_samples(sources, judgements(), str(ours), SampleOptions(side=SIDE))
    before = sorted(ours.rglob("*"))
    for folder, append, text in (
        (alien, False, "is not empty"),
        (alien, True, "is not empty"),
        (taken, False, "is a file"),
        (ours, False, "holds training samples already"),
    ):
        with pytest.raises(OptionsError, match=text) as caught:
            cut_samples(sources, judgements(), str(folder), SampleOptions(side=SIDE, append=append))
        assert "\n" not in str(caught.value)
    assert os.listdir(alien) == ["thesis.txt"]
    assert sorted(ours.rglob("*")) == before


def test_sets_of_other_classes_bands_or_types(sources, classes, tmp_path):
    """Samples that do not fit those that are there are refused, and those stay."""
    folder = tmp_path / "set"
    cut_samples(sources, judgements(), str(folder), SampleOptions(side=SIDE))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    renamed = (SampleClass(0, "sea", (0, 0, 255)), *CLASSES[1:])
    wide = write_image(tmp_path / "wide.tif", image_of(3, 260, 340, "uint16"))
    for changed, bands, text in (
        (SampleSources(sources.image, classes, renamed), None, "0 water.*has 0 sea"),
        (SampleSources(sources.image, classes, CLASSES), (1, 2), "3 bands of uint8, but this raster gives 2"),
        (SampleSources(wide, classes, CLASSES), None, "gives 3 of uint16"),
    ):
        with pytest.raises(OptionsError, match=text):
            cut_samples(changed, judgements(), str(folder), SampleOptions(SIDE, bands=bands, append=True))
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


SAMPLE = '{"name": "%s", "split": "%s"}'
LISTED = '{"format": 1, "classes": [], "rasters": [{"number": 1, "raster": "r", "samples": [' + SAMPLE + "]}]}"


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "null",
        '{"format": 7}',
        LISTED % ("../x", "val"),
        LISTED % ("x", ".."),
    ],
)
def test_damaged_lists(sources, tmp_path, content):
    """A list that is damaged, or whose names lead elsewhere, is refused."""
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "samples.json").write_text(content)
    with pytest.raises(OptionsError, match="is no list of training samples"):
        cut_samples(sources, judgements(), str(folder), SampleOptions(SIDE, append=True))
    assert os.listdir(folder) == ["samples.json"]


def test_nothing_judged(sources, tmp_path):
    """No polygons, none on data, none on the raster: one line, no folder."""
    beside = [(1, [[closed((900, 900), (950, 900), (950, 950))]])]
    hidden = [(1, [[closed((2, 2), (50, 2), (50, 50))]])]
    for shapes in ([], beside, hidden):
        with pytest.raises(OptionsError, match="No judged region or correction lies"):
            cut_samples(sources, judgements(shapes), str(tmp_path / "set"), SampleOptions(SIDE))
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("after", [0, 1, 3])
def test_cancelling_leaves_nothing(sources, tmp_path, after):
    asked = []
    with pytest.raises(CancelledError):
        cut_samples(sources, judgements(), str(tmp_path / "deep" / "set"), SampleOptions(SIDE),
                    Watch(is_cancelled=lambda: asked.append(None) or len(asked) > after))  # fmt: skip
    assert not (tmp_path / "deep").exists()


def test_a_full_disk_leaves_what_was_there(sources, tmp_path, monkeypatch):
    """One line, and the set is as it was; so it is when the disk is known to be too small."""
    folder = tmp_path / "set"
    cut_samples(sources, judgements(SHAPES[:1]), str(folder), SampleOptions(SIDE))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, hard))
    try:
        with pytest.raises(OutputError) as caught:
            cut_samples(sources, judgements(), str(folder), SampleOptions(SIDE, append=True))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "\n" not in str(caught.value)
    monkeypatch.setattr(
        "uhrs_qgis_plugin.engine.samples.cutting.shutil.disk_usage", lambda path: type("D", (), {"free": 10})
    )
    with pytest.raises(OutputError, match="may need"):
        cut_samples(sources, judgements(), str(folder), SampleOptions(SIDE, append=True))
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_folder_that_may_not_be_written(sources, tmp_path, monkeypatch):
    """Root may write anywhere, so the system's refusal is played."""

    def refuse(path, *args, **kwargs):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("uhrs_qgis_plugin.engine.samples.sample_set.os.makedirs", refuse)
    with pytest.raises(OutputError, match="Permission denied") as caught:
        cut_samples(sources, judgements(), str(tmp_path / "set"), SampleOptions(SIDE))
    assert "\n" not in str(caught.value)
