"""Whole runs of a raster on a server: same results, no secrets, never of two files, resumed with a new signature."""

import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.engine.fakes import fake_bundle
from tests.engine.raster_cases import vrt_band, write_vrt
from tests.engine.segmentation.runs import SMALL, Stopper, outputs_in, read_whole
from tests.engine.tiny_bundle import write_tiny_bundle
from uhrs_qgis_plugin.engine.cli import main
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError, RasterError, ResumeError
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.raster.backends import backend_of
from uhrs_qgis_plugin.engine.segmentation.pipeline import segment
from uhrs_qgis_plugin.engine.segmentation.planning.options import Options

BACKEND = backend_of("auto").NAME
SECRET = "c0ffee5ec2e7"  # pragma: allowlist secret


@pytest.fixture
def local(make_raster, server, tmp_path):
    """A raster that the server has as site.tif."""
    path = make_raster(width=400, height=300, overviews=(2, 4))
    shutil.copy(path, tmp_path / "served" / "site.tif")
    return path


@pytest.fixture
def served(tmp_path):
    return tmp_path / "served" / "site.tif"


@pytest.fixture
def bundle():
    return fake_bundle(patch_side=32)


def _vrt_of(source, tmp_path):
    """A .vrt file in place of the raster."""
    named = "<SimpleSource><SourceFilename>{}</SourceFilename><SourceBand>{}</SourceBand></SimpleSource>"
    bands = "".join(vrt_band(number, "Byte", inner=named.format(source, number)) for number in (1, 2, 3))
    return write_vrt(tmp_path, bands, size=(400, 300))


def _changing(path, after):
    """A progress that puts another file in the place of the raster."""
    shares = []

    def report(share):
        shares.append(share)
        if len(shares) == after:
            os.utime(path, (2_000_000_000, 2_000_000_000))

    return report


def test_results_are_those_of_the_local_file(server, local, streams, bundle, out):
    report = segment(local, bundle, outputs_in(out), Options(**SMALL, ratio=0.4))
    expected = read_whole(out / "classes.tif")[0], read_whole(out / "uncertainty.tif")[0]
    server.set()
    remote = segment(f"{server.url}/site.tif", bundle, outputs_in(out), Options(**SMALL, ratio=0.4))
    answered = server.answered
    np.testing.assert_array_equal(read_whole(out / "classes.tif")[0], expected[0])
    np.testing.assert_array_equal(read_whole(out / "uncertainty.tif")[0], expected[1])
    assert report.network is None
    assert remote.network["bytes"] == sum(answer.sent for answer in answered)
    assert abs(remote.network["requests"] - len(answered)) <= 0.1 * len(answered) + 4
    assert remote == replace(
        report,
        raster=f"{server.url}/site.tif",
        run=remote.run,
        network=remote.network,
        seconds=remote.seconds,
        peak_memory_bytes=remote.peak_memory_bytes,
    )


@pytest.mark.parametrize("failing", [False, True])
def test_secrets_are_nowhere(server, local, streams, bundle, out, caplog, capfd, failing):
    caplog.set_level(0)
    server.set(secret=SECRET, fault="403" if failing else "", faulty=[6, 10**6])
    address = f"{server.url.replace('//', '//me:' + SECRET + '@')}/site.tif?token={SECRET}"
    texts, ended = [], ""
    try:
        watch = Watch(notify=lambda event: texts.append(repr(event)))
        segment(address, bundle, outputs_in(out), Options(**SMALL, ratio=0.4, resume=True), watch)
    except RasterError as error:
        ended = str(error)
    assert ("HTTP 403" in ended) == failing
    files = [os.path.join(folder, name) for folder, _, names in os.walk(out) for name in names]
    assert files
    for file in files:
        with open(file, "rb") as content:
            assert SECRET.encode() not in content.read(), file
    printed = capfd.readouterr()
    for text in (ended, *texts, *map(str, files), caplog.text, printed.out, printed.err):
        assert SECRET not in text


@pytest.mark.parametrize("fault", ["", "403"])
def test_a_vrt_of_sources_on_a_server_shows_no_secret(
    server, local, streams, bundle, out, tmp_path, caplog, capfd, fault
):
    caplog.set_level(0)
    # With the fault, for GDAL keeps what it has read by the address.
    address = f"{server.url.replace('//', '//me:' + SECRET + '@')}/site.tif?token={SECRET}&amp;fault={fault}"
    vrt = _vrt_of(f"/vsicurl/{address}", tmp_path)
    server.set(secret=SECRET, fault=fault, faulty=[6, 10**6])
    texts, ended, report = [], "", None
    try:
        watch = Watch(notify=lambda event: texts.append(repr(event)))
        report = segment(vrt, bundle, outputs_in(out), Options(**SMALL, ratio=0.4, resume=True), watch)
    except RasterError as error:
        ended = str(error)
    assert bool(ended) == bool(fault or BACKEND == "rasterio")
    assert ("give a list (.txt) of the addresses" in ended) == (BACKEND == "rasterio")
    files = [os.path.join(folder, name) for folder, _, names in os.walk(out) for name in names]
    printed = capfd.readouterr()
    contents = [Path(file).read_bytes().decode("latin-1") for file in files]
    for text in (ended, *texts, *files, *contents, caplog.text, printed.out, printed.err):
        assert SECRET not in text
    if report is not None:
        (line,) = report.warnings
        shown = f"{server.url}/site.tif?***"
        assert line.startswith(f"Changes of '/vsicurl/{shown}', which a VRT names, are not noticed: ")
        assert report.network["bytes"] > 0


def test_a_vrt_of_local_sources_is_not_doubted(local, streams, bundle, out, tmp_path):
    vrt = _vrt_of(local, tmp_path)
    report = segment(vrt, bundle, outputs_in(out), Options(**SMALL, ratio=0.4))
    assert (report.network, list(report.warnings)) == (None, [])


def test_the_command_line_shows_no_secret(server, capsys, tmp_path):
    server.set(secret="another")  # pragma: allowlist secret
    assert main(["segment", f"{server.url}/site.tif?token={SECRET}", "--classes", str(tmp_path / "c.tif")]) == 2
    printed = capsys.readouterr()
    assert "HTTP 403" in printed.err
    assert SECRET not in printed.out + printed.err


def test_the_command_line_tells_the_traffic_of_servers_alone(server, local, tmp_path, capsys):
    write_tiny_bundle(tmp_path / "tiny.uhrs")
    printed = {}
    for raster in (f"{server.url}/site.tif", local):
        command = ["segment", raster, "--classes", str(tmp_path / "c.tif"), "--report", str(tmp_path / "r.json")]
        server.set()
        assert main([*command, "--model", str(tmp_path / "tiny.uhrs"), "--device", "cpu"]) == 0
        printed[raster] = capsys.readouterr().out
        network = json.loads((tmp_path / "r.json").read_text())["network"]
        assert ("Fetched" in printed[raster]) == (raster != local) == (network is not None)
        if network is not None:
            sent, requests = sum(answer.sent for answer in server.answered), network["requests"]
            assert printed[raster].endswith(f"\nFetched {sent / 1000:.0f} kB in {requests} requests.\n")


def test_a_bucket_without_credentials_is_one_line(tmp_path, monkeypatch, capfd):
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["segment", "s3://bucket/x.tif", "--classes", str(tmp_path / "c.tif")]) == 2
    (line,) = [text for text in capfd.readouterr().err.splitlines() if "checks" not in text]
    assert re.match(r"error: 's3://bucket/x.tif' cannot be read \(.*AWS_SECRET_ACCESS_KEY.*\): ", line)


@pytest.mark.parametrize("after", [3, 30])
def test_a_file_that_changes_during_the_run_ends_it(server, local, served, streams, bundle, out, after):
    with pytest.raises(RasterError, match=r"site.tif' has changed on its server"):
        segment(
            f"{server.url}/site.tif",
            bundle,
            outputs_in(out),
            Options(**SMALL, ratio=0.4),
            Watch(progress=_changing(served, after)),
        )
    assert os.listdir(out) == []


def test_a_run_is_resumed_with_another_signature_and_not_with_another_file(server, local, served, streams, bundle, out):
    options = Options(**SMALL, ratio=0.4, resume=True)
    address = f"{server.url}/site.tif?signature="
    with pytest.raises(CancelledError):
        segment(f"{address}one", bundle, outputs_in(out), options, Watch(is_cancelled=Stopper(60)))
    (folder,) = os.listdir(out)
    assert "one" not in (out / folder / "run.json").read_text()
    done = served.stat().st_mtime_ns
    os.utime(served, ns=(done, done + 9 * 10**9))
    with pytest.raises(ResumeError, match="another raster"):
        segment(f"{address}two", bundle, outputs_in(out), options)
    os.utime(served, ns=(done, done))
    segment(f"{address}three", bundle, outputs_in(out), options)


def test_a_server_without_ranges_is_said(server, local, streams, bundle, out):
    server.set(ranges=False)
    report = segment(f"{server.url}/site.tif", bundle, outputs_in(out), Options(**SMALL))
    assert any("sends files only whole" in text for text in report.messages)
    assert json.loads((out / "report.json").read_text())["network"]["bytes"] == os.path.getsize(local)


@pytest.mark.parametrize("path", ["/vsis3/bucket/classes.tif", "https://host/c.tif?sig=5ec2e7", "s3://bucket/c.tif"])
def test_outputs_are_local(local, streams, bundle, path):
    with pytest.raises(OptionsError, match="is not local") as caught:
        segment(local, bundle, Outputs(path), Options(**SMALL))
    assert "5ec2e7" not in str(caught.value)
