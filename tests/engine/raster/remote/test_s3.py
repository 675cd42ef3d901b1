"""Rasters in buckets: GDAL's own driver and environment variables, against the S3 server of moto."""

import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from tests.engine.fakes import PixelStreams, fake_bundle
from tests.engine.segmentation.runs import SMALL, outputs_in
from tests.environments import can_import
from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import check_raster_unchanged, open_raster
from uhrs_qgis_plugin.engine.segmentation import pipeline

TRAIN = Path(__file__).resolve().parents[4] / ".venv-train" / "bin" / "python"  # which has moto
PYTHON = sys.executable if can_import("moto") else str(TRAIN)
SECRET = "c0ffee5ec2e7"  # pragma: allowlist secret
WINDOW = Window(100, 300, 700, 900)

pytestmark = pytest.mark.skipif(not (can_import("moto") or TRAIN.exists()), reason="moto is in .venv-train")


@pytest.fixture(scope="module")
def moto():
    """The server: its host and port, and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    command = [PYTHON, "-m", "moto.server", "-H", "127.0.0.1", "-p", place.split(":")[1]]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://{place}/moto-api/data.json", timeout=5)
                break
            except OSError:
                time.sleep(0.1)
        yield place
    finally:
        process.kill()
        process.wait()


def ask(place, method, path, content=None):
    """Make a bucket, or an object in it, or delete one, as a user whose signature moto does not check."""
    user = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
    headers = {"Content-Type": "application/octet-stream", "Authorization": user}
    request = urllib.request.Request(f"http://{place}{path}", content, headers, method=method)
    urllib.request.urlopen(request, timeout=20).read()


@pytest.fixture
def bucket(moto, cog, server, monkeypatch):
    """A bucket with dir/site.tif, which GDAL finds by its environment variables; where it is."""
    settings = {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_S3_ENDPOINT": moto,
        "AWS_HTTPS": "NO",
        "AWS_VIRTUAL_HOSTING": "FALSE",
        "AWS_REGION": "us-east-1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    ask(moto, "POST", "/moto-api/reset")
    ask(moto, "PUT", "/bucket")
    ask(moto, "PUT", "/bucket/dir/site.tif", cog.read_bytes())
    return moto


@pytest.mark.parametrize("name", ["s3://bucket/dir/site.tif", "/vsis3/bucket/dir/site.tif"])
def test_pixels_are_those_of_the_local_file(bucket, cog, backend, name):
    with open_raster(name, backend) as remote, open_raster(cog, backend) as local:
        for window, shape in ((WINDOW, None), (Window(0, 0, 2048, 1024), (512, 256))):
            np.testing.assert_array_equal(remote.read([1, 2, 3], window, shape), local.read([1, 2, 3], window, shape))
        assert check_raster_unchanged(remote.info, backend) == ""


def test_a_changed_object_is_noticed(bucket, cog, backend):
    with open_raster("s3://bucket/dir/site.tif", backend) as reader:
        ask(bucket, "PUT", "/bucket/dir/site.tif", cog.read_bytes()[:-10] + bytes(10))
        with pytest.raises(RasterError, match=r"s3://bucket/dir/site.tif' has changed .*ETag"):
            check_raster_unchanged(reader.info, backend)


@pytest.mark.parametrize("name", ["s3://bucket/missing.tif", "s3://nowhere/site.tif"])
def test_what_is_not_there_is_said(bucket, backend, name):
    with pytest.raises(RasterError, match=r"(404|does not exist).*: check the address\.$"):
        open_raster(name, backend)


@pytest.mark.parametrize("unreadable", ["stop", "nodata"])
def test_an_object_that_is_gone_is_an_error_and_never_nodata(bucket, backend, unreadable):
    with open_raster("s3://bucket/dir/site.tif", backend, unreadable=unreadable) as reader:
        ask(bucket, "DELETE", "/bucket/dir/site.tif")
        with pytest.raises(RasterError, match="HTTP 404, NoSuchKey"):
            reader.read([1, 2, 3], WINDOW)


def test_a_run_writes_no_secret(bucket, monkeypatch, tmp_path, capfd, caplog):
    caplog.set_level(0)
    monkeypatch.setattr(pipeline, "open_streams", lambda bundle, device, announce, precision: PixelStreams())
    (tmp_path / "out").mkdir()
    options = pipeline.Options(**SMALL, ratio=0.2, bounds=(500000, 4999872, 500128, 5000000))
    report = pipeline.segment(
        "s3://bucket/dir/site.tif", fake_bundle(patch_side=32), outputs_in(tmp_path / "out"), options
    )
    assert report.network["bytes"] > 0
    assert report.raster == "s3://bucket/dir/site.tif"
    texts = [path.read_bytes() for path in (tmp_path / "out").iterdir()]
    printed = capfd.readouterr()
    assert len(texts) >= 3
    for text in (*texts, caplog.text.encode(), printed.out.encode(), printed.err.encode()):
        assert SECRET.encode() not in text
