"""benchmarks/engine/scale.py without running anything: what it makes of figures; and a few workers that sleep."""

import pytest

from benchmarks.engine.scale import model
from benchmarks.engine.scale_page import page

ONE = {"total_s": 12.0, "check_s": 1.0, "passes_s": 10.0, "publish_s": 1.0, "pixels": 10**8, "ratio": 0.5}
ONE = {**ONE, "coarse_read": 10**7, "refine_read": 5 * 10**7, "tasks": 0, "folder_bytes": 0, "load": 1.0}
CREW = {**ONE, "passes_s": 11.0, "coarse_read": 2 * 10**7, "refine_read": 8 * 10**7, "tasks": 30, "folder_bytes": 10**8}
PUBLISHING = {"pixels": 4 * 10**9, "strips": 286, "strips_s_px": 4e-9, "joining_s_px": 1e-9, "joining_cpu_s_px": 1e-10}
PUBLISHING = {**PUBLISHING, "bytes_px": 0.1, "memory_mb": [119, 104, 107], "load": 7.4}


def test_the_model_scales_the_figures_of_one_core():
    cost = model({"one process": ONE, "local:2": CREW}, 2, 0.9, PUBLISHING)
    assert cost["core_px_s"] == pytest.approx(5e6)  # 1e8 pixels, 10 s, 2 cores
    assert cost["core_hours"] == pytest.approx(1e12 / 5e6 / 3600)
    assert cost["passes_h"] == pytest.approx(1e12 / 5e6 / 200 / 0.9 / 3600)
    assert cost["strip_core_hours"] == pytest.approx(4e3 / 3600)
    assert cost["joining_h"] == pytest.approx(1e3 / 3600)
    assert cost["even_workers"] == pytest.approx(204)  # 2e-7 s a pixel for the passes, and 4e-9 s for the strips
    assert cost["results_tb"] == pytest.approx(0.1)
    assert cost["read_tb"] == pytest.approx(3.0)
    assert cost["folder_tb"] == pytest.approx(1.0)


def test_the_page_says_what_was_found():
    measured = {"one process": ONE, "local:1": CREW, "local:2": CREW}
    simulation = {"workers": 200, "tasks": 6000, "seconds_a_task": 4.0, "seconds": 66.0, "efficiency": 0.91}
    simulation = {**simulation, "tasks_a_second": 91.0, "cpu_ms_a_task": 5.0, "memory_mb": [100, 130, 133]}
    found = {"machine": {"processor": "P", "cores": 2, "date": "D"}, "rounds": 2, "measured": measured, "kills": None}
    cost = model(measured, 2, 0.91, PUBLISHING)
    text = page(
        {**found, "publishing": PUBLISHING, "simulation": simulation, "task_s_real": 2 * cost["task_s"], "model": cost}
    )
    assert "Passes of `local:1` take +10 %" in text.replace("+10%", "+10 %")
    assert "efficiency 91%" in text
    assert "+1.0 kB a task" in text  # 3 MB for 3000 tasks
    assert "that is not the limit: from 204 cores on" in text


def test_publishing_is_measured(tmp_path):
    """The corner of a run, repeated: what comes out is that corner again and again."""
    import numpy as np

    from benchmarks.engine.publishing import BLOCK, measure, profiles_of
    from uhrs_qgis_plugin.engine.raster import create_raster

    rng = np.random.default_rng(0)
    for name, profile in profiles_of(BLOCK).items():
        with create_raster(str(tmp_path / f"{name}.tif"), profile) as writer:
            image = rng.integers(0, 5, (profile.count, profile.height, profile.width)).astype(np.uint8)
            writer.write(image, 0, 0)
    found = measure(tmp_path, BLOCK, tmp_path)
    assert (found["pixels"], found["strips"]) == (BLOCK**2, 8)
    assert all(found[name] > 0 for name in ("strips_s_px", "joining_s_px", "joining_cpu_s_px", "bytes_px"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["classes.tif", "uncertainty.tif"]


def test_a_few_workers_sleep():
    pytest.importorskip("distributed")
    from benchmarks.engine.crew import simulate

    found = simulate(workers=2, tasks=8, seconds=0.05)
    assert (found["workers"], found["tasks"], len(found["memory_mb"])) == (2, 8, 3)
    assert 0 < found["efficiency"] <= 1
