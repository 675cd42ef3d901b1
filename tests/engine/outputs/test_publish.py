"""Outputs appear under their names together, complete and checked, or not at all."""

import os

import numpy as np
import pytest

from tests.engine.output_cases import profile_of, read_back, write_plain
from uhrs_qgis_plugin.engine.errors import CancelledError, OutputError
from uhrs_qgis_plugin.engine.flow import UNWATCHED, Watch
from uhrs_qgis_plugin.engine.outputs import Outputs, Publication
from uhrs_qgis_plugin.engine.raster import sidecar_path

PROFILE = profile_of(width=70, height=50, categories=("water", "forest"))
LABELS = np.arange(3500, dtype=np.uint8).reshape(1, 50, 70) % 2


@pytest.fixture
def outputs(tmp_path):
    return Outputs(str(tmp_path / "classes.tif"), report=str(tmp_path / "report.json"))


def _finished(publication, profile=PROFILE):
    write_plain(publication.scratch("classes"), profile, LABELS[:, : profile.height, : profile.width], "auto")
    publication.finish({"classes": publication.scratch("classes")}, UNWATCHED)


def test_nothing_has_its_name_before_all_have(outputs, tmp_path):
    with Publication(outputs, {"classes": PROFILE}) as publication:
        _finished(publication)
        assert not os.path.exists(outputs.classes)
        assert all(name.startswith(".") for name in os.listdir(tmp_path))
        publication.publish('{"pixels": 3500}')
    assert sorted(os.listdir(tmp_path)) == ["classes.tif", "classes.tif.aux.xml", "report.json"]
    np.testing.assert_array_equal(read_back(outputs.classes, "auto")[1], LABELS)
    with open(outputs.report, encoding="utf-8") as file:
        assert file.read() == '{"pixels": 3500}'


def test_what_belonged_to_the_replaced_raster_goes(outputs, tmp_path):
    for name in ("classes.tif", "classes.tif.ovr", "classes.tif.msk", "classes.tif.aux.xml"):
        (tmp_path / name).write_bytes(b"old")
    without = profile_of(width=70, height=50)
    with Publication(outputs, {"classes": without}) as publication:
        _finished(publication, without)
        publication.publish("{}")
    assert sorted(os.listdir(tmp_path)) == ["classes.tif", "report.json"]
    assert not os.path.exists(sidecar_path(outputs.classes))


def test_a_file_that_reads_back_otherwise_is_not_published(outputs, tmp_path):
    (tmp_path / "classes.tif").write_bytes(b"old")
    with Publication(outputs, {"classes": PROFILE}) as publication:
        smaller = profile_of(width=70, height=40)
        write_plain(publication.scratch("classes"), smaller, LABELS[:, :40], "auto")
        with pytest.raises(OutputError, match=r"reads back as \(70, 40, 1\) instead of \(70, 50, 1\)"):
            publication.finish({"classes": publication.scratch("classes")}, UNWATCHED)
    assert os.listdir(tmp_path) == ["classes.tif"]
    assert (tmp_path / "classes.tif").read_bytes() == b"old"


def test_a_cancel_leaves_the_folder_as_it_was(outputs, tmp_path):
    with Publication(outputs, {"classes": PROFILE}) as publication:
        write_plain(publication.scratch("classes"), PROFILE, LABELS, "auto")
        with pytest.raises(CancelledError):
            publication.finish({"classes": publication.scratch("classes")}, Watch(is_cancelled=lambda: True))
    assert os.listdir(tmp_path) == []


def test_a_name_that_a_folder_took_meanwhile_is_told(outputs, tmp_path):
    with Publication(outputs, {"classes": PROFILE}) as publication:
        _finished(publication)
        (tmp_path / "classes.tif").mkdir()
        with pytest.raises(OutputError, match=r"classes\.tif' cannot be written"):
            publication.publish("{}")
