"""`segment --each`, killed and given again: what is done stays, the rest follows, the table tells of all."""

import csv
import signal
import subprocess
import sys
import time

import pytest

from tests.engine.tiny_bundle import write_tiny_bundle

COUNT = 60
# It is killed in the midst of them, however long the one who kills is kept waiting.
LINGERING = """
import time
from uhrs_qgis_plugin.engine.many import each
segment, begun = each.segment, []
def lingering(*arguments):
    begun.append(1)
    time.sleep(600 if len(begun) == 30 else 0)
    return segment(*arguments)
each.segment = lingering
from uhrs_qgis_plugin.engine.__main__ import run
run()
"""


@pytest.mark.once
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
    process = subprocess.Popen([sys.executable, "-c", LINGERING, *command[3:]])
    while process.poll() is None and len(list(out.glob("[0-9]*.tif"))) < 5:
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
