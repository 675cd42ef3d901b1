import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

from tests.engine.raster.test_georeference import place
from tests.engine.tiny_bundle import write_tiny_bundle
from uhrs_qgis_plugin.engine import cli
from uhrs_qgis_plugin.engine.__main__ import leave
from uhrs_qgis_plugin.engine.bundle.bundle import read_bundle
from uhrs_qgis_plugin.engine.cli import main
from uhrs_qgis_plugin.engine.flow import Message
from uhrs_qgis_plugin.engine.segmentation import PreviewReady, Stage, StageBegun

COMMAND = [sys.executable, "-m", "uhrs_qgis_plugin.engine"]


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "tiny.uhrs"
    write_tiny_bundle(path)
    return str(path)


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def _run(*arguments):
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60)


def test_segment_writes_all_outputs(make_raster, model, out):
    raster = make_raster(width=200, height=150)
    done = _run(
        "segment", raster, "--classes", str(out / "c.tif"), "--uncertainty", str(out / "u.tif"), "--model", model,
        "--ratio", "0.5", "--device", "cpu", "--report", str(out / "r.json"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert sorted(os.listdir(out)) == ["c.tif", "c.tif.aux.xml", "r.json", "u.tif"]
    assert "200 x 150 pixels" in done.stdout
    assert "2 of 4 patches refined" in done.stdout
    lines = done.stderr.splitlines()
    assert lines[0] == "  0% checks"
    assert lines[-1] == "100% done"
    assert len(lines) < 25


def test_options_reach_the_engine(make_raster, model, out, capsys):
    raster = make_raster(width=200, height=150, count=4)
    arguments = [
        "segment", raster, "--classes", str(out / "c.tif"), "--model", model, "--threshold", "0.25",
        "--bands", "4", "1", "2", "--bounds", "500000", "4999950", "500050", "5000000",
        "--device", "cpu", "--quiet", "--batch-size", "2", "--report", str(out / "r.json"),
    ]  # fmt: skip
    assert main(arguments) == 0
    assert capsys.readouterr() == ("", "")
    report = json.loads((out / "r.json").read_text())
    assert (report["width"], report["height"], report["threshold"]) == (100, 100, 0.25)


@pytest.mark.parametrize("precision", ["float", "int8"])
def test_precision_is_chosen_and_told(make_raster, tmp_path, out, capsys, precision):
    path = str(tmp_path / "both.uhrs")
    write_tiny_bundle(path, int8=True)
    arguments = ["segment", make_raster(width=200, height=150), "--classes", str(out / "c.tif"), "--model", path]
    arguments += ["--device", "cpu", "--report", str(out / "r.json")]
    assert main([*arguments, "--precision", precision]) == 0
    assert ("on cpu in 8 bits;" in capsys.readouterr().out) is (precision == "int8")
    assert json.loads((out / "r.json").read_text())["precision"] == precision
    assert main(["info", path]) == 0
    assert "precisions:     float, int8" in capsys.readouterr().out


def test_8_bits_that_a_model_does_not_have(make_raster, model, out, capsys):
    arguments = ["segment", make_raster(), "--classes", str(out / "c.tif"), "--model", model, "--precision", "int8"]
    assert main([*arguments, "--quiet"]) == 2
    error = capsys.readouterr().err
    assert "has no 8-bit graphs: choose precision auto or float" in error
    assert error.count("\n") == 1


def test_wrong_input_is_one_line_and_status_2(tmp_path, model, out):
    done = _run("segment", str(tmp_path / "missing.tif"), "--classes", str(out / "c.tif"), "--model", model)
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert lines[-1].startswith("error: ")
    assert "missing.tif" in lines[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "required"),
        (["segment", "a.tif"], "--classes"),
        (["segment", "a.tif", "--classes", "c.tif", "--ratio", "0.1", "--threshold", "0.1"], "not allowed with"),
        (["segment", "a.tif", "--classes", "c.tif", "--ratio", "many"], "invalid float"),
        (["segment", "a.tif", "--classes", "c.tif", "--device", "tpu"], "invalid choice"),
        (["segment", "a.tif", "--classes", "c.tif", "--precision", "half"], "invalid choice"),
        (["segment", "a.tif", "--classes", "c.tif", "--bounds", "1", "2"], "expected 4"),
    ],
)
def test_wrong_arguments_are_status_2(arguments, reason, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--ratio", "2"], "ratio=2.0 is not allowed"),
        (["--model", "missing.uhrs"], "Cannot read the model 'missing.uhrs'"),
        (["--bounds", "-5", "0", "-6", "1"], "hold no area"),
    ],
)
def test_wrong_options_are_status_2(make_raster, out, arguments, reason, capsys):
    status = main(["segment", make_raster(), "--classes", str(out / "c.tif"), "--quiet", *arguments])
    assert status == 2
    error = capsys.readouterr().err
    assert reason in error
    assert error.count("\n") == 1


def test_info(model, capsys):
    assert main(["info", model]) == 0
    text = capsys.readouterr().out
    assert "band1, band2, band3 (uint8)" in text
    assert "0 class0, 1 class1, 2 class2" in text
    assert main(["info", __file__]) == 2
    assert "is not a bundle" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("metric", "text"),
    [({"score": 66.9, "rule": "mean", "iou": {"water": 84.2}}, "66.9 (IoU in per cent, rule 'mean')"), (0.5, "0.5")],
)
def test_info_tells_the_score_of_each_setting(model, monkeypatch, capsys, metric, text):
    bundle = replace(read_bundle(model), metrics={"K = 50 %": metric})
    monkeypatch.setattr(cli, "find_model", lambda name: bundle)
    assert main(["info", model]) == 0
    assert f"score K = 50 %: {text}" in capsys.readouterr().out.replace(":  ", ": ")


def test_info_tells_version_and_calibration(model, monkeypatch, capsys):
    assert main(["info", model]) == 0
    plain = capsys.readouterr().out
    assert "version:        unknown\n" in plain
    assert "calibration:    none: the final uncertainty is the network's own\n" in plain
    told = {"temperatures": {"low": 1.31, "fused": 1.2}, "measured_on": "towns, val", "error": {}}
    bundle = replace(read_bundle(model), version="2", calibration=told)
    monkeypatch.setattr(cli, "find_model", lambda name: bundle)
    assert main(["info", model]) == 0
    text = capsys.readouterr().out
    assert "version:        2\n" in text
    assert "calibration:    temperatures 1.31, 1.20, fitted on towns, val\n" in text


def test_devices(capsys):
    assert main(["devices"]) == 0
    assert capsys.readouterr().out.split()[-1] == "cpu"


def test_default_model_lies_in_the_plugin():
    assert Path(cli.DEFAULT_MODEL).parts[-3:] == ("uhrs_qgis_plugin", "models", "default.uhrs")


def test_models_are_listed_with_what_they_are_for(model, tmp_path, monkeypatch, capsys):
    """Those that come along and the user's; what cannot be used is named with its reason."""
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copy(model, folder / "copy.uhrs")
    (folder / "broken.uhrs").write_bytes(b"no zip")
    monkeypatch.setenv("UHRS_MODELS", str(folder))
    assert main(["models"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("landcover-")
    assert "tiny\n    version:    unknown\n    classes:    class0, class1, class2\n" in text
    assert "pixel size: 1 m" in text
    assert f"{folder / 'broken.uhrs'}\n    cannot be used: Model '" in text
    assert text.endswith(f"Your own models belong into {folder}\n")
    assert main(["info", "Tiny"]) == 0
    assert "name:           tiny" in capsys.readouterr().out
    assert main(["info", "huge"]) == 2
    assert "There is no model 'huge': give one of landcover-" in capsys.readouterr().err


def test_bugs_keep_their_traceback(monkeypatch, model):
    def fail(path):
        raise ZeroDivisionError("bug")

    monkeypatch.setattr(cli, "find_model", fail)
    with pytest.raises(ZeroDivisionError):
        main(["info", model])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_stop_and_leave_nothing_behind(make_raster, model, out, number):
    raster = make_raster(width=2000, height=2000)
    arguments = [
        "segment",
        raster,
        "--classes",
        str(out / "c.tif"),
        "--model",
        model,
        "--device",
        "cpu",
        "--ratio",
        "1",
    ]
    small = ["--block-side", "128", "--batch-size", "1"]
    process = subprocess.Popen([*COMMAND, *arguments, *small], stderr=subprocess.PIPE, text=True)
    while "refine" not in process.stderr.readline():
        assert process.poll() is None
    assert os.listdir(out)
    started = time.monotonic()
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    assert time.monotonic() - started < 10
    assert error.splitlines()[-1] == "interrupted: nothing was written"
    assert "Traceback" not in error
    assert os.listdir(out) == []


class _Terminal:
    def __init__(self, tty):
        self.tty = tty
        self.text = ""

    def isatty(self):
        return self.tty

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def test_progress_on_a_terminal_is_one_line():
    stream = _Terminal(True)
    line = cli._ProgressLine(stream)
    line.notify(StageBegun(Stage.REFINE))
    for share in (0.0, 0.004, 0.5, 1.0):
        line.report(share)
    assert stream.text.count("\r") == 3
    assert stream.text.count("\n") == 1
    assert stream.text.endswith("100% done".ljust(79) + "\n")


def test_progress_elsewhere_is_sparse():
    stream = _Terminal(False)
    line = cli._ProgressLine(stream)
    line.notify(StageBegun(Stage.REFINE))
    for step in range(1001):
        line.report(step / 1000)
    assert 10 <= stream.text.count("\n") <= 11
    assert "\r" not in stream.text


def test_progress_words_every_event():
    stream = _Terminal(False)
    line = cli._ProgressLine(stream)
    for event in (*map(StageBegun, Stage), PreviewReady("p.tif"), Message("Device 'cuda' did not start.")):
        line.notify(event)
    line.report(1.0)
    assert stream.text.splitlines() == [
        "  0% checks",
        "  0% coarse pass",
        "  0% selection",
        "  0% refine pass",
        "  0% overviews and final checks",
        "  0% preview written to p.tif",
        "  0% Device 'cuda' did not start.",
        "100% done",
    ]


def test_warnings_are_printed_even_when_quiet(make_raster, model, out, capsys):
    raster = make_raster(data=np.full((3, 64, 64), 7, np.uint8), nodata=7)
    assert main(["segment", raster, "--classes", str(out / "c.tif"), "--model", model, "--quiet"]) == 0
    captured = capsys.readouterr()
    assert captured.err.startswith("warning: No pixel of ")
    assert captured.err.count("\n") == 1


def test_notes_are_not_printed_when_quiet_but_doubts_are(make_raster, model, out, capsys):
    doubtful = make_raster(transform=(), crs="")
    place(doubtful, "points")
    for raster, warnings in ((make_raster(dtype="uint16"), 0), (doubtful, 1)):
        arguments = ["segment", raster, "--classes", str(out / "c.tif"), "--model", model, "--quiet"]
        assert main([*arguments, "--report", str(out / "r.json")]) == 0
        captured = capsys.readouterr()
        assert captured.err.count("warning: ") == captured.err.count("\n") == warnings
        assert json.loads((out / "r.json").read_text(encoding="utf-8"))["messages"]


def test_messages_stay_on_a_terminal():
    stream = _Terminal(True)
    line = cli._ProgressLine(stream)
    line.notify(Message("Bands 3, 2, 1 are read as red, green, blue."))
    line.notify(Message("Nothing is there.", is_warning=True))
    line.notify(StageBegun(Stage.REFINE))
    kept = [line.split("\r")[-1].strip() for line in stream.text.split("\n")]
    assert kept == ["Bands 3, 2, 1 are read as red, green, blue.", "warning: Nothing is there.", "0% refine pass"]


def test_bands_alpha_and_stretch_are_options(make_raster, model, out):
    raster = make_raster(data=(np.arange(4 * 64 * 64).reshape(4, 64, 64) % 4000).astype(np.uint16), alpha=True)
    arguments = ["--bands", "2", "1", "4", "--alpha", "data", "--stretch", "0,4000", "--report", str(out / "r.json")]
    assert main(["segment", raster, "--classes", str(out / "c.tif"), "--model", model, "--quiet", *arguments]) == 0
    report = json.loads((out / "r.json").read_text(encoding="utf-8"))
    assert report["bands"] == [2, 1, 4]
    assert report["alpha"] == "data"
    assert report["stretch"]["limits"] == {"1": [0, 4000], "2": [0, 4000], "4": [0, 4000]}


@pytest.mark.parametrize("status", [0, 2, 130])
def test_the_process_ends_with_its_status_after_all_was_written(monkeypatch, status):
    ended = []
    out = io.TextIOWrapper(io.BufferedWriter(io.BytesIO()))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(os, "_exit", lambda status: ended.append((status, out.buffer.raw.getvalue())))
    print("done", end="")
    leave(status)
    assert ended == [(status, b"done")]


def test_where_nobody_reads_python_ends_the_process_in_its_own_way(monkeypatch):
    monkeypatch.setattr(os, "_exit", lambda status: pytest.fail("text was lost without a word"))
    monkeypatch.setattr(sys.stdout, "flush", Mock(side_effect=BrokenPipeError))
    with pytest.raises(SystemExit) as ended:
        leave(2)
    assert ended.value.code == 2


def test_boto3_is_not_loaded_where_it_is_installed(make_raster, model, out, tmp_path):
    """Importing it takes longer than the rest of rasterio, and GDAL reads S3 without it."""
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "boto3.py").write_text("raise SystemExit('boto3 was imported')")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(packages), os.environ.get("PYTHONPATH", "")])}
    arguments = ["segment", str(make_raster()), "--model", str(model), "--classes", str(out / "c.tif")]
    for command, status in (([sys.executable, "-c", "import rasterio"], 1), ([*COMMAND, *arguments], 0)):
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
        assert ended.returncode == status, ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("segment", "{raster}", "--each", "--classes", "s3://bucket/out"),
        ("segment", "{raster}", "--each", "--classes", "{out}/maps", "--table", "/vsis3/bucket/table.csv"),
        ("polygons", "{raster}", "/vsis3/bucket/p.gpkg"),
        ("clean", "{raster}", "s3://bucket/c.tif"),
        ("accuracy", "{raster}", "{raster}", "--html", "https://host/r.html?sig=5ec2e7"),
        ("samplepoints", "{raster}", "/vsis3/bucket/p.gpkg"),
        ("compare", "{raster}", "{raster}", "--raster", "gs://bucket/c.tif"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_every_command_refuses_outputs_on_servers_before_the_work(make_raster, out, arguments, capsys):
    raster = make_raster(count=1)
    assert main([text.format(raster=raster, out=out) for text in arguments]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert lines[0].endswith("is not local: write to a disk, and upload the result when the run is done.")
    assert "5ec2e7" not in lines[0]
    assert os.listdir(out) == []
