"""What was measured, beside what was published, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from training.benchmarking.published import Method, Published, Value

_PUBLISHED_COLUMNS = {
    "miou": "mIoU, %",
    "fps": "FPS",
    "memory_mb": "memory, MB",
    "f1": "F1, %",
    "accuracy": "accuracy, %",
}
_MEMORY = {
    "cpu": "Memory is the peak of the process, including Python and the libraries; in brackets the memory before the "
    "network was built.",
    "cuda": "Memory: what torch allocated at its peak, what it reserved, and what the driver counts for the process, "
    "as in published numbers (a dash: install nvidia-ml-py).",
}
_BUSY = 0.3  # of the cores; more load than that before the start slows what is measured


def report(content: dict[str, Any], published: Published) -> str:
    """The whole page.

    Args:
        content: what benchmark.json holds.
    """
    dataset = content["dataset"]
    machine, protocol = content["machine"], content["protocol"]
    where = f"{machine['card']}, CUDA {machine['cuda']}; " if content["device"] == "cuda" else ""
    lines = [
        f"# Speed and memory{f' on {dataset}' if dataset else ''}",
        "",
        f"{where}{machine['processor']}, {machine['cores']} cores, {machine['threads']} threads; torch "
        f"{machine['torch']}; {machine['date']}; load before the start {machine['load_before']}.{_busy(machine)}",
        "",
        f"Batch size {protocol['batch']}, random images. A pass includes upsampling to the image's size, without "
        f"argmax, reading or writing. Up to {protocol['warmup']} warm-up passes and {protocol['timed']} timed ones"
        + (f", each group for at most {protocol['limit_s']:g} s" if protocol["limit_s"] else "")
        + f". FPS = images per second. {_MEMORY[content['device']]}",
        "",
        measured_table(content["measured"]),
    ]
    if content.get("rule"):
        lines += ["", f"mIoU: {content['rule']}, {content['data']}; in torch at the same scale and K, 32 bits."]
    methods = published.of(dataset)
    if methods:
        lines += ["", f"## Published on {dataset}", "", published_table(methods), "", *_sources(methods, published)]
    return "\n".join(lines)


def _busy(machine: dict[str, Any]) -> str:
    """A warning where other work took the processor."""
    busy = (machine["load_before"] or 0) > _BUSY * (machine["cores"] or 1)
    return " **The machine was busy with other work: these speeds are too low.**" if busy else ""


def measured_table(rows: Sequence[dict[str, Any]]) -> str:
    """A row for each measurement; what is not available says why."""
    heads = ["network", "mode", "height x width", "scale", "K", "FPS", "ms, median (10 to 90 %)", "passes"]
    heads += ["memory, MiB", "mIoU, %", "million parameters", "billion multiply-adds"]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    lines += ["| " + " | ".join(_measured_cells(row)) + " |" for row in rows]
    return "\n".join(lines)


def _measured_cells(row: dict[str, Any]) -> list[str]:
    """The cells of a measurement."""
    ratio = "-" if row["ratio"] is None else f"{100 * row['ratio']:g} %"
    cells = [row["network"], row["mode"], f"{row['height']} x {row['width']}", f"{row['scale']:g}", ratio]
    if "missing" in row:
        cells += [f"not available: {row['missing'].replace('|', '/')}", "-", "-", "-"]
    else:
        times = row["milliseconds"]
        spread = f"{times['median']:.1f} ({times['p10']:.1f} to {times['p90']:.1f})"
        cells += [speed(row["fps"]), spread, str(row["timed"]), memory_text(row["memory"])]
    cells.append("-" if row.get("miou") is None else f"{row['miou']:.2f}")
    for key, unit, digits in (("inference_parameters", 1e6, 3), ("multiply_adds", 1e9, 1)):
        cells.append(f"{row[key] / unit:.{digits}f}" if key in row else "-")
    return cells


def speed(fps: float) -> str:
    """Three figures: 0.0123, 1.23, 123."""
    return f"{fps:.3g}"


def memory_text(memory: dict[str, float | None]) -> str:
    """Memory in MiB, as much of it as is known."""
    process = memory.get("process_mib")
    total = "-" if process is None else f"{process:.0f}"
    if "allocated_mib" in memory:
        return f"{memory['allocated_mib']:.0f} / {memory['reserved_mib']:.0f} / {total}"
    before = memory.get("before_mib")
    return total if before is None else f"{total} ({before:.0f})"


def published_table(methods: Sequence[Method]) -> str:
    """A row for each method, a letter for each source, ~ where a number was read off a figure."""
    letters = _letters(methods)
    lines = ["| method | " + " | ".join(_PUBLISHED_COLUMNS.values()) + " | also |"]
    lines.append("|---" * (2 + len(_PUBLISHED_COLUMNS)) + "|")
    for method in methods:
        cells = [_published_cell(method.values.get(measure), letters) for measure in _PUBLISHED_COLUMNS]
        lines.append("| " + " | ".join((method.name, *cells, method.note or "-")) + " |")
    return "\n".join(lines)


def _published_cell(value: Value | None, letters: dict[str, str]) -> str:
    if value is None:
        return "-"
    return f"{'~' if value.estimate else ''}{value.number:g} [{letters[value.source]}]"


def _letters(methods: Sequence[Method]) -> dict[str, str]:
    """A letter for each source, in the order in which they are met."""
    keys = dict.fromkeys(value.source for method in methods for value in method.values.values())
    return {key: chr(ord("a") + place) for place, key in enumerate(keys)}


def _sources(methods: Sequence[Method], published: Published) -> list[str]:
    """What the letters mean, and what ~ means."""
    lines = [f"- [{letter}] {published.sources[key]}" for key, letter in _letters(methods).items()]
    return [*lines, "- ~ is an estimate. These were measured on other cards: compare orders of magnitude, not ratios."]
