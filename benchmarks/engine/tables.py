"""The Markdown of a benchmark: medians with their spread, and ratios within one run."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

MEGA = 1e6
PRECISION_NAMES = {"int8": "8 bits", "float": "floating point", "auto": "the engine's own choice of precision"}


def report(results: dict[str, Any], seams: str) -> str:
    """Draw everything that was measured.

    Args:
        results: What `run.py` stores as benchmarks.json.
        seams: Markdown of seams.py and mend.py, "" when they were not run.

    Returns:
        The page.
    """
    parts = [
        "# Benchmarks",
        "Written by `benchmarks/engine/run.py`; do not edit.",
        "All numbers come from one machine, and each section from one run of the script: compare ratios, not seconds. "
        "A number is the median; the smallest and the largest value follow in brackets.",
        _machine(results["machine"], results["model"]),
    ]
    if results["quick"]:
        parts.append("**`--quick`: the sizes are too small for the numbers to mean anything.**")
    if "ratios" in results:
        parts += _end_to_end(results["ratios"], results["machine"]["cores"])
    if "eager" in results:
        parts += _eager(results)
    if "sizes" in results:
        parts += _sizes(results["sizes"])
    if seams:
        parts += ["## Seams", seams]
    return "\n\n".join(parts) + "\n"


def spread(values: Sequence[float], form: str = ".1f") -> str:
    """Median with the smallest and the largest: "7.5 (7.1-8.0)"."""
    middle = format(statistics.median(values), form)
    return middle if len(values) == 1 else f"{middle} ({min(values):{form}}-{max(values):{form}})"


def draw(names: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    drawn = ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
    return "\n".join(drawn + ["| " + " | ".join(line) + " |" for line in lines])


def _machine(machine: dict[str, Any], model: dict[str, Any]) -> str:
    """What the numbers come from."""
    extensions = ", ".join(machine["extensions"]) or "no extensions of note"
    used = "".join(f", {key} {value}" for key, value in machine["used"].items())
    return (
        f"{machine['date']}; {machine['processor']} ({extensions}), {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB; {machine['system']}, Python {machine['python']}, numpy {machine['numpy']}, "
        f"onnxruntime {machine['onnxruntime']}{used}; load before the start {machine['load_before']}. "
        f"Model {model['name']} ({model['sha256'][:12]}, {model['parameters']:,} parameters)."
    )


def _end_to_end(found: dict[str, Any], cores: int) -> list[str]:
    """Speed in each precision and how they compare, then each against its ceilings."""
    by_precision, pixels = found["by_precision"], found["pixels"]
    parts = [
        f"## End to end\n\n{pixels / MEGA:.0f} Mpx as a tiled DEFLATE GeoTIFF with 3 bands, from reading to the "
        "published classes and uncertainty. Each run is a fresh process; the files are in the system's cache."
    ]
    if len(by_precision) > 1:
        parts += _compared(by_precision, pixels)
    parts += [
        "Two lower bounds of the time are measured beside the engine:",
        "- (a) **compute**: the model calls of such a run, on the same arrays in memory, with the engine's number of "
        "concurrent calls.\n"
        "- (b) **disk**: reading each pixel once at 1/4 scale and each file tile with selected patches once, then "
        "writing and finishing the outputs; one thread, no model.",
        "Ratios are computed within a round. On a processor (a) and (b) compete for the same cores, so max(a, b) / "
        "seconds cannot reach 100 %. (a + b) / seconds can exceed 100 %, because the engine may read and write in "
        "several threads. Decoded file tiles may still be in GDAL's cache when they are read again, in (b) as in the "
        "engine.",
    ]
    for precision, by_ratio in by_precision.items():
        parts += _one_precision(precision, by_ratio, pixels, cores)
    return parts


def _compared(by_precision: dict[str, Any], pixels: int) -> list[str]:
    """Mpx/s of both precisions and the ratio of their times, paired within rounds."""
    lines = []
    for ratio in next(iter(by_precision.values())):
        seconds = {
            name: [run["seconds"] for run in by_ratio[ratio]["engine"]] for name, by_ratio in by_precision.items()
        }
        speeds = [spread([pixels / MEGA / value for value in values]) for values in seconds.values()]
        gains = [plain / small for plain, small in zip(seconds["float"], seconds["int8"])]
        lines.append([ratio, *speeds, spread(gains, ".2f")])
    names = [f"{PRECISION_NAMES[name]}, Mpx/s" for name in by_precision]
    return [
        "Graphs in 8 bits against those in floating point, one after the other in each round:",
        draw(["K", *names, "seconds in floating point / in 8 bits"], lines),
    ]


def _one_precision(precision: str, by_ratio: dict[str, Any], pixels: int, cores: int) -> list[str]:
    """End to end against both ceilings, the stages, and the parts of the ceilings."""
    first = next(iter(by_ratio.values()))
    stages, graphs = list(first["engine"][0]["stages"]), list(first["compute"][0]["by_graph"])
    steps = list(first["disk"][0]["seconds"])
    stage_lines, part_lines = [], []
    for ratio, data in by_ratio.items():
        engine, compute, disk = data["engine"], data["compute"], data["disk"]
        stage_lines.append([ratio, *(spread([run["stages"][name] for run in engine], ".2f") for name in stages)])
        calls = "/".join(str(compute[0]["calls"][name]) for name in graphs)
        a = [spread([min(run["by_graph"][name]) for run in compute], ".2f") for name in graphs]
        b = [spread([run["seconds"][name] for run in disk], ".2f") for name in steps]
        part_lines.append([ratio, calls, *a, *b])
    names = ["K", "Mpx/s", "seconds", "(a) compute", "(b) disk", "max(a, b) / seconds", "(a + b) / seconds"]
    return [
        f"### In {PRECISION_NAMES[precision]}",
        draw([*names, "cores busy", "peak MiB"], [_line(ratio, by_ratio[ratio], pixels, cores) for ratio in by_ratio]),
        "Seconds per stage, as the engine reports them:",
        draw(["K", *stages], stage_lines),
        "Seconds of the parts of (a), per graph, and of (b):",
        draw(["K", f"calls of {'/'.join(graphs)}", *graphs, *(name.replace("_", " ") for name in steps)], part_lines),
    ]


def _line(ratio: str, data: dict[str, Any], pixels: int, cores: int) -> list[str]:
    """One row of the first table."""
    seconds = [run["seconds"] for run in data["engine"]]
    compute = [min(run["seconds"]) for run in data["compute"]]
    disk = [run["seconds"]["total"] for run in data["disk"]]
    rounds = list(zip(seconds, compute, disk))
    return [
        ratio,
        spread([pixels / MEGA / value for value in seconds]),
        spread(seconds),
        spread(compute),
        spread(disk),
        spread([max(a, b) / value for value, a, b in rounds], ".0%"),
        spread([(a + b) / value for value, a, b in rounds], ".0%"),
        spread([run["cpu_seconds"] / run["seconds"] / cores for run in data["engine"]], ".0%"),
        spread([run["peak_memory_mib"] for run in data["engine"]], ".0f"),
    ]


def _eager(results: dict[str, Any]) -> list[str]:
    """Torch, against the engine of the same run where it was measured."""
    found = results["eager"]
    if "missing" in found:
        return [f"## Torch, eager\n\nNot measured: {found['missing']}."]
    engine = results.get("ratios", {}).get("by_precision", {})
    lines = []
    for ratio, seconds in found["seconds"].items():
        speed = [found["pixels"] / MEGA / value for value in seconds]
        lines.append([ratio, spread(speed, ".2f")])
        for by_ratio in engine.values():
            runs = by_ratio.get(ratio, {}).get("engine", [])
            ours = [results["ratios"]["pixels"] / MEGA / run["seconds"] for run in runs]
            lines[-1].append(f"{statistics.median(ours) / statistics.median(speed):.1f}" if ours else "-")
    side = round(found["pixels"] ** 0.5)
    size = found["parameters"] / found["bundle_parameters"]
    return [
        f"## Torch, eager\n\n(c) The network on a whole image of {side} x {side} px, from pixels in memory to labels "
        f"in memory: random weights, {size:.2f} x the parameters of the bundle, 32-bit, torch {found['torch']}; peak "
        f"memory {found['peak_memory_mib']:.0f} MiB.",
        draw(["K", "Mpx/s", *(f"engine end to end, {PRECISION_NAMES[name]} / torch" for name in engine)], lines),
    ]


def _sizes(found: Sequence[dict[str, Any]]) -> list[str]:
    """Peak memory and time against size, as ratios to the second smallest raster."""
    base = found[1]
    lines = []
    for run in found:
        pixels = run["side"] ** 2
        lines.append(
            [
                f"{run['side']} x {run['side']}, {run['how']}",
                f"{pixels / MEGA:.0f}",
                f"{run['seconds']:.1f}",
                f"{pixels / MEGA / run['seconds']:.2f}",
                f"{run['seconds'] / pixels / (base['seconds'] / base['side'] ** 2):.2f}",
                f"{run['peak_memory_mib']:.0f}",
                f"{run['peak_memory_mib'] / base['peak_memory_mib']:.2f}",
            ]
        )
    return [
        f"## Size\n\nK = {base['ratio']:g}, one run each. *Repeated*: a VRT that repeats a small file. *Sparse*: "
        "nodata except for one generated scene; its speed counts all pixels.",
        f"Ratios are relative to {base['side']} x {base['side']}; a time per pixel of 1 means linear scaling. Memory "
        "is the peak of the process and its children.",
        draw(["raster", "Mpx", "seconds", "Mpx/s", "time per pixel, ratio", "peak MiB", "peak, ratio"], lines),
    ]
