"""Kill, resume and cancel runs at random moments, and look whether anything is lost or left.

    .venv-train/bin/python benchmarks/engine/kills.py --raster R.tif --out FOLDER [--model M.uhrs] [--times 20]

Every kill is a SIGKILL of `segment --resume`, followed by the same command to its end: labels and uncertainties must
equal those of a run that nobody killed, pixel by pixel. Every cancel is a SIGINT of a plain run: it should end within
a second and leave the folder empty. Prints a line a try and writes kills.json and kills.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import rasterio

ROOT = Path(__file__).resolve().parents[2]
COMPLETE = ["classes.tif", "classes.tif.aux.xml", "uncertainty.tif"]
OUTPUTS = ("classes.tif", "uncertainty.tif")


def start(options: argparse.Namespace, folder: Path, *more: str) -> subprocess.Popen[bytes]:
    """Begin a run whose outputs go to a folder."""
    command = [sys.executable, "-m", "uhrs_qgis_plugin.engine", "segment", str(options.raster.resolve()), "--quiet"]
    command += ["--classes", str(folder / OUTPUTS[0]), "--uncertainty", str(folder / OUTPUTS[1]), *more]
    if options.model is not None:
        command += ["--model", str(options.model.resolve())]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)


def digest(folder: Path) -> str:
    """Digest of the pixels of both outputs."""
    total = hashlib.sha256()
    for name in OUTPUTS:
        with rasterio.open(folder / name) as file:
            for _, window in file.block_windows(1):
                total.update(file.read(window=window).tobytes())
    return total.hexdigest()


def whole_run(options: argparse.Namespace) -> tuple[str, float]:
    """Digest and seconds of an uninterrupted run."""
    with tempfile.TemporaryDirectory(dir=options.out) as folder:
        begun = time.monotonic()
        process = start(options, Path(folder))
        if process.wait() != 0:
            raise SystemExit(f"kills.py: the run itself fails: {process.stderr.read().decode()}")
        return digest(Path(folder)), time.monotonic() - begun


def kill_once(options: argparse.Namespace, after: float, expected: str) -> bool:
    """Kill a run, go on from it; whether the result is the expected one and nothing else is left."""
    with tempfile.TemporaryDirectory(dir=options.out) as folder:
        process = start(options, Path(folder), "--resume")
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        process = start(options, Path(folder), "--resume")
        _, errors = process.communicate()
        if process.returncode != 0:
            print(errors.decode())
            return False
        names = sorted(os.listdir(folder))
        return digest(Path(folder)) == expected and names == COMPLETE


def cancel_once(options: argparse.Namespace, after: float) -> tuple[float, bool]:
    """Cancel a run; seconds until it ended, and whether the folder is empty, or complete if the run was quicker."""
    with tempfile.TemporaryDirectory(dir=options.out) as folder:
        process = start(options, Path(folder))
        time.sleep(after)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.communicate()
        latency, names = time.monotonic() - begun, sorted(os.listdir(folder))
        fine = names == COMPLETE or (process.returncode == 130 and not names)
        if not fine:
            print(f"exit status {process.returncode}, left: {names}")
        return latency, fine


def parse(args: Sequence[str] | None, description: str) -> argparse.Namespace:
    """The command line, of this and of `crew_kills`."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--raster", type=Path, required=True)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "benchmarks")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(args)


def main(args: Sequence[str] | None = None) -> None:
    """Do as the command line says."""
    options = parse(args, __doc__)
    options.out.mkdir(parents=True, exist_ok=True)
    expected, seconds = whole_run(options)
    print(f"a whole run takes {seconds:.1f} s", flush=True)
    rng = np.random.default_rng(options.seed)
    same = 0
    for moment in rng.uniform(0.02, 0.98, options.times):
        fine = kill_once(options, moment * seconds, expected)
        same += fine
        print(f"killed at {moment:.0%}: {'the same result' if fine else 'NOT the same'}", flush=True)
    latencies, clean = [], 0
    # A process that has not yet installed its handler dies at once: begin after Python's own start.
    for moment in rng.uniform(0.1, 0.95, options.times):
        latency, empty = cancel_once(options, moment * seconds)
        latencies.append(latency)
        clean += empty
        print(
            f"cancelled at {moment:.0%}: {latency:.2f} s, {'all or nothing' if empty else 'SOMETHING LEFT'}", flush=True
        )
    numbers = {
        "kills": options.times,
        "same_results": same,
        "cancels": options.times,
        "nothing_left": clean,
        "median_s": round(statistics.median(latencies), 2),
        "longest_s": round(max(latencies), 2),
    }
    (options.out / "kills.json").write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")
    text = (
        f"{same} of {options.times} runs that were killed (SIGKILL) at random moments and resumed gave the same "
        f"result. {clean} of {options.times} cancelled runs left nothing behind (or "
        f"had finished before) and ended within {numbers['longest_s']} s "
        f"(median {numbers['median_s']} s, including the end of the process)."
    )
    (options.out / "kills.md").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
