"""Accuracy over cost: points of networks, intervals over scenes, how far one lies above the line of the others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training.data.arrays import Scene
from training.evaluation import Counts, Segmenter, count_pixels, score, setting

_DRAWS = 2000  # of scenes, with replacement
_COVERED = 0.9  # share of the draws that an interval holds
_MEGA = 1e6
# How a cost is measured: in the name of a point, and over its part of the plot.
WAYS = {
    "onnxruntime": ("", "one graph, floating point"),
    "bundle": ("in the engine", "in the engine, floating point"),
    "bundle_int8": ("in the engine, 8 bits", "in the engine, 8 bits"),
}


@dataclass
class Point:
    """A network at a K and in a precision.

    Attributes:
        network: its name.
        mode: how its cost is measured, "onnxruntime" or one of BUNDLE_MODES; only points of one mode are compared.
        ratio: K; None in networks without one.
        ours: whether it is the two-stream network, whose points are compared with the others' line.
        matrices: of every scene its confusion matrix (C, C).
        row: what was measured of its cost, see `runner.measured`.
        file: what tells its file from others.
    """

    network: str
    mode: str
    ratio: float | None
    ours: bool
    matrices: list[Tensor]
    row: dict[str, Any]
    file: str = ""

    @property
    def label(self) -> str:
        """What it is called in the table."""
        parts = [self.network, None if self.ratio is None else f"K = {100 * self.ratio:g} %", WAYS[self.mode][0]]
        return ", ".join(part for part in parts if part)

    @property
    def speed(self) -> float:
        """Megapixels a second of the processor's time; NaN where the cost could not be measured."""
        if "missing" in self.row:
            return math.nan
        pixels: float = self.row["height"] * self.row["width"]
        return pixels / _MEGA / (self.row["processor_ms"] / 1000)


def point_of(row: dict[str, Any]) -> Point:
    """The point of a row of `summary`."""
    matrices = [torch.tensor(matrix) for matrix in row["matrices"]]
    return Point(row["network"], row["mode"], row["ratio"], row["ours"], matrices, row["cost"], row["file"])


def scene_matrices(
    segmenter: Segmenter, scenes: Sequence[Scene], ratios: Sequence[float], colours: dict[str, str]
) -> dict[float | None, list[Tensor]]:
    """By K (None in networks without one) the confusion matrix of every scene, each segmented whole."""
    every: list[float | None] = [*sorted(ratios)] if segmenter.takes_ratio else [None]
    found: dict[float | None, list[Tensor]] = {ratio: [] for ratio in every}
    for scene in scenes:
        counted = count_pixels(segmenter, [scene], ratios, colours, dilation=0)
        for ratio in every:
            found[ratio].append(counted[setting(ratio)].matrix)
    return found


class Scores:
    """Scores by a rule, and their intervals over scenes: the same draws for all, so that differences are paired.

    Args:
        rule: see training/evaluation/rules.py.
        scenes: how many there are.
    """

    def __init__(self, rule: str, class_names: Sequence[str], scenes: int) -> None:
        self._rule, self._names = rule, list(class_names)
        self._draws = np.random.default_rng(0).multinomial(scenes, [1 / scenes] * scenes, _DRAWS)
        self._known: dict[bytes, npt.NDArray[np.float64]] = {}

    def of(self, matrices: Sequence[Tensor]) -> float:
        """In per cent, over all scenes together."""
        return self._score(torch.stack(list(matrices)).sum(0))

    def drawn(self, matrices: Sequence[Tensor]) -> npt.NDArray[np.float64]:
        """In per cent, of every draw of scenes (draws,)."""
        stacked = torch.stack(list(matrices))
        key = stacked.numpy().tobytes()
        if key not in self._known:
            sums = (torch.einsum("s,sij->ij", torch.from_numpy(draw), stacked) for draw in self._draws)
            self._known[key] = np.array([self._score(matrix) for matrix in sums])
        return self._known[key]

    def _score(self, matrix: Tensor) -> float:
        found = score(Counts(matrix), self._rule, self._names)
        return math.nan if found is None else found


def interval(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """What holds 90 % of the values."""
    outside = (1 - _COVERED) / 2
    low, high = np.nanquantile(values, [outside, 1 - outside])
    return float(low), float(high)


def line_at(speed: float, others: Sequence[tuple[float, float]]) -> float | None:
    """What the line of other networks reaches at a speed.

    The line joins the networks that no other beats in both speed and score, straight over the logarithm of the speed;
    to the slow side it goes on level, because whoever waits longer can always take the faster network.

    Args:
        others: (speed, score) of each.

    Returns:
        The score; None where no other network is as fast.
    """
    known = sorted(other for other in others if not math.isnan(other[0]))
    front = [(s, v) for s, v in known if all(v > value for faster, value in known if faster > s)]
    if not front or speed > front[-1][0]:
        return None
    if speed <= front[0][0]:
        return front[0][1]
    place = [math.log(s) for s, _ in front]
    return float(np.interp(math.log(speed), place, [v for _, v in front]))


def summary(points: Sequence[Point], scores: Scores) -> list[dict[str, Any]]:
    """Plain numbers of every point, for JSON, table and plot; the fastest last.

    "line" and "above" of our points: the line of all others of the same mode at the same speed, and how far the point
    lies above it, with the interval over scenes of that difference.
    """
    values = {id(p): scores.of(p.matrices) for p in points}
    draws = {id(p): scores.drawn(p.matrices) for p in points}
    rows = []
    for point in sorted(points, key=lambda p: p.speed):
        low, high = interval(draws[id(point)])
        row: dict[str, Any] = {
            "name": point.label,
            "network": point.network,
            "mode": point.mode,
            "file": point.file,
            "ratio": point.ratio,
            "ours": point.ours,
            "score": values[id(point)],
            "interval": [low, high],
            "mpx_s": None if math.isnan(point.speed) else point.speed,
            "cost": point.row,
            "matrices": [matrix.tolist() for matrix in point.matrices],
        }
        if point.ours and row["mpx_s"] is not None:
            others = [p for p in points if not p.ours and p.mode == point.mode]
            line = line_at(point.speed, [(p.speed, values[id(p)]) for p in others])
            if line is not None:
                at = [line_at(point.speed, [(p.speed, draws[id(p)][n]) for p in others]) for n in range(_DRAWS)]
                differences = draws[id(point)] - np.array([math.nan if v is None else v for v in at])
                row |= {"line": line, "above": row["score"] - line, "above_interval": list(interval(differences))}
        rows.append(row)
    return rows


def frontier_page(content: dict[str, Any], title: str) -> str:
    """The whole page, as Markdown.

    Args:
        content: what frontier.json holds.
        title: of the score.
    """
    machine, side = content["machine"], content["side"]
    lines = [
        "# Accuracy over cost",
        "",
        f"{title} on whole scenes ({content['data']}, {content['scenes']} of them) over megapixels a second: "
        f"onnxruntime, an image of {side} x {side} pixels, {machine['threads']} thread(s), by the least time that "
        f"the processor worked for a pass, not by the clock; {machine['processor']}, {machine['date']}, load before "
        "the start "
        f"{machine['load_before']}. A checkpoint runs as one graph from the image to logits of its size; a bundle as "
        "the engine runs it, to labels and uncertainty, in floating point and in 8 bits where it has them: two streams "
        "as three graphs, any other network in windows.",
        "",
        "Intervals hold 90 % of what scenes drawn anew, with replacement, give; differences take the same draws. "
        "The line of the others joins the networks, measured in the same way, that no other beats in both speed and "
        "score, straight over the logarithm of the speed; on its slow side it is level, and on its fast side it ends. "
        "A point is said to lie on the line where the interval of the difference holds 0.",
        "",
        *([content["about"], ""] if content["about"] else []),
        "![Accuracy over speed](frontier.png)",
        "",
        *verdicts(content["points"]),
        frontier_table(content["points"], title),
    ]
    told = {**content["trained"], **content["notes"]}
    said = ["; ".join(filter(None, (content["trained"].get(n), content["notes"].get(n)))) for n in told]
    lines += ["", *(f"- {name}: {text}" for name, text in zip(told, said, strict=True))] if told else []
    return "\n".join(lines)


def verdicts(rows: Sequence[dict[str, Any]]) -> list[str]:
    """A line of Markdown for each of our networks and modes that has others beside it, and an empty one at the end.

    A point lies on the line where the interval of the difference holds 0.
    """
    lines = []
    for mode, network in dict.fromkeys((row["mode"], row["network"]) for row in rows if row["ours"]):
        points = [row for row in rows if (row["mode"], row["network"]) == (mode, network) and row["mpx_s"]]
        found: dict[str, list[float]] = {
            "above the line": [],
            "on it": [],
            "below it": [],
            "faster than all others": [],
        }
        for row in sorted(points, key=lambda row: float(row["ratio"] or 0)):
            low, high = row.get("above_interval", (math.nan, math.nan))
            place = "above the line" if low > 0 else "below it" if high < 0 else "on it"
            found[place if "above" in row else "faster than all others"].append(100 * float(row["ratio"] or 0))
        if any(values for place, values in found.items() if not place.startswith("faster")):
            said = [f"{k} at K = {', '.join(f'{v:g}' for v in values)} %" for k, values in found.items() if values]
            lines.append(f"- {network}, {WAYS[mode][1]}: {'; '.join(said)}.")
    return [*lines, ""] if lines else []


def frontier_table(rows: Sequence[dict[str, Any]], title: str) -> str:
    """A row a point, as Markdown.

    Args:
        title: of the score.
    """
    heads = ["network", "Mpx/s", f"{title}, %", "90 % over scenes", "line of the others, %", "above it"]
    lines = ["| " + " | ".join([*heads, "parameters, M"]) + " |", "|---" * (len(heads) + 1) + "|"]
    for row in rows:
        low, high = row["interval"]
        cost = row["cost"]
        speed = f"{row['mpx_s']:.2f}" if row["mpx_s"] else f"not available: {cost.get('missing', '')}".replace("|", "/")
        line, above = "-", "-"
        if "line" in row:
            under, over = row["above_interval"]
            line, above = f"{row['line']:.1f}", f"{row['above']:+.1f} ({under:+.1f} to {over:+.1f})"
        size = f"{cost['inference_parameters'] / _MEGA:.2f}" if "inference_parameters" in cost else "-"
        cells = [row["name"], speed, f"{row['score']:.1f}", f"{low:.1f} to {high:.1f}", line, above, size]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
