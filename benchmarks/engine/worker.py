"""One measurement in a process of its own, so that its peak memory is its own: `worker.py JOB.json`.

JOB.json holds "kind" (a key of `KINDS`), "result" (the JSON file to write) and what that kind takes.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run from anywhere: the repository root, not this folder, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from benchmarks.machine import PeakMemory, cpu_seconds
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.segmentation import Options


def run_engine(job: dict[str, Any]) -> dict[str, Any]:
    """Segment a raster end to end; the outputs stay when "keep" names a folder."""
    from uhrs_qgis_plugin.engine.raster import BACKENDS
    from uhrs_qgis_plugin.engine.segmentation import segment

    with tempfile.TemporaryDirectory(dir=job["folder"]) as scratch:
        folder = Path(job.get("keep") or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        outputs = Outputs(str(folder / "classes.tif"), str(folder / "uncertainty.tif"))
        start, busy = time.perf_counter(), cpu_seconds()
        report = segment(job["raster"], job["model"], outputs, _options(job))
        wall, busy = time.perf_counter() - start, cpu_seconds() - busy
    backend = next(name for name in BACKENDS if f"uhrs_qgis_plugin.engine.raster.{name}_backend.reading" in sys.modules)
    return {
        "seconds": wall,
        "stages": dict(report.seconds),
        "pixels": report.pixels,
        "patches": report.patches,
        "selected_patches": report.selected_patches,
        "cpu_seconds": busy,
        "device": report.device,
        "precision": report.precision,
        "backend": backend,
    }


def run_compute(job: dict[str, Any]) -> dict[str, Any]:
    """The ceiling of compute."""
    from benchmarks.engine.ceilings import compute_ceiling

    with tempfile.TemporaryDirectory(dir=job["folder"]) as scratch:
        return compute_ceiling(job["raster"], job["model"], _options(job), Path(scratch), job["repeats"])


def run_disk(job: dict[str, Any]) -> dict[str, Any]:
    """The ceiling of the disk."""
    from benchmarks.engine.ceilings import disk_ceiling

    busy = cpu_seconds()
    with tempfile.TemporaryDirectory(dir=job["folder"]) as scratch:
        found = disk_ceiling(job["raster"], job["model"], _options(job), Path(job["prepared"]), Path(scratch))
    return {"seconds": found, "cpu_seconds": cpu_seconds() - busy}


def run_eager(job: dict[str, Any]) -> dict[str, Any]:
    """The network in torch; says so when torch is not there."""
    try:
        from benchmarks.engine.eager import torch_eager
    except ImportError as error:
        return {"missing": str(error)}
    return torch_eager(job["raster"], job["model"], job["side"], job["ratios"], job["repeats"])


def make_raster(job: dict[str, Any]) -> dict[str, Any]:
    """Make a raster: "how" is tiled, repeated or sparse."""
    from benchmarks.engine import rasters

    make = {"tiled": rasters.make_tiled, "repeated": rasters.make_repeated, "sparse": rasters.make_sparse}
    start = time.perf_counter()
    make[job["how"]](Path(job["raster"]), job["side"], job["scene_side"])
    return {"seconds": time.perf_counter() - start}


KINDS = {"engine": run_engine, "compute": run_compute, "disk": run_disk, "eager": run_eager, "raster": make_raster}


def _options(job: dict[str, Any]) -> Options:
    """The engine's defaults but for K, device and precision."""
    return Options(ratio=job["ratio"], device=job["device"], precision=job["precision"])


def main() -> int:
    """Do the job of the command line and write its result."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with PeakMemory() as peak:
        result = KINDS[job["kind"]](job)
    result["peak_memory_mib"] = peak.mib
    Path(job["result"]).write_text(json.dumps(result), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
