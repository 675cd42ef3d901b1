"""The published measurement of speed, in torch: network, size, K and way to run, in one process."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from training.benchmarking import PRESETS, Job, Subject
from training.networks import Settings, faithful

SIZES = ("inria", "deepglobe", "urur")  # the most important first: time may run out
RATIOS = (1.0, 0.75, 0.5)
WARMUP, TIMED = 20, 100
LIMIT_S = 0.6  # of the warm-up, and of the timed passes
COMPILE_LIMIT_S = 1.0


def protocol_rows(job: dict[str, Any], compiled: bool) -> list[tuple[str, Callable[[], Any]]]:
    """What to measure, in order: a name and a function that measures.

    Names are "network, mode, dataset, K".
    """
    modes = ("compile+fp16", "compile") if compiled else ("eager", "channels_last+fp16")
    sizes, ratios = (SIZES[:2], RATIOS[:1]) if compiled else (SIZES, RATIOS)
    if job["quick"]:
        # Compiling for a processor takes minutes.
        sizes, ratios, modes = ("tiny",), RATIOS[:1], () if compiled else modes[:1]
    rows = []
    for ratio in ratios:
        for size in sizes:
            for mode in modes:
                for network in ("ours",) if compiled else ("ours", "published"):
                    name = f"{network}, {mode}, {size}, {ratio:g}"
                    rows.append((name, lambda n=network, m=mode, s=size, r=ratio: _measure(job, n, m, s, r)))
    return rows


def _measure(job: dict[str, Any], network: str, mode: str, size: str, ratio: float) -> dict[str, Any]:
    """Time one network."""
    from training.benchmarking.worker import in_torch

    if size == "tiny":
        height, classes, divisor, grid = 256, 2, 0.7, 4
    else:
        preset = PRESETS[size]
        height, classes, divisor, grid = preset.height, preset.classes, preset.divisor, preset.grid
    settings = Settings(classes) if network == "ours" else faithful(classes, divisor, grid)
    subject = Subject(network, "dual_stream", asdict(settings), None, True, settings.bands)
    device = job["device"].partition(":")[0]
    what = Job(subject, height, height, ratio=ratio, mode=mode, device=device)
    limit = COMPILE_LIMIT_S if "compile" in mode else LIMIT_S
    what = what.lasting(1, 1, limit, None) if job["quick"] else what.lasting(WARMUP, TIMED, limit, None)
    try:
        found = in_torch(what)
    finally:
        gc.collect()
        if device == "cuda":
            import torch

            torch.cuda.empty_cache()
    return {"side": height, **found}
