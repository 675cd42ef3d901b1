"""The report of the ablation: tables, plots and verdicts in Markdown, and the numbers behind them in JSON."""

from __future__ import annotations

import json
import os
import platform
import statistics
from pathlib import Path
from typing import Any

import torch
import yaml
from matplotlib.figure import Figure

from training.errors import SettingsError
from training.reproduction.claims import Results, judge, miou, seconds, spread
from training.reproduction.measure import CONFIG, RATIOS
from training.reproduction.runs import RUNS, nearest_to
from uhrs_qgis_plugin.engine.bundle import DEFAULT_MODEL, read_bundle
from uhrs_qgis_plugin.engine.files import replacing

_WORDS = {True: "holds", False: "does not hold", None: "too close to call"}
_LEGEND_RUNS = ("ours", "published", "published_random", "random_ratio", "unselected_head", "no_estimator")


def write_report(results: Results, path: Path, machine: str | None = None) -> None:
    """Write the report, and beside it `NAME.json` and `NAME.png`.

    Args:
        results: By key of `RUNS`, one a seed; at least one run.
        machine: Where they were measured; None: here.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    machine = hardware() if machine is None else machine
    numbers = {"hardware": machine, "runs": results}
    with replacing(path.with_suffix(".json")) as part:
        part.write_text(json.dumps(_small(numbers), indent=1) + "\n", encoding="utf-8")
    with replacing(path.with_suffix(".png")) as part:
        _plot(results, part)
    with replacing(path) as part:
        part.write_text("\n".join(_lines(results, path.stem, machine)) + "\n", encoding="utf-8")


def read_results(path: Path) -> tuple[Results, str]:
    """The results that `write_report` kept in NAME.json, and the machine.

    Raises:
        SettingsError: The file holds something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        results, machine = content["runs"], content["hardware"]
        known = {key: rows for key, rows in results.items() if key in RUNS and rows}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"Cannot read '{path}' ({error!r}); give the .json beside a report") from error
    if not known or len(known) < len(results):
        raise SettingsError(f"'{path}' has runs that are not known: {sorted(set(results) - set(known))}")
    return known, machine


def hardware() -> str:
    """Processor or GPU, and versions, in one line."""
    names = [line.split(":", 1)[1].strip() for line in _cpuinfo() if line.startswith("model name")]
    device = f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores"
    if torch.cuda.is_available():
        device = f"{torch.cuda.get_device_name()}; {device}"
    return f"{device}; torch {torch.__version__}, Python {platform.python_version()}"


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _small(numbers: dict[str, Any]) -> dict[str, Any]:
    """The numbers without F1, rules and reliability points, which the report does not use."""
    return {**numbers, "runs": {key: [_small_row(row) for row in rows] for key, rows in numbers["runs"].items()}}


def _small_row(row: dict[str, Any]) -> dict[str, Any]:
    small = {name: row[name] for name in ("seed", "budget", "train_seconds", "parameters")}
    for kind in ("scores", "validation"):
        if kind in row:
            small[kind] = {
                name: {part: score[part] for part in ("miou", "accuracy", "iou")} for name, score in row[kind].items()
            }
    if "uncertainty" in row:
        small["uncertainty"] = {name: value for name, value in row["uncertainty"].items() if name != "reliability"}
    return small


def _lines(results: Results, name: str, machine: str) -> list[str]:
    first = next(iter(results.values()))[0]
    budget = first["budget"]
    spent = sum(row["train_seconds"] for rows in results.values() for row in rows)
    return [
        "# Do the paper's claims hold?",
        "",
        "Written by `make reproduce`, and from its kept numbers by `training/reproduce.py --kept`; do not edit.",
        "",
        "Every network and setting was trained by `training/train.py` from random weights with the same budget: "
        f"{budget['steps']} steps of {budget['batch']} crops of {budget['crop']} px ({budget['precision']}), with the "
        "same optimiser, schedule and augmentation. Each was measured on the test split of "
        f"'{budget['dataset']}', on whole scenes at scale 1.",
        "",
        f"{machine}; {sum(map(len, results.values()))} trainings, {spent / 60:.0f} minutes wall-clock, including "
        "interruptions. A short budget shows early effects only: compare rows with each other, not with networks that "
        "were trained for days.",
        "",
        *_about_shipped(results),
        "",
        _about_validation(results),
        "",
        *_score_table(results),
        "",
        _about_seeds(results),
        "",
        f"![mIoU against K, and of every run]({name}.png)",
        "",
        "## Verdicts",
        "",
        "ISDNet has a row and no verdict: our code of it was never compared with the published one.",
        "",
        "| claim | measured | verdict |",
        "|---|---|---|",
        *(f"| {v.claim} | {v.numbers} | **{v.why or _WORDS[v.holds]}** |" for v in judge(results)),
        "",
        "## How useful the uncertainty is",
        "",
        *_uncertainty_table(results),
    ]


def _about_shipped(results: Results) -> list[str]:
    """What these rows have to do with the network that the plugin ships."""
    bundle = read_bundle(DEFAULT_MODEL)
    base = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["model"].get("network", {})
    own = [key for key in results if "architecture" not in RUNS[key].model]
    if not bundle.network or not own:
        return []
    key, differences = nearest_to(bundle.network, base, own)
    told = [f"{name} ({_value(mine)}; shipped: {_value(theirs)})" for name, (mine, theirs) in differences.items()]
    same = f"It differs from it in {', '.join(told)}." if told else "It has the same network."
    return [
        "The base of the ablation is `training/configs/reproduce.yaml`, **not what the plugin ships**. Of these"
        f" rows '{RUNS[key].title}' is most like {bundle.name}. {same} The shipped model was trained by another recipe "
        "(its card), and is compared with other networks on another page ([models](models.md))."
    ]


def _value(value: object) -> str:
    """A setting as text."""
    return "-".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _about_validation(results: Results) -> str:
    """By which scenes claims are judged."""
    have = [all("validation" in row for row in rows) for rows in results.values()]
    if all(have):
        return "Claims are judged by the validation scenes; the test split is shown and decides nothing."
    why = "These results were kept without" if not any(have) else "Some of these results were kept without"
    return (
        f"{why} scores of validation scenes, so that **claims are judged by the test split**, and settings that were "
        "chosen after looking at it look better here than they are. A new `make reproduce` measures both."
    )


def _about_seeds(results: Results) -> str:
    found = {ratio: spread(results, ratio) for ratio in RATIOS}
    told = [f"{value:.1f} (K = {100 * ratio:g} %)" for ratio, value in found.items() if value is not None]
    if not told:
        return "Every run has one seed: nothing can be said about differences."
    return (
        f"Standard deviation between seeds, pooled over the runs that have several: {', '.join(told)} points. Runs are "
        "compared on the seeds that both have; a difference within 1.96 sqrt(2 / n) times the deviation at that K is "
        "inconclusive, for n seeds. Seconds are those of training, on a machine that had other work at times."
    )


def _score_table(results: Results) -> list[str]:
    heads = [f"K = {100 * ratio:g} %" for ratio in RATIOS]
    judged = any("validation" in row for rows in results.values() for row in rows)
    more = ["validation, K = 100 %"] if judged else []
    lines = ["| " + " | ".join(["run", *heads, "low stream", *more, "parameters, M", "seconds", "seeds"]) + " |"]
    lines.append("|---" * (len(heads) + len(more) + 5) + "|")
    for key, rows in results.items():
        has_ratio = "no K" not in rows[0]["scores"]
        plain = [{"scores": row["scores"]} for row in rows]  # of the test split
        cells = [_cell(plain, ratio) if has_ratio or ratio == 1 else "-" for ratio in RATIOS]
        low = [row["scores"]["low stream"]["miou"] for row in rows if "low stream" in row["scores"]]
        cells.append(f"{statistics.mean(low):.1f}" if low else "-")
        cells += [_cell(rows, 1.0) if all("validation" in row for row in rows) else "-"] if judged else []
        cells += [f"{rows[0]['parameters'] / 1e6:.1f}", f"{seconds(rows):.0f}"]
        lines.append(f"| {RUNS[key].title} | " + " | ".join(cells) + f" | {len(rows)} |")
    return ["mIoU in per cent on the test split; for several seeds, mean ± standard deviation.", "", *lines]


def _cell(rows: list[dict[str, Any]], ratio: float) -> str:
    value = f"{miou(rows, ratio):.1f}"
    if len(rows) == 1:
        return value
    return f"{value} ± {statistics.stdev([miou([row], ratio) for row in rows]):.1f}"


def _uncertainty_table(results: Results) -> list[str]:
    lines = [
        "AUROC: how well U, its two parts and the final uncertainty find the low stream's errors. By U, entropy, "
        "residual, random, oracle: mIoU of the same network at that K, with the patches chosen by U, by one of its "
        "parts, at random, or by an oracle that knows how many errors each patch would correct. ECE: expected "
        "calibration error. First seed only.",
        "",
        "| run | AUROC: U | entropy | residual | final | K | by U | entropy | residual | random | oracle | ECE, % |",
        "|---" * 12 + "|",
    ]
    for key, rows in results.items():
        if "uncertainty" not in rows[0]:
            continue
        study = rows[0]["uncertainty"]
        areas = [f"{area['auroc']:.3f}" for area in study["errors_of_the_low_stream"].values()]
        for ratio in study["miou_by_selector"]["U"]:
            chosen = [f"{row[ratio]:.1f}" for row in study["miou_by_selector"].values()]
            lines.append(
                f"| {RUNS[key].title} | {' | '.join(areas)} | {ratio} % | {' | '.join(chosen)} | {study['ece']:.1f} |"
            )
    return lines


def _plot(results: Results, path: Path) -> None:
    """Draw mIoU against K for the runs where K matters most; and every run at its best."""
    figure = Figure(figsize=(14, 6), layout="constrained")
    (curves, bars) = figure.subplots(1, 2)
    shown = [key for key in _LEGEND_RUNS if key in results and "no K" not in results[key][0]["scores"]]
    for key in shown:
        values = [miou(results[key], ratio) for ratio in RATIOS]
        curves.plot([100 * ratio for ratio in RATIOS], values, marker="o", label=RUNS[key].title)
    curves.set(xlabel="K, % of patches seen at full scale", ylabel="mIoU, %")
    curves.grid(alpha=0.3)
    if shown:
        curves.legend(fontsize="small")
    order = sorted(results, key=lambda key: miou(results[key], 1.0))
    bars.barh([RUNS[key].title for key in order], [miou(results[key], 1.0) for key in order], color="#5A8FBB")
    for place, key in enumerate(order):
        bars.text(miou(results[key], 1.0), place, f" {miou(results[key], 1.0):.1f}", va="center", fontsize="small")
    bars.set(xlabel="mIoU at K = 100 %, %")
    figure.savefig(path, dpi=80)
