"""What a cluster costs and where it ends: measured here, modelled for 10^12 pixels, simulated with workers that sleep.

    .venv-train/bin/python -m benchmarks.engine.scale --raster R.tif --out FOLDER [--markdown docs/scale.md]

Runs one process, `--cluster local:1` and `--cluster local:2` in turn, so that other programs disturb all of them alike;
reads crew_kills.json in the same folder where `crew_kills` left it. Writes scale.json and the page.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.engine.kills import ROOT, start
from benchmarks.engine.scale_page import BANDS, BLOCK_SIDE, BLOCKS, GOAL, WORKERS, page
from benchmarks.machine import describe_machine
from uhrs_qgis_plugin.engine.cluster.worker import AT_A_TIME

KINDS = {"one process": (), "local:1": ("--cluster", "local:1"), "local:2": ("--cluster", "local:2")}


def run_once(options: argparse.Namespace, more: Sequence[str]) -> dict[str, Any]:
    """Its report, with the largest size of its folder and the load before."""
    with tempfile.TemporaryDirectory(dir=options.out) as name:
        folder, largest, load = Path(name), 0, os.getloadavg()[0]
        process = start(options, folder, "--report", str(folder / "report.json"), "--device", "cpu", *more)
        while process.poll() is None:
            largest = max(largest, size_of(folder))
            time.sleep(0.1)
        if process.returncode != 0:
            raise SystemExit(f"scale.py: the run fails: {process.stderr.read().decode()}")
        report = json.loads((folder / "report.json").read_text())
        return {**report, "folder_bytes": largest, "load": load}


def size_of(folder: Path) -> int:
    """Bytes of the files in a folder."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:  # it has got its final name
            continue
    return total


def measure(options: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Medians of each kind over all rounds."""
    rounds: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for _ in range(options.rounds):
        for kind, more in KINDS.items():
            rounds[kind].append(run_once(options, more))
            print(kind, rounds[kind][-1]["seconds"], f"load {rounds[kind][-1]['load']:.1f}", flush=True)
    return {kind: summary(reports) for kind, reports in rounds.items()}


def summary(reports: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Medians of runs of a kind."""
    first = reports[0]

    def median(*stages: str) -> float:
        return statistics.median(sum(report["seconds"][stage] for stage in stages) for report in reports)

    return {
        "total_s": median("total"),
        "check_s": median("check"),
        "passes_s": median("coarse", "refine"),
        "publish_s": median("publish"),
        "pixels": first["pixels"],
        "ratio": first["ratio"],
        "coarse_read": first["pixels_read"]["coarse"],
        "refine_read": first["pixels_read"]["refine"],
        "tasks": (first["workers"] or {}).get("tasks", 0),
        "folder_bytes": max(report["folder_bytes"] for report in reports),
        "load": statistics.mean(report["load"] for report in reports),
    }


def model(
    measured: dict[str, dict[str, float]], cores: int, efficiency: float, publishing: dict[str, Any]
) -> dict[str, float]:
    """What 10^12 pixels cost, from figures of one process, of two workers, and of `benchmarks.engine.publishing`."""
    one, two = measured["one process"], measured["local:2"]
    core = one["pixels"] / one["passes_s"] / cores
    strips, joining = publishing["strips_s_px"], publishing["joining_s_px"]
    return {
        "core_px_s": core,
        "task_s": BLOCKS * BLOCK_SIDE**2 / core,  # on a worker with one core
        "core_hours": GOAL / core / 3600,
        "passes_h": GOAL / core / WORKERS / efficiency / 3600,
        "strip_core_hours": strips * GOAL / 3600,
        "strips_h": strips * GOAL / WORKERS / efficiency / 3600,
        "joining_s_px": joining,
        "joining_h": joining * GOAL / 3600,
        "even_workers": (1 / core + strips) / joining,  # beyond these, the client takes longer than they
        "results_tb": publishing["bytes_px"] * GOAL / 1e12,
        "read_tb": GOAL * BANDS * (two["coarse_read"] + two["refine_read"]) / two["pixels"] / 1e12,
        "folder_tb": GOAL * two["folder_bytes"] / two["pixels"] / 1e12,
        "tasks": GOAL / (BLOCKS * BLOCK_SIDE**2),
    }


def run_all(options: argparse.Namespace) -> dict[str, Any]:
    """Whole runs of each kind, and the machine."""
    return {"machine": describe_machine(), "rounds": options.rounds, "measured": measure(options)}


def sleep_all(options: argparse.Namespace) -> dict[str, Any]:
    """The simulation, in a process of its own: memory counts, and threads that this one has left."""
    words = [f"--{name}={getattr(options, name)}" for name in ("workers", "tasks", "seconds")]
    command = [sys.executable, "-m", "benchmarks.engine.crew", *words]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def publish_all(options: argparse.Namespace) -> dict[str, Any]:
    """What publishing a large raster costs, in a process of its own: results of a run, repeated."""
    with tempfile.TemporaryDirectory(dir=options.out) as folder:
        process = start(options, Path(folder), "--device", "cpu")
        _, errors = process.communicate()
        if process.returncode != 0:
            raise SystemExit(f"scale.py: the run fails: {errors.decode()}")
        words = ["--results", folder, "--out", str(options.out), "--side", str(options.side)]
        command = [sys.executable, "-m", "benchmarks.engine.publishing", *words]
        return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


PARTS = {"runs": run_all, "publishing": publish_all, "simulation": sleep_all}


def parse(args: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--raster", type=Path, required=True)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "benchmarks")
    parser.add_argument("--markdown", type=Path, help="the page of the documentation to write")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--tasks", type=int, default=6000)
    parser.add_argument("--seconds", type=float, default=4.0, help="mean of a task that sleeps")
    parser.add_argument("--side", type=int, default=65536, help="pixels along a side of the raster that is published")
    parser.add_argument("--keep", nargs="*", default=[], choices=list(PARTS), help="parts to take from scale.json")
    return parser.parse_args(args)


def main(args: Sequence[str] | None = None) -> None:
    """Do as the command line says."""
    options = parse(args)
    options.out.mkdir(parents=True, exist_ok=True)
    numbers, kills = options.out / "scale.json", options.out / "crew_kills.json"
    parts = json.loads(numbers.read_text(encoding="utf-8")) if numbers.exists() else {}
    for name, part in PARTS.items():
        if name not in options.keep:
            parts[name] = part(options)
            numbers.write_text(json.dumps(parts, indent=2) + "\n", encoding="utf-8")  # whatever becomes of the next
    machine, publishing = parts["runs"]["machine"], parts["publishing"]
    cost = model(parts["runs"]["measured"], machine["cores"], parts["simulation"]["efficiency"], publishing)
    found = {
        **parts["runs"],
        "simulation": parts["simulation"],
        "publishing": publishing,
        "model": cost,
        "task_s_real": AT_A_TIME * cost["task_s"],
    }
    text = page({**found, "kills": json.loads(kills.read_text(encoding="utf-8")) if kills.exists() else None})
    if options.markdown is not None:
        options.markdown.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
