"""Mosaics of rasters on servers: lists of addresses."""

import os

import numpy as np
import pytest

from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import check_raster_unchanged, open_raster

WHOLE = Window(0, 0, 100, 220)


@pytest.fixture
def pair(serve):
    """Two rasters side by side, with a gap between them; their local paths."""
    return [
        serve(f"{name}.tif", width=100, height=100, transform=(x, 0.5, 0.0, 5000000.0, 0.0, -0.5))
        for name, x in (("west", 500000.0), ("east", 500060.0))
    ]


@pytest.fixture
def both(pair, server, tmp_path):
    """Lists of both: of their addresses, and of their local paths."""
    addresses, paths = tmp_path / "addresses.txt", tmp_path / "paths.txt"
    addresses.write_text("".join(f"{server.url}/{path.name}?token=5ec2e7\n" for path in pair))
    paths.write_text("".join(f"{path}\n" for path in pair))
    return addresses, paths


def _same(remote, local):
    np.testing.assert_array_equal(remote.read([1, 2, 3], WHOLE), local.read([1, 2, 3], WHOLE))
    np.testing.assert_array_equal(remote.read_valid([1, 2, 3], WHOLE), local.read_valid([1, 2, 3], WHOLE))


@pytest.mark.parametrize("ranges", [True, False])
def test_a_list_of_addresses_reads_like_a_list_of_files(server, both, backend, ranges):
    server.set(ranges=ranges)
    with open_raster(both[0], backend) as remote, open_raster(both[1], backend) as local:
        _same(remote, local)
        assert len(remote.info.source.remote) == 2
        with open_raster(remote.info.source, backend) as again:
            _same(again, local)


def test_a_fault_that_passes_is_not_noticed(server, both, backend):
    with open_raster(both[0], backend) as remote, open_raster(both[1], backend) as local:
        server.set(fault="500", faulty=[0, 3])
        _same(remote, local)


@pytest.mark.parametrize("fault", ["500", "403"])
@pytest.mark.parametrize("unreadable", ["stop", "nodata"])
def test_a_fault_that_stays_names_the_file(server, both, backend, fault, unreadable):
    with open_raster(both[0], backend, unreadable=unreadable) as remote:
        server.set(fault=fault, faulty=[0, 10**6])
        with pytest.raises(RasterError, match=rf"west.tif.*HTTP {fault}") as caught:
            remote.read([1, 2, 3], WHOLE)
    assert "5ec2e7" not in str(caught.value)


def test_a_changed_file_is_named(server, both, pair, backend):
    with open_raster(both[0], backend) as remote:
        assert check_raster_unchanged(remote.info, backend) == ""
        os.utime(pair[1], (2_000_000_000, 2_000_000_000))
        with pytest.raises(RasterError, match=r"east.tif.* has changed"):
            check_raster_unchanged(remote.info, backend)
