"""The paper's claims and ours, each judged by the measured runs: holds, does not hold, or too close to call.

Runs are compared seed by seed, on the seeds that both have. A difference counts where it is larger than the 95 % margin
of a difference of so many pairs: 1.96 sqrt(2 / n) s, with s the standard deviation between seeds at that K, pooled over
all runs that have several. Where one of the two had more seconds of training than the other, and is said to be better
"in equal time", nothing is judged.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Results = dict[str, list[dict[str, Any]]]  # key of RUNS -> results, one a seed

_EQUAL_TIME = 1.1  # how many times the other's seconds still count as equal
_KEYS = {"ours": "base", "fine_uncertainty": "U as shipped", "published": "published network"}


@dataclass(frozen=True)
class Verdict:
    """The verdict on a claim.

    Attributes:
        claim: One sentence.
        numbers: What was compared.
        holds: Whether it holds; None when that cannot be told.
        why: Why it cannot be told, where the reason is another than too small a difference.
    """

    claim: str
    numbers: str
    holds: bool | None
    why: str = ""


def scores_of(result: dict[str, Any]) -> dict[str, Any]:
    """The scores that claims are judged by: those of validation scenes where they were measured."""
    found: dict[str, Any] = result.get("validation") or result["scores"]
    return found


def miou(results: Sequence[dict[str, Any]], ratio: float) -> float:
    """Mean over seeds of mIoU in per cent at a K; a network without K has one value for all."""
    return statistics.mean(_miou_of(result, ratio) for result in results)


def _miou_of(result: dict[str, Any], ratio: float) -> float:
    scores = scores_of(result)
    row = scores.get(f"K = {100 * ratio:g} %") or scores["no K"]
    return float(row["miou"])


def spread(results: Results, ratio: float) -> float | None:
    """Standard deviation between seeds of mIoU at a K, pooled over the runs with several seeds; None without any."""
    several = [[_miou_of(row, ratio) for row in rows] for rows in results.values() if len(rows) > 1]
    free = sum(len(values) - 1 for values in several)
    squares = sum((len(values) - 1) * statistics.variance(values) for values in several)
    return math.sqrt(squares / free) if free else None


def margin(results: Results, ratio: float, pairs: int) -> float | None:
    """95 % margin of the mean difference of so many pairs of runs at a K; None where no spread is known."""
    deviation = spread(results, ratio)
    return None if deviation is None else 1.96 * math.sqrt(2 / pairs) * deviation


def judge(results: Results) -> list[Verdict]:
    """Judge every claim for which the runs are there."""
    if "ours" not in results:
        return []
    parts = (_against_others, _in_equal_time, _of_parts, _of_ratios, _of_uncertainty, _between_cells)
    return [verdict for part in parts for verdict in part(results)]


def _compared(
    results: Results, claim: str, other: str, ratio: float, own: str = "ours", equal_time: bool = False
) -> list[Verdict]:
    """One run against another at a K, on the seeds that both have."""
    rows = [{row["seed"]: row for row in results.get(key, [])} for key in (own, other)]
    seeds = sorted(rows[0].keys() & rows[1].keys())
    if not seeds:
        return []
    mine, theirs = ([of[seed] for seed in seeds] for of in rows)
    a, b = miou(mine, ratio), miou(theirs, ratio)
    allowed = margin(results, ratio, len(seeds))
    counted = f"{len(seeds)} seed{'s' if len(seeds) > 1 else ''}"
    numbers = f"{a:.1f} against {b:.1f} at K = {100 * ratio:g} % ({counted}"
    numbers += ")" if allowed is None else f", margin {allowed:.1f})"
    times = [seconds(of) for of in (mine, theirs)]
    if all(times):
        numbers += f"; {times[0]:.0f} s against {times[1]:.0f} s"
    if allowed is None:
        return [Verdict(claim, numbers, None, "no run has several seeds")]
    longer = times[0] / times[1] if all(times) else math.nan
    if equal_time and not longer <= _EQUAL_TIME and a > b:
        why = f"it had {longer:.1f} times the time" if all(times) else "its time is not known"
        return [Verdict(claim, numbers, None, f"not judged: {why}")]
    return [Verdict(claim, numbers, None if abs(a - b) <= allowed else a > b)]


def seconds(rows: Sequence[dict[str, Any]]) -> float:
    """Mean seconds of training; 0 where they are not known."""
    return statistics.mean(row.get("train_seconds", 0.0) for row in rows)


def _against_others(results: Results) -> list[Verdict]:
    others = {
        "low_only": "Two streams are better than the low stream alone",
        "high_only": "Two streams are better than the high stream alone, after as many steps",
        "deeplab": "Two streams are better than DeepLabv3+ in sliding windows, after as many steps",
        "published": "Our settings are better than the published network's, after as many steps",
    }
    return [verdict for key, claim in others.items() for verdict in _compared(results, claim, key, 1.0)]


def _in_equal_time(results: Results) -> list[Verdict]:
    """The base with more steps, against networks whose steps take longer; and those whose steps take less."""
    names = {"deeplab": "DeepLabv3+", "published": "the published network", "high_only": "the high stream alone"}
    return [
        verdict
        for key, name in names.items()
        for verdict in _compared(
            results, f"The base is better than {name} in equal time", key, 1.0, "ours_longer", equal_time=True
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
    for key, name in _KEYS.items():
        if key not in results:
            continue
        values = [miou(results[key], ratio) for ratio in (0.0, 0.25, 0.5, 0.75, 1.0)]
        shown = ", ".join(f"{value:.1f}" for value in values)
        rises = all(later >= earlier for earlier, later in zip(values, values[1:]))
        verdicts.append(Verdict(f"mIoU never falls when K grows from 0 in quarters ({name})", shown, rises))
        for place, ratio, least in ((2, 0.5, 97), (1, 0.25, 92)):
            kept = 100 * values[place] / values[-1]
            claim = f"K = {100 * ratio:g} % keeps {least} % of the mIoU of K = 100 % ({name})"
            verdicts.append(Verdict(claim, f"{kept:.1f} %", kept >= least))
    return verdicts


def _of_uncertainty(results: Results) -> list[Verdict]:
    """The usefulness of U within the same network."""
    verdicts = []
    for key, name in _KEYS.items():
        rows = [row for row in results.get(key, []) if "uncertainty" in row]
        if not rows:
            continue
        area = {sign: statistics.mean(_area(row, sign) for row in rows) for sign in ("U", "entropy", "residual")}
        shown = ", ".join(f"{sign} {value:.3f}" for sign, value in area.items())
        claim = f"U finds the low stream's errors better than the entropy alone ({name})"
        verdicts.append(Verdict(claim, f"AUROC: {shown}", area["U"] > area["entropy"] + 0.005))
        verdicts.append(Verdict(f"U's AUROC is at least 0.82 ({name})", f"{area['U']:.3f}", area["U"] >= 0.82))
        gain = [row["uncertainty"]["miou_by_selector"] for row in rows]
        over = statistics.mean(row["U"]["25"] - row["random"]["25"] for row in gain)
        claim = f"Selecting by U beats selecting at random by 3 points at K = 25 % ({name})"
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
