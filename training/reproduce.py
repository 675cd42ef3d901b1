"""Train and measure the ablation, and report which claims of the paper hold: `make reproduce DUBAI=DIR`.

    python training/reproduce.py --root /path/to/dubai
    python training/reproduce.py --root DIR --only ours isdnet --steps 200 --report runs/reproduce/report.md
    python training/reproduce.py --kept docs/reproduction.json     # writes the report anew, trains nothing

Every run gets the same budget. Finished runs are kept below --out and not repeated, so the same command continues after
a stop. First every run gets its first seed, then the most important runs get more, as long as --minutes allow.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from training.data.datasets import DATASETS
from training.errors import command
from training.reproduction import RUNS, Budget, Results, read_results, train_and_measure, write_report


def parse(args: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="dubai", choices=sorted(DATASETS), help="which dataset (default: dubai)")
    parser.add_argument("--root", default="", help="its folder")
    names = f"the runs to do: {', '.join(RUNS)}"
    parser.add_argument("--only", nargs="+", default=list(RUNS), choices=list(RUNS), metavar="RUN", help=names)
    parser.add_argument("--steps", type=int, default=600, help="optimiser steps of every run (default: 600)")
    parser.add_argument("--crop", type=int, default=512, help="side of a crop in pixels (default: 512)")
    parser.add_argument("--batch", type=int, default=4, help="crops a step (default: 4)")
    parser.add_argument("--precision", default="bf16-mixed", help="number format of training (default: bf16-mixed)")
    parser.add_argument("--seeds", type=int, default=3, help="most seeds of a run (default: 3)")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no run after this time")
    parser.add_argument("--out", type=Path, default=Path("runs/reproduce"), help="where results are kept")
    kept = "write the report from the .json beside an earlier one; nothing is trained or measured"
    parser.add_argument("--kept", type=Path, metavar="FILE", help=kept)
    parser.add_argument("--report", type=Path, default=Path("docs/reproduction.md"), help="the report to write")
    return parser.parse_args(args)


def plan(keys: Sequence[str], seeds: int) -> list[tuple[str, int]]:
    """Which run with which seed, in order: all runs once, then the second seeds, and so on."""
    return [(key, seed) for seed in range(seeds) for key in keys if seed == 0 or seed < RUNS[key].seeds]


@command
def main(args: Sequence[str] | None = None) -> Results:
    """Run what is missing and write the report; returns the results.

    Raises:
        RunError: When a training fails.
        SettingsError: When the kept results cannot be read.
        DatasetError: When the data are not what they should be.
        OutputError: When a result or the report cannot be written.
    """
    options = parse(args)
    if options.kept is not None:
        kept, machine = read_results(options.kept)
        write_report(kept, options.report, machine)
        print(f"Written to {options.report}")
        return kept
    budget = Budget(options.data, options.root, options.steps, options.crop, options.batch, options.precision)
    begun = time.monotonic()
    results: Results = {}
    for key, seed in plan(options.only, options.seeds):
        if time.monotonic() - begun > 60 * options.minutes:
            print(f"{options.minutes:g} minutes are over: the rest is left out", flush=True)
            break
        result = train_and_measure(key, seed, budget, options.out)
        results.setdefault(key, []).append(result)
        best = (result["scores"].get("K = 100 %") or result["scores"]["no K"])["miou"]
        print(f"{key}, seed {seed}: mIoU {best:.1f}, trained in {result['train_seconds']:.0f} s", flush=True)
        write_report(results, options.report)
    print(f"Written to {options.report}")
    return results


if __name__ == "__main__":
    main()
