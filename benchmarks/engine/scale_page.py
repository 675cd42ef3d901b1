"""The page of `benchmarks.engine.scale`."""

from __future__ import annotations

from typing import Any

from uhrs_qgis_plugin.engine.cluster.start import REMEMBERED
from uhrs_qgis_plugin.engine.cluster.worker import AT_A_TIME

GOAL = 1e12  # pixels of a country
WORKERS = 200
BLOCKS = 16  # of a task of a large raster
BLOCK_SIDE = 2048
BANDS = 3


def page(found: dict[str, Any]) -> str:
    """The page of the documentation."""
    measured, cost, machine = found["measured"], found["model"], found["machine"]
    one, two, alone = measured["one process"], measured["local:2"], measured["local:1"]
    rows = [
        f"| {kind} | {row['total_s']:.1f} | {row['check_s']:.1f} | {row['passes_s']:.1f} | {row['publish_s']:.1f} "
        f"| {row['coarse_read'] / one['coarse_read']:.2f} | {row['refine_read'] / max(1, one['refine_read']):.2f} "
        f"| {row['tasks']:.0f} | {row['folder_bytes'] / row['pixels']:.1f} | {row['load']:.1f} |"
        for kind, row in measured.items()
    ]
    sim, shown = found["simulation"], found["publishing"]
    scale = found["task_s_real"] / sim["seconds_a_task"]
    growth = 1e3 * (sim["memory_mb"][2] - sim["memory_mb"][1]) / (sim["tasks"] / 2)
    busy = sim["cpu_ms_a_task"] / 1e3 * sim["tasks_a_second"]
    lines = [
        "# Large rasters on many workers",
        "",
        "Written by `python -m benchmarks.engine.scale`; how to use a cluster stands in the README (`--cluster`).",
        "",
        'Workers need the code, onnxruntime and rasterio (or GDAL): `pip install ".[cluster]" onnxruntime rasterio` in the',
        "folder of the source. Dask's ports carry code and ask nobody who they are: `local:N` listens on 127.0.0.1 alone, where other",
        "users of the computer reach them; schedulers on a network should use TLS, which Dask's own configuration",
        "(`distributed.comm.tls`, `tls://HOST:PORT`) sets up.",
        "",
        "Two of Dask's defaults cost more than they give here. `local:N` sets them otherwise; set them where you start a",
        "scheduler and workers of your own: `MALLOC_TRIM_THRESHOLD_=134217728 dask worker ...` (Dask's 65536 gives each array",
        "back to the system, which has to clear pages for the next one), and",
        f"`DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH={REMEMBERED} dask scheduler ...` (Dask remembers 1000 messages of every",
        "worker).",
        "",
        "## Measured",
        "",
        f"{one['pixels'] / 1e6:.0f} million pixels, K = {one['ratio']:.2f}, medians of {found['rounds']} rounds in turn; "
        f"{machine['processor']}, {machine['cores']} cores, {machine['date']}. **The computer was shared**: the load "
        "(programs that want a core) is in the last column, and times of minutes vary with it.",
        "",
        "| | s | check and start | passes | publish | coarse pixels read | refine pixels read | tasks | bytes a pixel in "
        "the folder | load |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *rows,
        "",
        f"Passes of `local:1` take {alone['passes_s'] / one['passes_s'] - 1:+.0%} (goal: +10 % at most), of `local:2` "
        f"{two['passes_s'] / one['passes_s'] - 1:+.0%} (goal: no more). Pixels read are relative to one process: "
        "borders of tasks are read twice, so many small tasks, as of a small raster, read more than few large ones. "
        f"A gigapixel makes {1e9 / (BLOCKS * BLOCK_SIDE**2):.0f} tasks of blocks where the raster is large; here it would "
        f"be {1e9 * two['tasks'] / two['pixels']:.0f} of both kinds.",
    ]
    kills = found["kills"]
    if kills:
        lines += [
            "",
            f"{kills['same_bytes']} of {kills['runs']} runs in which workers ({kills['workers_killed']}) or the scheduler "
            f"({kills['schedulers_killed']}) were killed by SIGKILL at random moments gave the same bytes as one process "
            "(`benchmarks.engine.crew_kills`). Runs that lost two workers took "
            f"{kills['median_later_s']:+.1f} s (median) of {kills['undisturbed_s']:.1f} s, at a load of {kills['load']:.0f}.",
        ]
    lines += [
        "",
        "## Model: 10^12 pixels",
        "",
        f"From the passes of one process: {cost['core_px_s'] / 1e6:.1f} million pixels a second and core. What cards give is "
        "in [gpu.md](gpu.md).",
        "",
        "| what | |",
        "|---|---|",
        f"| work of both passes | {cost['core_hours']:,.0f} core hours |",
        f"| {WORKERS} workers with a core each, at the efficiency below | {cost['passes_h']:.1f} h |",
        f"| strips of the results, by the workers ({shown['strips_s_px']:.1e} s a pixel and core) "
        f"| {cost['strip_core_hours']:,.1f} core hours, {cost['strips_h']:.2f} h |",
        f"| putting them together, by the client alone ({cost['joining_s_px']:.1e} s a pixel) | {cost['joining_h']:.2f} h |",
        f"| tasks of blocks | {cost['tasks']:,.0f} |",
        f"| a task on one core | {cost['task_s']:.0f} s |",
        f"| asked of GDAL, coarsely and closely, uncompressed, {BANDS} bands of 8 bits | {cost['read_tb']:.1f} TB, "
        f"{1e6 * cost['read_tb'] / (3600 * cost['passes_h']):,.0f} MB/s with {WORKERS} workers |",
        f"| folder of the run, at its largest | {cost['folder_tb']:.1f} TB |",
        f"| results | {cost['results_tb']:.1f} TB |",
        "",
        f"Blocks hold the tiles of the results, compressed. Workers put them into strips, rows of tiles, and compress what "
        "spans blocks: the coarse overviews, and the uncertainty. The client copies these strips one behind the other; "
        f"{'**that is the limit**' if cost['even_workers'] < WORKERS else 'that is not the limit'}: from "
        f"{cost['even_workers']:,.0f} cores on it takes longer than all that they do. Measured on "
        f"{shown['pixels'] / 1e9:.1f} gigapixels ({shown['strips']} strips, {shown['bytes_px']:.2f} bytes a pixel, at a load of "
        f"{shown['load']:.0f}), repeated from a run by `benchmarks.engine.publishing`; of the client's seconds "
        f"{shown['joining_cpu_s_px'] / shown['joining_s_px']:.0%} were the processor's, so that its disk, or the network to it, "
        f"decides. Memory: {shown['memory_mb'][0]} MB before, {shown['memory_mb'][1]} MB after the strips, "
        f"{shown['memory_mb'][2]} MB in the end.",
        "",
        f"## Simulation: {sim['workers']} workers",
        "",
        f"Dask's scheduler and our client in a process as they are, {sim['workers']} workers as threads of another, each with "
        f"{AT_A_TIME} tasks at a time that sleep {sim['seconds_a_task']:g} s, give or take a half. Two tasks that share a core "
        f"take {found['task_s_real']:.0f} s each: time is scaled by {scale:.1f}, so that the scheduler has {scale:.1f} "
        "times as much to do as in a run.",
        "",
        f"{sim['tasks']} tasks ({sim['tasks'] / sim['workers']:.0f} a worker) took {sim['seconds']:.0f} s at "
        f"{sim['tasks_a_second']:.0f} tasks a second: **efficiency {sim['efficiency']:.0%}** (goal: 85 %), the ends, where "
        "workers have nothing left to do, included. Memory of scheduler and client: "
        f"{sim['memory_mb'][0]} MB before, {sim['memory_mb'][1]} MB after half of the tasks, {sim['memory_mb'][2]} MB after all: "
        f"{growth:+.1f} kB a task in the second half.",
        "",
        f"A task costs scheduler and client {sim['cpu_ms_a_task']:.1f} ms of processor time ({busy:.0%} of a core here; a "
        "thread of Python's for both, where a run has two). It breaks at about "
        f"{1e3 / sim['cpu_ms_a_task']:.0f} tasks a second, when that is a whole core: with tasks of "
        f"{found['task_s_real']:.0f} s that would be {found['task_s_real'] / AT_A_TIME / sim['cpu_ms_a_task'] * 1e3:,.0f} "
        "workers.",
    ]
    return "\n".join(lines) + "\n"
