"""A generated raster from file to files on a card, and which part of the engine kept it from being faster."""

from __future__ import annotations

import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.engine.rasters import make_tiled
from benchmarks.gpu.graphs import find_libraries, halved
from benchmarks.machine import PeakMemory, cpu_seconds
from uhrs_qgis_plugin.engine.bundle import Bundle, read_bundle
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.flow.queues import ReadAhead, WriteBehind
from uhrs_qgis_plugin.engine.inference import InterruptibleStreams, sessions
from uhrs_qgis_plugin.engine.inference.devices import lanes_of
from uhrs_qgis_plugin.engine.inference.sessions import OrtStreams
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.segmentation import Options, StageBegun, segment

SCENE_SIDE = 2048  # what is generated; the rest repeats it, mirrored
FIRST_SIDE = 8192
RATIOS = (0.5, 1.0, 0.25, 0.0)  # in this order: time may run out
SLACK = 1.3  # of what a run is expected to take


class Busy:
    """Seconds of threads: who worked, and what the thread that holds all together waited for."""

    def __init__(self) -> None:
        self.stage = "check"
        self.seconds: dict[str, Counter[str]] = {}

    def add(self, what: str, seconds: float) -> None:
        self.seconds.setdefault(self.stage, Counter())[what] += seconds

    def watch(self) -> Watch:
        def notice(event: object) -> None:
            if isinstance(event, StageBegun):
                self.stage = event.stage.value

        return Watch(notify=notice)

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Note what the engine's threads do."""
        busy = self

        def timed(what: str, function: Any) -> Any:
            def run(*args: Any, **more: Any) -> Any:
                begun = time.perf_counter()
                try:
                    return function(*args, **more)
                finally:
                    busy.add(what, time.perf_counter() - begun)

            return run

        def each(source: Any, what: str) -> Iterator[Any]:
            items = iter(source)
            while True:
                begun = time.perf_counter()
                try:
                    item = next(items)
                except StopIteration:
                    return
                finally:
                    busy.add(what, time.perf_counter() - begun)
                yield item

        def reading(self_: Any, produce: Any) -> None:
            real_run(self_, lambda: each(produce(), "reader"))

        def writing(self_: Any) -> None:
            self_._consume = timed("writer", self_._consume)
            real_write(self_)

        real_run, real_write, real_items = ReadAhead._run, WriteBehind._run, ReadAhead.__iter__
        with (
            patch.object(ReadAhead, "_run", reading),
            patch.object(WriteBehind, "_run", writing),
            patch.object(ReadAhead, "__iter__", lambda ahead: each(real_items(ahead), "waits for the reader")),
            patch.object(WriteBehind, "put", timed("waits for the writer", WriteBehind.put)),
            patch.object(InterruptibleStreams, "wait", timed("waits for the network", InterruptibleStreams.wait)),
            patch.object(OrtStreams, "run", timed("network", OrtStreams.run)),
        ):
            yield

    def report(self, stages: dict[str, float], lanes: int) -> dict[str, Any]:
        """Per stage: seconds, seconds of each thread, and the part that was busiest."""
        found = {}
        for stage in ("coarse", "refine"):
            seconds, parts = stages.get(stage, 0.0), self.seconds.get(stage, Counter())
            waited = sum(value for name, value in parts.items() if name.startswith("waits"))
            busy = {"reader": 0.0, **{name: value for name, value in parts.items() if not name.startswith("waits")}}
            busy["network"] = busy.get("network", 0.0) / lanes
            busy["main thread"] = max(0.0, seconds - waited)
            busiest = max(busy, key=lambda name: busy[name])
            found[stage] = {
                "seconds": seconds,
                "busy": busy,
                "waits": {name: value for name, value in parts.items() if name.startswith("waits")},
                "bottleneck": busiest,
                "share": busy[busiest] / seconds if seconds else None,
            }
        return found


def segment_generated(notes: Any) -> None:
    """Fill in the raster, smaller runs of it, and runs over the whole for as many K as there is time."""
    job, folder = notes.job, Path(notes.job["folder"])
    side, small = job["side"], folder / "first.tif"
    first = min(side, 512 if job["quick"] else FIRST_SIDE)
    find_libraries(notes)
    notes.put("first_side", first)
    make_tiled(small, first, min(first, SCENE_SIDE), level=1)
    notes.try_("first", lambda: run(job, small, 0.5))
    # What was compared, searched and compiled in the first run is known now.
    trial = notes.try_("first, again", lambda: run(job, small, 0.5))
    if trial.get("device") != job["device"]:
        notes.put("raster", {"missing": f"{job['device']} does not work, see above"})
        return
    seconds = {stage: value for stage, value in trial["stages"].items() if stage not in ("check", "total")}
    expected = SLACK * (trial["stages"]["check"] + sum(seconds.values()) * (side / first) ** 2)
    begun = time.monotonic()
    make_tiled(folder / "raster.tif", side, min(side, SCENE_SIDE), level=1)
    made = {"side": side, "bytes": (folder / "raster.tif").stat().st_size, "seconds": time.monotonic() - begun}
    notes.put("raster", made)
    for ratio in RATIOS[:1] if job["quick"] else RATIOS:
        # The estimate takes what a run pays once for a cost of each pixel: it must not keep the first run away.
        if expected > notes.left and ratio != RATIOS[0]:
            notes.put(f"K = {ratio:g}", {"missing": f"{notes.left:.0f} s were left, about {expected:.0f} s are needed"})
        else:
            notes.try_(f"K = {ratio:g}", lambda ratio=ratio: run(job, folder / "raster.tif", ratio))
        for name, repeat in trials(job, small).items() if ratio == RATIOS[0] else ():
            notes.try_(name, repeat)


def trials(job: dict[str, Any], raster: Path) -> dict[str, Any]:
    """What might be faster than the engine's choice: name -> a run of the smaller raster at K = 0.5."""

    def two_lanes() -> dict[str, Any]:
        with patch.object(sessions, "lanes_of", lambda device: 2):
            return run(job, raster, 0.5, lanes=2)

    return {
        "first, two lanes": two_lanes,
        "first, half precision": lambda: run(job, raster, 0.5, halved(read_bundle(job["model"]))),
    }


def run(
    job: dict[str, Any], raster: Path, ratio: float, bundle: Bundle | None = None, lanes: int | None = None
) -> dict[str, Any]:
    """Segment a raster, and measure."""
    busy, folder = Busy(), Path(job["folder"])
    outputs = Outputs(str(folder / "classes.tif"), str(folder / "uncertainty.tif"))
    with PeakMemory() as memory, utilisation() as card, busy.measured():
        begun, cpu = time.perf_counter(), cpu_seconds()
        report = segment(
            raster, bundle or job["model"], outputs, Options(ratio=ratio, device=job["device"]), busy.watch()
        )
        wall, cpu = time.perf_counter() - begun, cpu_seconds() - cpu
    return {
        "device": report.device,
        "messages": list(report.messages),
        "seconds": wall,
        "mpx_per_s": report.pixels / 1e6 / wall,
        "stages": dict(report.seconds),
        "cpu_seconds": cpu,
        "peak_memory_mib": memory.mib,
        "card": card,
        "threads": busy.report(dict(report.seconds), lanes or lanes_of(report.device)),
    }


@contextmanager
def utilisation() -> Iterator[dict[str, float]]:
    """Mean utilisation (%) and the most memory (MiB) of the first card, where nvidia-smi tells; else nothing."""
    found: dict[str, float] = {}
    command = [
        "nvidia-smi",
        "--id=0",
        "--query-gpu=utilization.gpu,memory.used",
        "--format=csv,noheader,nounits",
        "--loop-ms=200",
    ]
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except OSError:
        yield found
        return
    samples: list[tuple[float, float]] = []

    def listen() -> None:
        for line in process.stdout or ():
            try:
                use, memory = map(float, line.split(","))
            except ValueError:
                continue
            samples.append((use, memory))

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        process.terminate()
        process.wait()
        thread.join(2)
        if samples:
            found["utilisation_percent"] = sum(use for use, _ in samples) / len(samples)
            found["memory_mib"] = max(memory for _, memory in samples)
