"""benchmarks/engine/run.py without running anything: what is measured in which order, and what the page makes of it."""

from __future__ import annotations

import pytest

from benchmarks.engine import run, tables

PIXELS = 1_000_000


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """A bench whose jobs take no time, and the list of what it was asked to do."""
    asked = []

    def do(self, kind, text, **job):
        asked.append((kind, job.get("precision"), job.get("ratio")))
        return {"seconds": 1.0, "peak_memory_mib": 1.0}

    monkeypatch.setattr(run.Bench, "do", do)
    monkeypatch.setattr(run.Bench, "raster", lambda self, how, side: "raster.tif")
    return run.Bench(tmp_path, "model.uhrs", "cpu", ("int8", "float"), run.Sizes(speed=1000, rounds=2)), asked


def test_precisions_follow_each_other_and_change_places(bench):
    found = bench[0].measure_ratios()
    engine = [job[1:] for job in bench[1] if job[0] == "engine"][len(run.RATIOS) :]  # the first ones prepare
    pairs = list(zip(engine[::2], engine[1::2]))
    assert all(one[1] == other[1] and {one[0], other[0]} == {"int8", "float"} for one, other in pairs)
    assert [pair[0][0] for pair in pairs] == ["int8"] * len(run.RATIOS) + ["float"] * len(run.RATIOS)
    for by_ratio in found["by_precision"].values():
        assert all(len(data[kind]) == 2 for data in by_ratio.values() for kind in ("engine", "compute", "disk"))


def test_page_states_the_gain_within_rounds():
    by_precision = {"int8": _measured([1.0, 2.0, 4.0]), "float": _measured([2.0, 5.0, 6.0])}
    results = {"ratios": {"pixels": PIXELS, "by_precision": by_precision}}
    page = "\n".join(tables._end_to_end(results["ratios"], cores=2))
    # Gains are 2, 2.5 and 1.5: their median is no ratio of medians (2.5).
    assert "| 0.5 | 0.5 (0.2-1.0) | 0.2 (0.2-0.5) | 2.00 (1.50-2.50) |" in page
    assert "### In 8 bits" in page
    assert "### In floating point" in page


def test_page_of_one_precision_compares_nothing():
    page = "\n".join(tables._end_to_end({"pixels": PIXELS, "by_precision": {"float": _measured([2.0])}}, cores=2))
    assert "### In floating point" in page
    assert "seconds in floating point / in 8 bits" not in page


def test_bundles_with_both_precisions_are_measured_in_both(model_path):
    assert run._precisions(model_path, "both") == ("int8", "float")
    assert run._precisions(model_path, "float") == ("float",)


@pytest.fixture
def model_path():
    return str(run.ROOT / "uhrs_qgis_plugin/models/default.uhrs")


def _measured(seconds):
    """Runs of the engine that took so long, and ceilings beside them."""
    engine = [
        {"seconds": value, "stages": {"total": value}, "cpu_seconds": value, "peak_memory_mib": 1.0}
        for value in seconds
    ]
    compute = [{"seconds": [1.0], "by_graph": {"low": [1.0]}, "calls": {"low": 1}} for _ in seconds]
    disk = [{"seconds": {"total": 1.0}} for _ in seconds]
    return {"0.5": {"engine": engine, "compute": compute, "disk": disk}}
