"""The plots: mIoU over FPS with the memory as the area, and the frontier of accuracy over speed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from training.benchmarking.frontier import WAYS, line_at
from training.benchmarking.published import Method

_POINTS_A_MIB = 0.25  # square points of a bubble for a MiB: 4000 MiB are a bubble of 1000 square points
_UNKNOWN = 20.0  # square points where the memory is not known
_PUBLISHED, _OURS = "#7A7A7A", "#D7301F"
_WIDE_RANGE = 30  # ratio of speeds above which the axis is logarithmic
_LABELS = 40  # more labels would overlap
_KEYS = (1000, 3000)  # MiB of the bubbles in the legend
_SECOND = "#F4A582"  # another network of ours


def save_bubbles(path: Path, rows: Sequence[dict[str, Any]], methods: Sequence[Method], title: str) -> None:
    """Write one PNG; networks whose mIoU is not known stand as hollow bubbles on the lower edge, at their speed.

    Args:
        rows: what was measured, see `runner.measured`, with "miou" where it is known.
        methods: published ones; those without a speed are left out.
    """
    figure = Figure(figsize=(11, 7), layout="constrained")
    axis = figure.subplots()
    known = [method for method in methods if method.number("fps") and method.number("miou")]
    for method in known:
        size = (method.number("memory_mb") or 0) * _POINTS_A_MIB * 1e6 / 2**20
        _bubble(axis, (method.number("fps") or 0, method.number("miou") or 0), size, _PUBLISHED, method.name)
    ours = [row for row in rows if "missing" not in row]
    for row in ours:
        if row.get("miou") is not None:
            _bubble(axis, (row["fps"], row["miou"]), memory_mib(row) * _POINTS_A_MIB, _OURS, label(row))
    _lines(axis, [row for row in ours if row.get("miou") is None], bool(known) or len(axis.collections) > 0)
    speeds = [method.number("fps") or 0 for method in known] + [row["fps"] for row in ours]
    if speeds and max(speeds) > _WIDE_RANGE * min(speeds):
        axis.set_xscale("log")
    axis.margins(0.12)
    axis.set(
        xlabel="images a second", ylabel="mIoU, %" if known or any(r.get("miou") for r in ours) else "", title=title
    )
    axis.grid(alpha=0.3)
    figure.legend(*_legend(), loc="outside lower center", ncols=5, frameon=False, borderpad=1.2, handletextpad=1.2)
    figure.savefig(path, dpi=90)


def memory_mib(row: dict[str, Any]) -> float:
    """The memory of a measurement that is nearest to what is published: the process's, else what torch reserved."""
    memory = row["memory"]
    return float(memory.get("process_mib") or memory.get("reserved_mib") or 0)


def label(row: dict[str, Any]) -> str:
    """What a measurement is called in the plot."""
    parts = [row["network"]]
    parts += [] if row["mode"] == "eager" else [row["mode"]]
    parts += [] if row["ratio"] is None else [f"K = {100 * row['ratio']:g} %"]
    parts += [] if row["scale"] == 1 else [f"x {row['scale']:g}"]
    return ", ".join(parts)


def _bubble(axis: Axes, place: tuple[float, float], size: float, colour: str, text: str) -> None:
    """A bubble of `size` square points with a name beside it."""
    axis.scatter(*place, s=max(size, _UNKNOWN), color=colour, alpha=0.45, linewidths=0)
    axis.annotate(text, place, xytext=(4, 3), textcoords="offset points", fontsize=8, color=colour)


def _lines(axis: Axes, rows: Sequence[dict[str, Any]], beside_bubbles: bool) -> None:
    """A line and a hollow bubble at each speed whose mIoU is not known, named along the line."""
    edge: dict[str, Any] = {"transform": axis.get_xaxis_transform()}  # across in speed, up in parts of the axis
    for place, row in enumerate(sorted(rows, key=lambda row: row["fps"])[:_LABELS]):
        axis.axvline(row["fps"], color=_OURS, linestyle=":", linewidth=1)
        size = max(memory_mib(row) * _POINTS_A_MIB, _UNKNOWN)
        axis.scatter(row["fps"], 0.05, s=size, facecolors="none", edgecolors=_OURS, **edge)
        height = 0.11 + 0.45 * (place % 2)  # neighbours do not write over each other
        axis.text(row["fps"], height, label(row), rotation=90, fontsize=7, color=_OURS, ha="right", va="bottom", **edge)
    if not beside_bubbles:
        axis.set_yticks([])


def _legend() -> tuple[list[Line2D], list[str]]:
    """Marks and what they mean."""
    marks = [Line2D([], [], marker="o", linestyle="", color=colour) for colour in (_OURS, _PUBLISHED)]
    marks.append(Line2D([], [], marker="o", linestyle="", markeredgecolor=_OURS, markerfacecolor="none"))
    for mib in _KEYS:
        side = (mib * _POINTS_A_MIB) ** 0.5  # of the square whose area a scatter's size is
        marks.append(Line2D([], [], marker="o", linestyle="", color="#DDDDDD", markersize=side))
    names = ["measured here", "published, on other cards", "measured here, mIoU not known"]
    return marks, names + [f"{mib} MiB" for mib in _KEYS]


def save_frontier(path: Path, rows: Sequence[dict[str, Any]], title: str) -> None:
    """Write one PNG: the score over the speed, a part for each way in which the cost was measured.

    Our points are joined by K, the others by their line.

    Args:
        rows: see `frontier.summary`; those without a speed are left out.
        title: of the score.
    """
    known = [row for row in rows if row["mpx_s"]]
    modes = [mode for mode in WAYS if any(row["mode"] == mode for row in known)] or [next(iter(WAYS))]
    figure = Figure(figsize=(1.5 + 5 * len(modes), 5.5), layout="constrained")
    axes = figure.subplots(1, len(modes), sharex=True, sharey=True, squeeze=False)[0]
    for axis, mode in zip(axes, modes, strict=True):
        axis.set_title(WAYS[mode][1])
        _frontier_of(axis, [row for row in known if row["mode"] == mode])
    axes[0].set(xscale="log", ylabel=f"{title}, %")
    axes[0].xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))  # and so in all parts
    axes[0].xaxis.set_major_formatter(ScalarFormatter())
    axes[0].xaxis.set_minor_formatter(NullFormatter())
    axes[0].margins(0.12)
    figure.supxlabel("megapixels a second of the processor's time", fontsize="medium")
    figure.savefig(path, dpi=90)


def _frontier_of(axis: Axes, rows: Sequence[dict[str, Any]]) -> None:
    """Draw the points of one way of measuring."""
    others = [(row["mpx_s"], row["score"]) for row in rows if not row["ours"]]
    if others:
        fastest = max(speed for speed, _ in others)
        speeds = np.geomspace(min(row["mpx_s"] for row in rows), fastest, 200).clip(None, fastest)
        reached = np.array([line_at(speed, others) for speed in speeds], float)
        axis.plot(speeds, reached, color=_PUBLISHED, alpha=0.5, linestyle="--")
    names = list(dict.fromkeys(row["network"] for row in rows))
    ours = [name for name in names if any(row["ours"] for row in rows if row["network"] == name)]
    for name in names:
        line = sorted((row for row in rows if row["network"] == name), key=lambda row: row["ratio"] or 0)
        colour = _PUBLISHED if name not in ours else _OURS if name == ours[0] else _SECOND
        axis.plot([r["mpx_s"] for r in line], [r["score"] for r in line], "o-", color=colour, label=name)
        for row in line:
            axis.plot([row["mpx_s"]] * 2, row["interval"], color=colour, alpha=0.25, linewidth=3)
            text = name if row["ratio"] is None else f"{100 * row['ratio']:g} %"
            place = (row["mpx_s"], row["score"])
            axis.annotate(text, place, xytext=(5, 4), textcoords="offset points", fontsize=8, color=colour)
    axis.grid(alpha=0.3, which="both")
    handles, labels = axis.get_legend_handles_labels()
    shown = [(h, f"{n}: K beside the points") for h, n in zip(handles, labels, strict=True) if n in ours]
    if shown:
        axis.legend(*zip(*shown, strict=True), loc="lower left", frameon=False)
