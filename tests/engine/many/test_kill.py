"""`segment --each`, killed and given again: what is done stays, the rest follows, the table tells of all."""

import csv
import signal
import subprocess
import sys
import time

import pytest

from tests.engine.tiny_bundle import write_tiny_bundle

COUNT = 60


@pytest.mark.slow
def test_the_same_command_goes_on_after_a_kill(make_raster, tmp_path):
    model, site, out = tmp_path / "tiny.uhrs", tmp_path / "site", tmp_path / "out"
    write_tiny_bundle(model)
    site.mkdir()
    with open(make_raster(width=60, height=40), "rb") as file:
        content = file.read()
    for number in range(COUNT):
        (site / f"{number:02}.tif").write_bytes(content)
    command = [sys.executable, "-m", "uhrs_qgis_plugin.engine", "segment", str(site), "--each", "--classes", str(out)]
    command += ["--model", str(model), "--device", "cpu", "--resume", "--quiet"]
    process = subprocess.Popen(command)
    deadline = time.monotonic() + 60
    while len(list(out.glob("[0-9]*.tif"))) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    there = {path.name: path.stat().st_mtime_ns for path in out.glob("[0-9]*.tif")}
    assert 5 <= len(there) < COUNT
    assert not [path.name for path in out.iterdir() if "results" in path.name], "no table, and no part of one"

    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert {name: (out / name).stat().st_mtime_ns for name in there} == there
    with open(out / "results.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["state"] for row in rows].count("kept") == len(there)
    assert {row["state"] for row in rows} == {"kept", "done"}
    assert len(rows) == COUNT
    assert {row["pixels"] for row in rows} == {"2400"}
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []
