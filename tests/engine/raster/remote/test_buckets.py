"""Buckets of Google and Azure by GDAL's own drivers, and signatures that expire while a run reads."""

import base64
import os
import shutil

import numpy as np
import pytest

from tests.engine.fakes import PixelStreams, fake_bundle
from tests.engine.segmentation.runs import SMALL, outputs_in
from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import check_raster_unchanged, open_raster
from uhrs_qgis_plugin.engine.segmentation import pipeline

WINDOW = Window(100, 300, 700, 900)
SECRET = "c0ffee5ec2e7c0ffee5ec2e7"  # pragma: allowlist secret
KEY = base64.b64encode(SECRET.encode()).decode()
SAS = f"sv=2024-11-04&se=2026-01-01T00%3A00%3A00Z&sr=c&sp=r&sig={SECRET}"


def google(host):
    return {
        "CPL_GS_ENDPOINT": f"http://{host}/",
        "GS_ACCESS_KEY_ID": "GOOGEXAMPLE",
        "GS_SECRET_ACCESS_KEY": SECRET,
    }


def azure(host):
    parts = f"AccountName=me;AccountKey={KEY};BlobEndpoint=http://{host}"
    return {"AZURE_STORAGE_CONNECTION_STRING": f"DefaultEndpointsProtocol=http;{parts}"}


def azure_sas(host):
    parts = f"AccountName=me;SharedAccessSignature={SAS};BlobEndpoint=http://{host}"
    return {"AZURE_STORAGE_CONNECTION_STRING": f"DefaultEndpointsProtocol=http;{parts}"}


def amazon(host):
    return {
        "AWS_S3_ENDPOINT": host,
        "AWS_HTTPS": "NO",
        "AWS_VIRTUAL_HOSTING": "FALSE",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_SESSION_TOKEN": f"token-{SECRET}",
    }


# Address, GDAL's name, its settings, and texts of which each request must carry one.
BUCKETS = {
    "google": ("gs://bucket/site.tif", "/vsigs/bucket/site.tif", google, "GOOGEXAMPLE"),
    "azure": ("az://bucket/site.tif", "/vsiaz/bucket/site.tif", azure, "SharedKey me:", "sig="),
    "azure sas": ("az://bucket/site.tif", "/vsiaz/bucket/site.tif", azure_sas, f"sig={SECRET}"),
    "amazon": ("s3://bucket/site.tif", "/vsis3/bucket/site.tif", amazon, "AKIDEXAMPLE"),
}
REFUSALS = {
    "google": "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>",
    "azure": "<Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.</Message>"
    "<AuthenticationErrorDetail>Signature not valid in the specified time frame</AuthenticationErrorDetail></Error>",
    "amazon": "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>",
    "signed": "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
}


@pytest.fixture
def bucket(server, cog, tmp_path):
    """The folder of a bucket with site.tif, on the server."""
    folder = tmp_path / "served" / "bucket"
    folder.mkdir()
    shutil.copy(cog, folder / "site.tif")
    return folder


@pytest.fixture(params=BUCKETS)
def service(request, server, bucket, monkeypatch):
    """A service: its name, the address of the raster, and GDAL's name for it."""
    address, name, settings, *needs = BUCKETS[request.param]
    for variable, value in settings(server.url.removeprefix("http://")).items():
        monkeypatch.setenv(variable, value)
    server.set(authorization=needs)
    return request.param, address, name


def test_pixels_are_those_of_the_local_file(service, cog, backend):
    _, address, name = service
    for path in (address, name):
        with open_raster(path, backend) as remote, open_raster(cog, backend) as local:
            for window, shape in ((WINDOW, None), (Window(0, 0, 2048, 1024), (512, 256))):
                np.testing.assert_array_equal(
                    remote.read([1, 2, 3], window, shape), local.read([1, 2, 3], window, shape)
                )
            assert check_raster_unchanged(remote.info, backend) == ""


def test_a_missing_object_is_said(service, backend):
    _, address, _ = service
    with pytest.raises(RasterError, match=r"(404|does not exist).*: check the address\.$"):
        open_raster(address.replace("site", "missing"), backend)


def test_a_refusal_is_said(service, server, backend):
    server.set(authorization=["somebody else"])
    with pytest.raises(RasterError, match=r"credentials.*: get a new address or set them") as caught:
        open_raster(service[1], backend)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(("address", "variables"), [(BUCKETS["google"][0], ("GS_", "GOOGLE_"))])
def test_missing_credentials_are_said(server, bucket, backend, monkeypatch, tmp_path, address, variables):
    for name in [name for name in os.environ if name.startswith(variables)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CPL_GS_ENDPOINT", f"{server.url}/")
    monkeypatch.setenv("CPL_GS_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(RasterError, match=r"GDAL has no credentials for it: get a new address or set them"):
        open_raster(address, backend)


@pytest.mark.parametrize("kind", [*REFUSALS])
def test_what_expires_in_the_middle_is_a_line_and_resume_goes_on(
    server, bucket, kind, backend, monkeypatch, tmp_path, capfd, caplog
):
    """The new signature, or the new credentials, give the bytes of a run that nothing disturbed."""
    caplog.set_level(0)
    monkeypatch.setattr(pipeline, "open_streams", lambda bundle, device, announce, precision: PixelStreams())
    service = BUCKETS.get("azure sas" if kind == "azure" else kind)
    address = f"{server.url}/bucket/site.tif?token={SECRET}"
    if service is not None:
        address = service[0]
        for variable, value in service[2](server.url.removeprefix("http://")).items():
            monkeypatch.setenv(variable, value)
    bounds = (500000, 4999744, 500256, 5000000)  # 512 x 512 pixels
    options = pipeline.Options(**SMALL, ratio=0.5, resume=True, bounds=bounds)

    def segment(folder, address):
        (tmp_path / folder).mkdir(exist_ok=True)
        return pipeline.segment(address, fake_bundle(patch_side=32), outputs_in(tmp_path / folder), options)

    segment("whole", address)
    needed = sum(answer.method == "GET" for answer in server.answered)
    server.set(fault="403", faulty=[needed // 2, 10**9], refusal=REFUSALS[kind])
    with pytest.raises(RasterError, match=r"HTTP 403, \w+\): .* have expired: get a new address or set") as caught:
        segment("out", address)
    left = list((tmp_path / "out").iterdir())
    assert left
    assert all(path.name.startswith(".") for path in left)
    server.set()
    segment("out", address.replace("?token=", "?again="))
    for path in (tmp_path / "whole").glob("*.tif"):
        assert path.read_bytes() == (tmp_path / "out" / path.name).read_bytes()
    printed = capfd.readouterr()
    texts = [path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    texts += [text.encode() for text in (str(caught.value), caplog.text, printed.out, printed.err)]
    assert not [text for text in texts if SECRET.encode() in text or KEY.encode() in text]
