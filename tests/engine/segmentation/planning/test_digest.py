"""What identifies a raster: its files, on servers or here, without what a new signature changes."""

import os

import pytest

from uhrs_qgis_plugin.engine.raster import RasterSource
from uhrs_qgis_plugin.engine.raster.servers import RemoteFile
from uhrs_qgis_plugin.engine.segmentation.planning.digest import state_of_source


@pytest.fixture
def mixed(make_raster, tmp_path):
    """A list of a raster here and one on a server; the list, the raster here."""
    path = make_raster(width=60, height=40)
    listed = tmp_path / "mixed.txt"
    listed.write_text(f"{path}\nhttps://host/a.tif?sig=1\n")
    return listed, path


def source_of(listed, path, signature="1", etag="e"):
    remote = RemoteFile(f"https://host/a.tif?sig={signature}", "9", etag)
    return RasterSource(str(listed), (str(listed), str(path), remote.address), remote=(remote,))


def test_a_changed_file_here_is_noticed_beside_one_on_a_server(mixed):
    before = state_of_source(source_of(*mixed))
    os.utime(mixed[1], ns=(1, 1))
    after = state_of_source(source_of(*mixed))
    assert before != after
    assert [entry[0] for entry in after] == ["https://host/a.tif?***", os.path.abspath(mixed[1])]


def test_a_new_signature_changes_nothing_and_another_file_does(mixed):
    before = state_of_source(source_of(*mixed))
    mixed[0].write_text(mixed[0].read_text().replace("sig=1", "sig=2"))
    os.utime(mixed[0], ns=(1, 1))
    assert state_of_source(source_of(*mixed, signature="2")) == before
    assert state_of_source(source_of(*mixed, etag="f")) != before
