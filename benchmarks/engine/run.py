"""Measure the engine: speed against its ceilings and torch, memory and time against size.

    .venv-train/bin/python benchmarks/engine/run.py [--quick | --full] [--only NAME ...] [--markdown docs/benchmarks.md]

Needs a quiet machine: some twelve minutes on two cores, with --full some five more. Every measurement runs in a fresh
process; kinds, K and both precisions are interleaved, so that a slow spell hits all of them. Writes benchmarks.json and
benchmarks.md; what seams.py, mend.py and kills.py left in the same folder comes along, and so do the parts that --only
leaves out, if they were measured with the same model.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run from anywhere: the repository root, not this folder, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from benchmarks.engine.tables import report
from benchmarks.machine import describe_machine

ROOT = Path(__file__).resolve().parents[2]
RATIOS = (0.0, 0.25, 0.5, 1.0)
SEAMS = ("seams.md", "mend.md", "kills.md")  # what seams.py, mend.py and kills.py write
PARTS = ("ratios", "eager", "sizes")


@dataclass(frozen=True)
class Sizes:
    """How large everything is.

    Attributes:
        speed: Side of the raster for speed, pixels; 10240 makes 105 Mpx.
        scene: Side of the scene that is generated and repeated.
        crop: Side of torch's image.
        growing: Sides for memory and time.
        sparse: Side of the sparse raster.
        rounds: Rounds of the measurements of speed.
    """

    speed: int = 10240
    scene: int = 2048
    crop: int = 2048
    growing: tuple[int, ...] = (2048, 8192, 32768)
    sparse: int = 32768
    rounds: int = 3


QUICK = Sizes(speed=1024, scene=512, crop=512, growing=(512, 1024, 2048), sparse=4096, rounds=2)
FULL = Sizes(growing=(2048, 8192, 32768, 65536), sparse=65536)


class Bench:
    """Runs jobs in fresh processes and shows what is going on."""

    def __init__(self, folder: Path, model: str, device: str, precisions: Sequence[str], sizes: Sizes) -> None:
        """Take the settings.

        Args:
            folder: For rasters, outputs and results.
            model: The bundle.
            device: As for the engine.
            precisions: As for the engine: those whose speeds are compared, of which the first is used elsewhere.
            sizes: How large everything is.
        """
        self.folder = folder
        self.sizes = sizes
        self.precisions = tuple(precisions)
        self._common = {"model": model, "device": device, "precision": precisions[0], "folder": str(folder)}
        self._start = time.perf_counter()

    def do(self, kind: str, text: str, **job: Any) -> dict[str, Any]:
        """Run one job.

        Args:
            kind: A key of `worker.KINDS`.
            text: What is shown.
            job: What the kind takes.

        Returns:
            Its result.

        Raises:
            SystemExit: The job failed; its error has been printed by its process.
        """
        print(f"[{time.perf_counter() - self._start:6.0f} s] {kind}: {text}", end="", flush=True)
        path, result = self.folder / "job.json", self.folder / "result.json"
        path.write_text(json.dumps({**self._common, **job, "kind": kind, "result": str(result)}), encoding="utf-8")
        worker = str(Path(__file__).with_name("worker.py"))
        if subprocess.run([sys.executable, worker, str(path)], check=False).returncode:
            raise SystemExit(f"\nThe job '{kind}: {text}' failed; it is in '{path}'.")
        found = json.loads(result.read_text(encoding="utf-8"))
        path.unlink()
        result.unlink()
        print(_short(found), flush=True)
        return found

    def raster(self, how: str, side: int) -> str:
        """Make a raster unless it is there: "tiled", "repeated" or "sparse"; returns its path."""
        path = self.folder / f"{how}_{side}_{self.sizes.scene}.{'vrt' if how == 'repeated' else 'tif'}"
        if not path.exists():
            part = path.with_name(f"part_{path.name}")
            self.do("raster", f"{how}, {side} px", how=how, raster=str(part), side=side, scene_side=self.sizes.scene)
            part.rename(path)
        return str(path)

    def measure_ratios(self) -> dict[str, Any]:
        """End to end and both ceilings, for every precision and K; within a round the precisions follow each other."""
        raster = self.raster("tiled", self.sizes.speed)
        found: dict[str, Any] = {
            precision: {f"{ratio:g}": {"engine": [], "compute": [], "disk": []} for ratio in RATIOS}
            for precision in self.precisions
        }
        for ratio in RATIOS:  # also warms the file cache; the outputs are what the ceiling of the disk writes
            text = f"K = {ratio:g}, to prepare"
            self.do("engine", text, raster=raster, ratio=ratio, keep=str(self._prepared(ratio)))
        for turn in range(self.sizes.rounds):
            for ratio in RATIOS:
                text = f"K = {ratio:g}, round {turn + 1} of {self.sizes.rounds}"
                common = {"raster": raster, "ratio": ratio}
                order = self.precisions if turn % 2 == 0 else self.precisions[::-1]  # neither is always the first
                for precision in order:
                    mine = found[precision][f"{ratio:g}"]
                    mine["engine"].append(self.do("engine", f"{text}, {precision}", **common, precision=precision))
                disk = self.do("disk", text, **common, prepared=str(self._prepared(ratio)))
                for precision in order:
                    mine = found[precision][f"{ratio:g}"]
                    mine["disk"].append(disk)  # files know no precision
                    job = {**common, "precision": precision, "repeats": 1}
                    mine["compute"].append(self.do("compute", f"{text}, {precision}", **job))
        return {"pixels": self.sizes.speed**2, "by_precision": found}

    def measure_eager(self) -> dict[str, Any]:
        """Torch on a whole image."""
        raster = self.raster("tiled", self.sizes.speed)
        side, rounds = self.sizes.crop, self.sizes.rounds
        return self.do("eager", f"{side} px", raster=raster, side=side, ratios=RATIOS, repeats=rounds)

    def measure_sizes(self) -> list[dict[str, Any]]:
        """Peak memory and time against size, at K = 0.5."""
        found = []
        for how, side in [*(("repeated", side) for side in self.sizes.growing), ("sparse", self.sizes.sparse)]:
            raster = self.raster(how, side)
            run = self.do("engine", f"{side} px, {how}", raster=raster, ratio=0.5)
            found.append({"how": how, "side": side, "ratio": 0.5, **run})
        return found

    def _prepared(self, ratio: float) -> Path:
        """Folder of the outputs that are kept."""
        return self.folder / f"prepared_{ratio:g}"


def _short(found: dict[str, Any]) -> str:
    """What is shown of a result."""
    seconds = found.get("seconds")
    if isinstance(seconds, dict):
        seconds = seconds.get("total")
    if isinstance(seconds, list):
        seconds = min(seconds)
    return f" ... {f'{seconds:.2f} s, ' if seconds is not None else ''}{found['peak_memory_mib']:.0f} MiB"


def _model(path: str) -> dict[str, Any]:
    """What the page says of the bundle."""
    from uhrs_qgis_plugin.engine.bundle import read_bundle

    model = read_bundle(path)
    return {"name": model.name, "sha256": model.sha256, "parameters": model.total_parameters}


def _used(results: dict[str, Any]) -> dict[str, Any]:
    """Device and raster back end that the engine took."""
    measured = results.get("ratios", {}).get("by_precision", {}).values()
    runs = [run for by_ratio in measured for data in by_ratio.values() for run in data["engine"]]
    runs += results.get("sizes", [])
    return {"device": runs[0]["device"], "raster back end": runs[0]["backend"]} if runs else {}


def _precisions(path: str, asked: str) -> tuple[str, ...]:
    """The precisions to compare: those that the bundle has, 8 bits first; or the one that was asked for."""
    from uhrs_qgis_plugin.engine.bundle import read_bundle

    return tuple(sorted(read_bundle(path).precisions, reverse=True)) if asked == "both" else (asked,)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "build/benchmarks", help="folder for rasters and results")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: shows that the scripts work, no more")
    parser.add_argument("--full", action="store_true", help="memory and time up to 65536 x 65536 px")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="NAME", help=", ".join(PARTS))
    parser.add_argument("--markdown", type=Path, help="also write the page here")
    parser.add_argument("--model", default=str(ROOT / "uhrs_qgis_plugin/models/default.uhrs"), help="bundle")
    parser.add_argument("--device", default="auto", help="as for the engine")
    parser.add_argument("--precision", default="both", help="as for the engine; both compares those of the bundle")
    return parser.parse_args(arguments)


def _kept(path: Path, asked: dict[str, Any]) -> dict[str, Any]:
    """The parts that lie in a file of results, if those were measured as now asked."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    same = all(found.get(name) == value for name, value in asked.items())
    return {name: found[name] for name in PARTS if same and name in found}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the command line asks for; 0 = done."""
    args = parse(arguments)
    folder = args.out.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    sizes = QUICK if args.quick else FULL if args.full else Sizes()
    results: dict[str, Any] = {"quick": args.quick, "precision": args.precision, "model": _model(args.model)}
    results = {**_kept(folder / "benchmarks.json", results), **results, "machine": describe_machine()}
    precisions = _precisions(args.model, args.precision)
    bench = Bench(folder, str(Path(args.model).resolve()), args.device, precisions, sizes)
    measures = {"ratios": bench.measure_ratios, "eager": bench.measure_eager, "sizes": bench.measure_sizes}
    for name in PARTS:
        if name in args.only:
            results[name] = measures[name]()
    results["machine"]["used"] = _used(results)
    pages = [folder / name for name in SEAMS if (folder / name).exists()]
    text = report(results, "\n\n".join(page.read_text(encoding="utf-8").strip() for page in pages))
    (folder / "benchmarks.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    for path in (folder / "benchmarks.md", args.markdown):
        if path is not None:
            path.write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
