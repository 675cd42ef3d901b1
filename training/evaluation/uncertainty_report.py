"""The numbers, tables and plots of the study in `uncertainty`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from training.evaluation.calibration import expected_error
from training.evaluation.metrics import class_iou, mean_iou, mean_over
from training.evaluation.uncertainty import Study

_CURVE_POINTS = 101  # of each curve in the JSON
_BY_SELECTOR = {
    "miou_by_selector": "mIoU, %",
    "gain_by_selector": "gain in mIoU over K = 0, points",
    "errors_in_selected_patches": "low stream's errors in the selected patches, %",
}


def uncertainty_summary(result: Study, classes: Sequence[int] | None = None) -> dict[str, Any]:
    """Plain numbers for JSON: AUROC and average precision in 0..1, the rest in per cent; None where undefined.

    "ece" is the expected calibration error: the mean gap between confidence and hits, weighed by pixels.

    Args:
        classes: the labels that mIoU averages over; all by default.
    """

    def miou(matrix: Tensor) -> float:
        return 100 * (mean_iou(matrix) if classes is None else mean_over(class_iou(matrix), classes))

    pixels, errors = result.judged.tolist()
    ranked = 0 < errors < pixels  # nothing can be ranked where everything is right, or wrong
    nothing = miou(result.ends["0"]) if result.ends else math.nan
    return {
        "low_stream_error_rate": _number(100 * errors / pixels, 2) if pixels else None,
        "errors_of_the_low_stream": {
            name: _areas(roc.compute(), ap.compute()) if ranked else {"auroc": None, "average_precision": None}
            for name, (roc, ap) in result.curves.items()
        },
        "miou_without_choice": {name: _number(miou(matrix), 2) for name, matrix in result.ends.items()},
        "miou_by_selector": _by_ratio(result.selected, lambda m: _number(miou(m), 2)),
        "gain_by_selector": _by_ratio(result.selected, lambda m: _number(miou(m) - nothing, 2)),
        "errors_in_selected_patches": _by_ratio(result.caught, lambda c: _number(100 * float(c[0] / c[1]), 1)),
        "curves": {name: _curves(roc.compute(), ap.compute()) for name, (roc, ap) in result.curves.items() if ranked},
        **_calibration(result.confidence),
    }


def _number(value: float, digits: int) -> float | None:
    """A rounded number; None, which JSON can hold, for NaN."""
    return None if math.isnan(value) else round(value, digits)


def _by_ratio(
    values: dict[str, dict[float, Tensor]], number: Callable[[Tensor], float | None]
) -> dict[str, dict[str, float | None]]:
    """A number by selector and K in per cent."""
    return {name: {f"{100 * k:g}": number(v) for k, v in row.items()} for name, row in values.items()}


def _areas(roc: tuple[Tensor, ...], precision_recall: tuple[Tensor, ...]) -> dict[str, float]:
    """Areas under the two curves; precision is summed in steps, as average precision is defined."""
    false, true, _ = roc
    precision, recall = _precision(precision_recall), precision_recall[1]
    return {
        "auroc": round(float(torch.trapezoid(true, false)), 4),
        "average_precision": round(float(-(recall.diff() * precision[:-1]).sum()), 4),
    }


def _precision(precision_recall: tuple[Tensor, ...]) -> Tensor:
    """Precision along the curve; above the highest signal nothing is flagged, so nothing wrongly."""
    return precision_recall[0].nan_to_num(1.0)


def _curves(roc: tuple[Tensor, ...], precision_recall: tuple[Tensor, ...]) -> dict[str, list[float]]:
    """Points of both curves, few enough for a JSON file."""
    named = {
        "false_positive_rate": roc[0],
        "true_positive_rate": roc[1],
        "recall": precision_recall[1],
        "precision": _precision(precision_recall),
    }
    points: dict[str, list[float]] = {}
    for name, values in named.items():
        places = torch.linspace(0, len(values) - 1, min(_CURVE_POINTS, len(values))).round().long()
        points[name] = [round(value, 4) for value in values[places].tolist()]
    return points


def _calibration(confidence_bins: Tensor) -> dict[str, Any]:
    """Expected calibration error and the points of the reliability plot."""
    count, confidence, hits = confidence_bins.unbind(1)
    return {
        "ece": round(100 * expected_error(confidence_bins), 2),
        "reliability": [
            {"pixels": int(n), "confidence": round(float(c / n), 4), "accuracy": round(float(h / n), 4)}
            for n, c, h in zip(count, confidence, hits, strict=True)
            if n
        ],
    }


def uncertainty_table(numbers: dict[str, Any]) -> str:
    """The numbers as Markdown tables."""
    lines = ["| signal for the low stream's errors | AUROC | average precision |", "|---|---|---|"]
    for name, row in numbers["errors_of_the_low_stream"].items():
        lines.append(f"| {name} | {_cell(row['auroc'], 3)} | {_cell(row['average_precision'], 3)} |")
    rate = _cell(numbers["low_stream_error_rate"], 2)
    lines += ["", f"The low stream is wrong at {rate} % of the pixels: a signal that knows nothing has AUROC 0.5 and"]
    lines.append("that share as average precision.")
    for key, title in _BY_SELECTOR.items():
        if not numbers[key]:
            continue
        ratios = list(next(iter(numbers[key].values())))
        lines += ["", f"| {title}, selected by | " + " | ".join(f"K = {k} %" for k in ratios) + " |"]
        lines.append("|---" * (1 + len(ratios)) + "|")
        for name, row in numbers[key].items():
            lines.append(f"| {name} | " + " | ".join(_cell(row[k], 1) for k in ratios) + " |")
    ends = numbers["miou_without_choice"]
    if ends:
        low, none, full = (_cell(ends[name], 2) for name in ("low stream", "0", "1"))
        lines += ["", f"Without a choice: mIoU {none} at K = 0, {full} at K = 100 %, {low} of the low stream itself."]
    lines += ["", f"Expected calibration error of the final prediction, K = 100 %: {numbers['ece']:.2f} %"]
    return "\n".join(lines)


def _cell(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def save_uncertainty_plots(path: Path, numbers: dict[str, Any]) -> None:
    """Write one PNG: gain and caught errors of each selector, both curves of each signal, and the calibration."""
    figure = Figure(figsize=(16, 9), layout="constrained")
    axes = figure.subplots(2, 3)
    for axis, key in zip(axes[0, :2], ("gain_by_selector", "errors_in_selected_patches"), strict=True):
        _plot_selectors(axis, numbers[key], _BY_SELECTOR[key])
    _plot_reliability(axes[0, 2], numbers)
    for name, curve in numbers["curves"].items():
        area = numbers["errors_of_the_low_stream"][name]
        axes[1, 0].plot(
            curve["false_positive_rate"], curve["true_positive_rate"], label=f"{name}, AUROC {area['auroc']:.3f}"
        )
        label = f"{name}, average precision {area['average_precision']:.3f}"
        axes[1, 1].plot(curve["recall"], curve["precision"], label=label)
    axes[1, 0].plot([0, 1], [0, 1], color="grey", linewidth=1)
    axes[1, 0].set(xlabel="right pixels flagged", ylabel="errors flagged", title="The low stream's errors: ROC")
    axes[1, 1].axhline((numbers["low_stream_error_rate"] or 0) / 100, color="grey", linewidth=1)
    title = "The low stream's errors: precision and recall"
    axes[1, 1].set(xlabel="recall", ylabel="precision", ylim=(0, 1), title=title)
    points = numbers["reliability"]
    axes[1, 2].bar([p["confidence"] for p in points], [p["pixels"] for p in points], width=0.04)
    axes[1, 2].set(xlabel="confidence", ylabel="pixels", xlim=(0, 1), title="How often it is how sure, K = 100 %")
    for axis in axes.flat:
        if axis.get_legend_handles_labels()[0]:
            axis.legend()
    figure.savefig(path, dpi=80)


def _plot_selectors(axis: Axes, rows: dict[str, dict[str, float]], title: str) -> None:
    """A line for each selector over K."""
    for name, row in rows.items():
        dash = {"oracle": ":", "random": "--"}.get(name, "-")
        axis.plot([float(k) for k in row], list(row.values()), dash, marker="o", label=name)
    axis.set(xlabel="K, % of the patches", ylabel=title, title="Selecting patches by ...")


def _plot_reliability(axis: Axes, numbers: dict[str, Any]) -> None:
    """Share of hits over confidence; on the grey line the network is calibrated."""
    points = numbers["reliability"]
    axis.plot([0, 1], [0, 1], color="grey", linewidth=1)
    axis.plot([p["confidence"] for p in points], [p["accuracy"] for p in points], marker="o")
    title = f"Final prediction, K = 100 %: calibration error {numbers['ece']:.1f} %"
    axis.set(xlabel="confidence", ylabel="share that is right", title=title)
