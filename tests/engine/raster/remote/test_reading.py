"""Rasters on a server read as they do from a disk, with few requests, and patiently where the server is not well."""

import os

import numpy as np
import pytest

from uhrs_qgis_plugin.engine.errors import CancelledError, RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import check_raster_unchanged, open_raster

SIDE = 2048
WINDOW = Window(100, 300, 700, 900)


@pytest.mark.parametrize("bands", [[1, 2, 3], [3, 1], [2]])
def test_pixels_and_averages_are_those_of_the_local_file(server, site, backend, bands):
    with open_raster(f"{server.url}/site.tif", backend) as remote, open_raster(site, backend) as local:
        assert (remote.info.width, remote.info.crs_wkt) == (local.info.width, local.info.crs_wkt)
        remote.expect(bands, [WINDOW])
        for window, shape in (
            (WINDOW, None),
            (Window(0, 0, 2048, 1024), (512, 256)),
            (Window(7, 9, 1000, 999), (300, 311)),
        ):
            np.testing.assert_array_equal(remote.read(bands, window, shape), local.read(bands, window, shape))
            np.testing.assert_array_equal(
                remote.read_valid(bands, window, shape), local.read_valid(bands, window, shape)
            )


def test_masks_and_nodata_are_those_of_the_local_file(server, serve, backend):
    for name, how in (("nodata.tif", {"nodata": 0}), ("alpha.tif", {"alpha": True}), ("mask.tif", {"mask": True})):
        path = serve(name, width=600, height=500, overviews=(2, 4), **how)
        with open_raster(f"{server.url}/{name}", backend) as remote, open_raster(path, backend) as local:
            window = Window(10, 20, 400, 500)
            valid = local.read_valid([1, 2, 3], window)
            assert valid.any()
            assert not valid.all()
            np.testing.assert_array_equal(remote.read_valid([1, 2, 3], window), valid)


def test_what_is_expected_is_fetched_in_few_requests_and_once(server, site, backend):
    with open_raster(f"{server.url}/site.tif", backend) as reader:
        server.set()
        windows = [Window(row, 0, 128, SIDE) for row in range(0, 1024, 128)]
        reader.expect([1, 2, 3], windows)
        for window in windows:
            reader.read([1, 2, 3], window)
        gets = [answer for answer in server.answered if answer.method == "GET"]
        first = min(answer.span[0] for answer in gets)
        last = max(answer.span[1] for answer in gets)
    # Half of the raster: its tiles follow each other in the file.
    assert last - first + 1 > 2_000_000
    assert sum(answer.sent for answer in gets) <= 1.02 * (last - first + 1)
    assert len(gets) <= 4


def test_opening_asks_for_little(server, site, backend):
    with open_raster(f"{server.url}/site.tif", backend):
        pass
    assert len(server.answered) <= 8
    assert server.bytes_sent <= 40_000
    assert not [answer for answer in server.answered if answer.path == "/"]  # no folder is listed


def test_nothing_is_sought_beside_an_address_with_a_query(server, site, backend):
    """GDAL adds ".msk" to the query, and a server that ignores queries would answer with the raster itself."""
    with open_raster(f"{server.url}/site.tif?version=3", backend) as remote, open_raster(site, backend) as local:
        assert not remote.info.has_own_mask
        assert remote.info.overviews == local.info.overviews
    assert len(server.answered) <= 5


@pytest.mark.parametrize("fault", ["500", "503", "cut", "short", "429"])
def test_a_fault_that_passes_is_not_noticed(server, site, backend, fault):
    with open_raster(f"{server.url}/site.tif", backend) as remote, open_raster(site, backend) as local:
        server.set(fault=fault, faulty=[0, 2])
        np.testing.assert_array_equal(remote.read([1, 2, 3], WINDOW), local.read([1, 2, 3], WINDOW))
        assert len(server.answered) >= 3


@pytest.mark.parametrize("fault", ["500", "cut", "short", "403", "404"])
@pytest.mark.parametrize("unreadable", ["stop", "nodata"])
def test_a_fault_that_stays_is_an_error_and_never_pixels(server, site, backend, fault, unreadable):
    """Also where damaged blocks count as nodata, unless the server itself says that all is well."""
    with open_raster(f"{server.url}/site.tif", backend, unreadable=unreadable) as reader:
        server.set(fault=fault, faulty=[0, 10**6])
        if unreadable == "nodata" and fault in ("cut", "short"):
            return
        with pytest.raises(RasterError, match=r"cannot be read|has changed") as caught:
            reader.read([1, 2, 3], WINDOW)
    assert "\n" not in str(caught.value)
    if fault.isdigit():
        assert f"HTTP {fault}" in str(caught.value)


def test_a_server_that_says_nothing_is_given_up(server, site, backend):
    server.set(fault="hang", faulty=[0, 10**6])
    with pytest.raises(RasterError, match=r"timed out"):
        open_raster(f"{server.url}/site.tif", backend)


@pytest.mark.parametrize("shape", [None, (175, 225)])
def test_who_waits_for_a_silent_server_can_stop(server, site, backend, shape):
    stopping = []

    def check():
        if stopping:
            raise CancelledError

    with open_raster(f"{server.url}/site.tif", backend, check=check) as reader:
        server.set(fault="hang", faulty=[0, 10**6])
        stopping.append(True)
        with pytest.raises(CancelledError):
            reader.read([1, 2, 3], WINDOW, shape)


@pytest.mark.parametrize("name", ["site.tif", "items.json"])
def test_who_waits_for_a_silent_server_to_open_can_stop(server, site, backend, monkeypatch, name):
    def check():
        if any(answer.method == "HEAD" for answer in server.answered) or name != "site.tif":
            raise CancelledError

    monkeypatch.setenv("GDAL_HTTP_LOW_SPEED_TIME", "60")
    server.set(fault="hang", faulty=[0, 10**6])
    with pytest.raises(CancelledError):
        open_raster(f"{server.url}/{name}", backend, check=check)


def test_who_waits_to_hear_of_changes_can_stop(server, site, backend):
    def check():
        raise CancelledError

    with open_raster(f"{server.url}/site.tif", backend) as reader:
        server.set(latency=1.0)
        with pytest.raises(CancelledError):
            check_raster_unchanged(reader.info, backend, check)


def test_an_address_where_nobody_listens(server, site, backend):
    server.stop()
    with pytest.raises(RasterError, match=r"refused.*check the address and the connection"):
        open_raster(f"{server.url}/site.tif", backend)


def test_what_is_no_raster_is_said_to_be_none(server, tmp_path, backend):
    (tmp_path / "served" / "page.tif").write_text("<html>Not the file that you want.</html>" * 1000)
    with pytest.raises(RasterError, match=r"cannot be opened as a raster"):
        open_raster(f"{server.url}/page.tif", backend)


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("name", ["mosaic.vrt", "harmless.tif"])
def test_a_vrt_from_a_server_is_refused_whatever_its_name(server, tmp_path, backend, name, ranges):
    """It could name local files, or itself."""
    server.set(ranges=ranges)
    source = (
        f"<SimpleSource><SourceFilename>/vsicurl/{server.url}/{name}</SourceFilename><SourceBand>1</SourceBand>"
        '<SourceProperties RasterXSize="512" RasterYSize="512" DataType="Byte" BlockXSize="128" BlockYSize="128"/>'
        "</SimpleSource>"
    )
    (tmp_path / "served" / name).write_text(
        f'<VRTDataset rasterXSize="512" rasterYSize="512"><VRTRasterBand dataType="Byte" band="1">{source}'
        "</VRTRasterBand></VRTDataset>"
    )
    with pytest.raises(RasterError, match="is a VRT on a server"):
        open_raster(f"{server.url}/{name}", backend)


def test_a_server_without_ranges_sends_the_file_once(server, site, backend):
    server.set(ranges=False)
    reader = open_raster(f"{server.url}/site.tif?token=abc", backend)
    copy = reader.info.source.copies[0]
    with open_raster(reader.info.source) as again, open_raster(site, backend) as local:
        np.testing.assert_array_equal(again.read([1, 2, 3], WINDOW), local.read([1, 2, 3], WINDOW))
    reader.close()
    whole = [answer for answer in server.answered if answer.method == "GET" and answer.sent == site.stat().st_size]
    assert len(whole) <= 2  # one of them is only asked whether there are ranges, and left
    assert os.path.exists(copy.path)
    folder = os.path.dirname(copy.path)
    del reader, again, copy
    assert not os.path.exists(folder)


def test_a_file_too_large_to_download_is_refused(server, site, backend, monkeypatch):
    server.set(ranges=False)
    monkeypatch.setattr("uhrs_qgis_plugin.engine.raster.servers.files.MOST_OF_FREE", 1e-12)
    with pytest.raises(RasterError, match=r"only whole.*do not fit"):
        open_raster(f"{server.url}/site.tif", backend)


def test_a_download_that_comes_short_is_refused(server, site, backend):
    server.set(ranges=False, fault="short", faulty=[1, 10**6])
    with pytest.raises(RasterError, match=r"came with .* bytes of"):
        open_raster(f"{server.url}/site.tif", backend)


@pytest.mark.parametrize("etags", [True, False])
def test_a_changed_file_is_noticed(server, serve, site, backend, etags):
    server.set(etags=etags)
    with open_raster(f"{server.url}/site.tif", backend) as reader:
        assert check_raster_unchanged(reader.info, backend) == ""
        content = site.read_bytes()
        site.write_bytes(content[:-100] + bytes(100))
        os.utime(site, (2_000_000_000, 2_000_000_000))
        with pytest.raises(RasterError, match=r"site.tif' has changed on its server"):
            check_raster_unchanged(reader.info, backend)


def test_a_new_run_sees_the_new_file(server, serve, backend):
    """GDAL keeps what it has read of a file in memory, and would read the new one by the places of the old one."""
    first = serve("one.tif", width=300, height=300)
    with open_raster(f"{server.url}/one.tif", backend) as reader:
        reader.read([1], Window(0, 0, 300, 300))
    first.unlink()
    second = serve("one.tif", width=400, height=300, count=1)
    with open_raster(f"{server.url}/one.tif", backend) as reader, open_raster(second, backend) as local:
        assert reader.info.count == 1
        np.testing.assert_array_equal(reader.read([1], WINDOW_OF_300), local.read([1], WINDOW_OF_300))


WINDOW_OF_300 = Window(0, 0, 300, 400)


def test_settings_of_the_user_stay(server, site, backend, monkeypatch):
    monkeypatch.setenv("CPL_VSIL_CURL_ALLOWED_EXTENSIONS", ".jpg")
    with pytest.raises(RasterError):
        open_raster(f"{server.url}/site.tif", backend)
