"""benchmarks/data/crops.py on small files: each layout is read by its dataset, and the page tells what was measured."""

import json

import pytest

from benchmarks.data import crops


@pytest.mark.filterwarnings("ignore")
def test_every_layout_is_made_read_and_measured(tmp_path, capsys):
    page = tmp_path / "crops.md"
    options = ["--crops", "1", "--rounds", "2", "--scale", "0.05", "--one", "--out", str(tmp_path)]
    crops.main([*options, "--markdown", str(page)])
    measured = json.loads((tmp_path / "crops.json").read_text())["measured"]
    assert {m["layout"] for m in measured} == set(crops.LAYOUTS)
    assert len(measured) == 4 * len(crops.LAYOUTS)
    assert all(len(m["one"]) == 2 and min(m["one"]) > 0 for m in measured)
    told = page.read_text()
    assert "| inria | published | 125 of 250 | files |" in told
    assert told.splitlines()[-1] == capsys.readouterr().out.splitlines()[-1]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_two_processes_are_measured_by_the_clock(tmp_path):
    options = ["--layouts", "deepglobe", "--crops", "1", "--rounds", "1", "--scale", "0.05"]
    crops.main([*options, "--out", str(tmp_path)])
    measured = json.loads((tmp_path / "crops.json").read_text())["measured"]
    assert all(len(m["two"]) == 1 and m["two"][0] > 0 for m in measured)
