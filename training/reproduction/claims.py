"""The paper's claims and ours, each judged by the measured runs: holds, does not hold, or too close to call."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Results = dict[str, list[dict[str, Any]]]  # key of RUNS -> results, one a seed


@dataclass(frozen=True)
class Verdict:
    """The verdict on a claim.

    Attributes:
        claim: One sentence.
        numbers: What was compared.
        holds: Whether it holds; None when the difference is within the spread of the seeds.
    """

    claim: str
    numbers: str
    holds: bool | None


def miou(results: Sequence[dict[str, Any]], ratio: float) -> float:
    """Mean over seeds of mIoU in per cent at a K; a network without K has one value for all."""
    return statistics.mean(_miou_of(result, ratio) for result in results)


def _miou_of(result: dict[str, Any], ratio: float) -> float:
    scores = result["scores"]
    row = scores.get(f"K = {100 * ratio:g} %") or scores["no K"]
    return float(row["miou"])


def spread(results: Results) -> float:
    """The largest standard deviation over seeds of mIoU at K = 1, of the runs that have several seeds; else 1 point."""
    found = [statistics.stdev([_miou_of(r, 1.0) for r in rows]) for rows in results.values() if len(rows) > 1]
    return max(found, default=1.0)


def judge(results: Results) -> list[Verdict]:
    """Judge every claim for which the runs are there."""
    if "ours" not in results:
        return []
    parts = (_against_others, _against_others_in_time, _of_parts, _of_ratios, _of_uncertainty, _between_cells)
    return [verdict for part in parts for verdict in part(results)]


def _compared(results: Results, claim: str, other: str, ratio: float, own: str = "ours") -> list[Verdict]:
    """Ours against another run at a K."""
    if other not in results or own not in results:
        return []
    mine, theirs = miou(results[own], ratio), miou(results[other], ratio)
    margin = spread(results)
    holds = None if abs(mine - theirs) <= margin else mine > theirs
    return [Verdict(claim, f"{mine:.1f} against {theirs:.1f} at K = {100 * ratio:g} %", holds)]


def _against_others(results: Results) -> list[Verdict]:
    others = {
        "low_only": "Two streams are better than the low stream alone",
        "high_only": "Two streams are better than the high stream alone",
        "isdnet": "Better than ISDNet after as many steps",
        "deeplab": "Better than DeepLabv3+ in sliding windows after as many steps",
        "published": "Our settings are better than the published ones after as many steps",
    }
    return [verdict for key, claim in others.items() for verdict in _compared(results, claim, key, 1.0)]


def _against_others_in_time(results: Results) -> list[Verdict]:
    """Ours with more steps, against networks whose steps take some 2.5 times as long."""
    names = {"isdnet": "ISDNet", "deeplab": "DeepLabv3+", "published": "the published settings"}
    return [
        verdict
        for key, name in names.items()
        for verdict in _compared(
            results, f"Ours with 2.5 times as many steps is better than {name}", key, 1.0, "ours_longer"
        )
    ]


def _of_parts(results: Results) -> list[Verdict]:
    parts = (
        ("no_estimator", "Choosing patches by U is better than at random", 0.25),
        ("no_estimator", "Choosing patches by U is better than at random", 0.5),
        ("plain_sum", "The ensembler is better than a plain sum", 1.0),
        ("no_complementer", "The complementer's weights help", 1.0),
        ("entropy_only", "U is better than the entropy alone", 0.5),
        ("residual_only", "U is better than the residual alone", 0.5),
        ("untaught", "Teaching the estimator the low stream's errors helps", 0.5),
        ("random_ratio", "K = 1 in training is better than K drawn at random, at K = 1", 1.0),
        ("random_ratio", "K = 1 in training is better than K drawn at random, below", 0.25),
        ("coarse_low", "The low stream's logits at 1/16 are better than at 1/32", 0.25),
        ("coarse_low", "The low stream's logits at 1/16 are better than at 1/32", 1.0),
        ("unselected_head", "The low stream's own classifier suits unselected patches better than the head", 0.25),
    )
    return [verdict for key, claim, ratio in parts for verdict in _compared(results, claim, key, ratio)]


def _of_ratios(results: Results) -> list[Verdict]:
    """The share of mIoU that is kept with fewer patches."""
    verdicts = []
    for key in ("ours", "published"):
        if key not in results:
            continue
        values = [miou(results[key], ratio) for ratio in (0.0, 0.25, 0.5, 0.75, 1.0)]
        shown = ", ".join(f"{value:.1f}" for value in values)
        rises = all(later >= earlier for earlier, later in zip(values, values[1:]))
        verdicts.append(Verdict(f"mIoU never falls when K grows from 0 in quarters ({key})", shown, rises))
        for place, ratio, least in ((2, 0.5, 97), (1, 0.25, 92)):
            kept = 100 * values[place] / values[-1]
            claim = f"K = {100 * ratio:g} % keeps {least} % of the mIoU of K = 100 % ({key})"
            verdicts.append(Verdict(claim, f"{kept:.1f} %", kept >= least))
    return verdicts


def _of_uncertainty(results: Results) -> list[Verdict]:
    """The usefulness of U within the same network."""
    verdicts = []
    for key in ("ours", "published"):
        rows = [row for row in results.get(key, []) if "uncertainty" in row]
        if not rows:
            continue
        area = {name: statistics.mean(_area(row, name) for row in rows) for name in ("U", "entropy", "residual")}
        shown = ", ".join(f"{name} {value:.3f}" for name, value in area.items())
        claim = f"U finds the low stream's errors better than the entropy alone ({key})"
        verdicts.append(Verdict(claim, f"AUROC: {shown}", area["U"] > area["entropy"] + 0.005))
        verdicts.append(Verdict(f"U's AUROC is at least 0.82 ({key})", f"{area['U']:.3f}", area["U"] >= 0.82))
        gain = [row["uncertainty"]["miou_by_selector"] for row in rows]
        over = statistics.mean(row["U"]["25"] - row["random"]["25"] for row in gain)
        claim = f"Selecting by U beats selecting at random by 3 points at K = 25 % ({key})"
        verdicts.append(Verdict(claim, f"{over:+.1f} points", over >= 3))
    return verdicts


def _between_cells(results: Results) -> list[Verdict]:
    """The entropy of the logits on the 1/8 map against that of their cells, seed by seed."""
    areas = {
        key: {row["seed"]: _area(row, "U") for row in results.get(key, []) if "uncertainty" in row}
        for key in ("fine_uncertainty", "ours")
    }
    seeds = sorted(set.intersection(*map(set, areas.values())))
    if not seeds:
        return []
    finer, own = (statistics.mean(areas[key][seed] for seed in seeds) for key in ("fine_uncertainty", "ours"))
    claim = "U finds errors better with the entropy of the logits between cells"
    return [Verdict(claim, f"AUROC {finer:.3f} against {own:.3f}, the same {len(seeds)} seed(s)", finer > own + 0.005)]


def _area(result: dict[str, Any], signal: str) -> float:
    """AUROC of a signal for the low stream's errors."""
    return float(result["uncertainty"]["errors_of_the_low_stream"][signal]["auroc"])
