"""Runs that end early and go on later, and a budget of time."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.engine.conftest import rasters_in
from tests.engine.fakes import NeighbourStreams, fake_bundle
from tests.engine.segmentation.runs import SMALL, Stopper, outputs_in, read_whole
from tests.engine.tiny_bundle import write_tiny_bundle
from uhrs_qgis_plugin.engine.errors import CancelledError, OutputError, ResumeError
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.segmentation import pipeline
from uhrs_qgis_plugin.engine.segmentation.pipeline import segment
from uhrs_qgis_plugin.engine.segmentation.planning import job
from uhrs_qgis_plugin.engine.segmentation.planning.options import Options

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def fake_streams():
    return NeighbourStreams()


def _results(folder):
    return read_whole(folder / "classes.tif")[0], read_whole(folder / "uncertainty.tif")[0]


@pytest.mark.parametrize("mask", [False, True])
def test_resumed_at_any_moment_gives_the_same(make_raster, streams, out, mask):
    raster = make_raster(width=200, height=150, mask=mask)
    bundle = fake_bundle(patch_side=32)
    expected_report = segment(raster, bundle, outputs_in(out), Options(**SMALL))
    expected = _results(out)
    for name in os.listdir(out):
        os.remove(out / name)
    stops, patches = 0, []
    for after in range(0, 400, 2):
        streams.patches.clear()
        try:
            report = segment(
                raster, bundle, outputs_in(out), Options(**SMALL, resume=True), Watch(is_cancelled=Stopper(after))
            )
        except CancelledError:
            stops += 1
            patches.append(len(streams.patches))
            assert os.listdir(out) in ([], [".classes.resume.uhrs-run"])
        else:
            break
    assert stops > 3
    assert sorted(os.listdir(out)) == ["classes.tif", "classes.tif.aux.xml", "report.json", "uncertainty.tif"]
    for one, other in zip(_results(out), expected):
        assert np.array_equal(one, other)
    assert report.classes == expected_report.classes
    assert report.selected_patches == expected_report.selected_patches
    assert len(streams.patches) < report.selected_patches  # the last run only did the rest


def test_another_job_does_not_go_on_from_it(make_raster, streams, out):
    raster, bundle = make_raster(width=200, height=150), fake_bundle(patch_side=32)

    def stopped(raster, **options):
        segment(raster, bundle, outputs_in(out), Options(**SMALL, **options), Watch(is_cancelled=Stopper(12)))

    with pytest.raises(CancelledError):
        stopped(raster, resume=True)
    with pytest.raises(ResumeError, match="another set of options"):
        stopped(raster, resume=True, ratio=0.1)
    with pytest.raises(ResumeError, match="another raster"):
        stopped(make_raster(width=200, height=150), resume=True)
    os.utime(raster, (1, 1))
    with pytest.raises(ResumeError, match="another raster"):
        stopped(raster, resume=True)
    assert os.listdir(out) == [".classes.resume.uhrs-run"]
    segment(raster, bundle, outputs_in(out), Options(**SMALL))  # without resume it is left alone
    assert ".classes.resume.uhrs-run" in os.listdir(out)


def test_another_precision_does_not_go_on_from_it(make_raster, out, tmp_path):
    """Nor does "auto" where the choice has changed, such as on another computer: its numbers are others."""
    raster, bundle = make_raster(width=200, height=150), write_tiny_bundle(tmp_path / "both.uhrs", int8=True)

    def run(precision, **watch):
        options = Options(**SMALL, device="cpu", precision=precision, resume=True)
        return segment(raster, bundle, outputs_in(out), options, Watch(**watch))

    with pytest.raises(CancelledError):
        run("int8", is_cancelled=Stopper(12))
    with pytest.raises(ResumeError, match="another set of options"):
        run("float")
    assert run("int8").precision == "int8"
    small = read_whole(out / "classes.tif")
    assert run("float").precision == "float"
    assert not np.array_equal(read_whole(out / "classes.tif"), small)


def test_the_precision_that_is_taken_is_a_part_of_the_job(make_raster, streams, out):
    raster, bundle = make_raster(width=200, height=150), fake_bundle(patch_side=32)
    streams.precision = "int8"
    with pytest.raises(CancelledError):
        segment(raster, bundle, outputs_in(out), Options(**SMALL, resume=True), Watch(is_cancelled=Stopper(12)))
    streams.precision = "float"
    with pytest.raises(ResumeError, match="another precision"):
        segment(raster, bundle, outputs_in(out), Options(**SMALL, resume=True))


def test_an_error_keeps_the_journal_too(make_raster, streams, out, monkeypatch):
    raster, bundle = make_raster(width=200, height=150), fake_bundle(patch_side=32)
    real, calls = pipeline.BlockFiles.write, []

    def full(self, block):
        calls.append(block.index)
        if len(calls) == 4:
            raise OutputError("disk is full")
        real(self, block)

    monkeypatch.setattr(pipeline.BlockFiles, "write", full)
    with pytest.raises(OutputError, match="disk is full"):
        segment(raster, bundle, outputs_in(out), Options(**SMALL, resume=True))
    segment(raster, bundle, outputs_in(out), Options(**SMALL, resume=True))
    assert sorted(set(calls)) == list(range(12))
    assert len(calls) == 13  # only the failed block came twice


def test_coarse_map_in_files_changes_nothing(make_raster, streams, out, monkeypatch):
    raster, bundle = make_raster(width=300, height=300), fake_bundle(patch_side=32)
    segment(raster, bundle, outputs_in(out), Options(**SMALL))
    expected = _results(out)
    monkeypatch.setattr(job, "COARSE_BYTES_IN_MEMORY", 0)
    segment(raster, bundle, outputs_in(out), Options(**SMALL))
    for one, other in zip(_results(out), expected):
        assert np.array_equal(one, other)
    assert sorted(os.listdir(out)) == ["classes.tif", "classes.tif.aux.xml", "report.json", "uncertainty.tif"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Begins a run on the command line; the folder of one that nobody killed, and how long it took."""
    given, folder = tmp_path_factory.mktemp("given"), tmp_path_factory.mktemp("whole")
    write_tiny_bundle(given / "tiny.uhrs")
    command = [sys.executable, "-m", "uhrs_qgis_plugin.engine", "segment", rasters_in(given)(width=900, height=700)]
    command += ["--model", str(given / "tiny.uhrs"), "--block-side", "128", "--scene-side", "256"]
    command += ["--scene-overlap", "64", "--device", "cpu", "--quiet"]

    def run(folder, *more):
        names = ["--classes", str(folder / "classes.tif"), "--uncertainty", str(folder / "uncertainty.tif")]
        return subprocess.Popen([*command, *names, *more], cwd=ROOT, stderr=subprocess.PIPE)

    begun = time.monotonic()
    assert run(folder).wait() == 0
    return run, folder, time.monotonic() - begun


@pytest.mark.backend
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_killed_and_resumed_from_the_command_line(whole, out, seed):
    """kill -9 at random moments, a real onnxruntime: the files come out byte for byte as without."""
    run, expected, seconds = whole
    rng = np.random.default_rng(seed)
    for _ in range(4):
        process = run(out, "--resume")
        time.sleep(seconds * rng.uniform(0.2, 1.0))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    process = run(out, "--resume")
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert sorted(os.listdir(out)) == sorted(os.listdir(expected))
    for name in ("classes.tif", "uncertainty.tif"):
        assert np.array_equal(read_whole(out / name)[0], read_whole(expected / name)[0])


def test_minutes(make_raster, streams, out):
    raster, bundle = make_raster(width=400, height=300), fake_bundle(patch_side=32)
    report = segment(raster, bundle, outputs_in(out), Options(**SMALL, minutes=10))
    assert report.selected_patches == report.patches
    assert report.minutes == 10
    report = segment(raster, bundle, outputs_in(out), Options(**SMALL, minutes=1e-6))
    assert report.selected_patches == 0
    assert report.ratio_asked is None
    assert json.loads((out / "report.json").read_text())["ratio"] == 0
    assert (read_whole(out / "classes.tif")[0] != 255).all()
