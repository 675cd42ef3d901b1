"""One job in a process of its own: `worker.py JOB.json RESULT.json`, started by benchmark.py.

An error becomes a reason in the result: a mode that a machine does not support is a finding, not a failure.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run from anywhere: the repository root, not this folder, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[2])

import numpy as np

from training.benchmarking.jobs import BUNDLE_MODES, Job
from training.benchmarking.memory import card_process_mib, peak_resident_mib, resident_mib

_REASON_LETTERS = 200


class UnavailableError(Exception):
    """This machine cannot do the job; the text says why."""


def measure(run: Callable[[], object], wait: Callable[[], None], job: Job) -> dict[str, Any]:
    """Warm up, then time single passes.

    Args:
        wait: returns when the device has finished.
        job: its repetitions and time limit.

    Returns:
        Passes a second and milliseconds a pass by the clock, and "processor_ms", the least time that all its threads
        together spent on processors for a pass: other work on the machine changes it much less than the clock.
    """
    warm = len(_repeat(run, wait, job.warmup, job.limit_s)[0])
    seconds, processor = _repeat(run, wait, job.timed, job.limit_s)
    timed = len(seconds)
    milliseconds = 1000 * np.array(seconds)
    return {
        "fps": job.batch * timed / sum(seconds),
        "milliseconds": {
            "mean": float(milliseconds.mean()),
            "median": float(np.median(milliseconds)),
            "p10": float(np.quantile(milliseconds, 0.1)),
            "p90": float(np.quantile(milliseconds, 0.9)),
        },
        "processor_ms": 1000 * min(processor),
        "warmup": warm,
        "timed": timed,
    }


def _repeat(
    run: Callable[[], object], wait: Callable[[], None], times: int, limit_s: float | None
) -> tuple[list[float], list[float]]:
    """Run up to `times`, but at least once: the seconds of each by the clock, and on processors."""
    seconds: list[float] = []
    processor: list[float] = []
    while len(seconds) < times and (not seconds or limit_s is None or sum(seconds) < limit_s):
        wait()
        start, worked = time.perf_counter(), time.process_time()
        run()
        wait()
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - worked)
    return seconds, processor


def in_torch(job: Job) -> dict[str, Any]:
    """Time, count or export in torch."""
    import torch

    from training.benchmarking import passes

    if job.threads:
        torch.set_num_threads(job.threads)
    before = resident_mib()
    network = passes.build(job.subject)
    if job.kind == "count":
        return passes.count(network, job)
    if job.kind == "export":
        passes.export(network, job)
        return {}
    run = passes.prepare(network, job)
    if job.device == "cpu":
        result = measure(run, lambda: None, job)
        return {**result, "memory": {"before_mib": before, "process_mib": peak_resident_mib()}}
    torch.cuda.reset_peak_memory_stats()
    result = measure(run, torch.cuda.synchronize, job)
    memory = {
        "allocated_mib": round(torch.cuda.max_memory_allocated() / 2**20, 1),
        "reserved_mib": round(torch.cuda.max_memory_reserved() / 2**20, 1),
        "process_mib": card_process_mib(),
    }
    return {**result, "memory": memory}


def in_onnxruntime(job: Job) -> dict[str, Any]:
    """Time an exported graph; torch is not even imported, so the memory is onnxruntime's own."""
    from uhrs_qgis_plugin.engine.inference import import_onnxruntime, load_cuda_libraries

    before = resident_mib()
    ort = import_onnxruntime()
    provider = "CUDAExecutionProvider" if job.device == "cuda" else "CPUExecutionProvider"
    if provider not in ort.get_available_providers():
        raise UnavailableError(f"this onnxruntime has no {provider}; install onnxruntime-gpu instead of onnxruntime")
    if job.device == "cuda":
        load_cuda_libraries(ort)
    options = ort.SessionOptions()
    options.intra_op_num_threads = job.threads or 0
    session = ort.InferenceSession(job.graph, options, providers=[provider])
    if session.get_providers()[0] != provider:
        raise UnavailableError(f"onnxruntime could not start {provider}; do its CUDA libraries fit?")
    shape = (job.batch, job.subject.bands, job.height, job.width)
    image = np.random.default_rng(0).normal(128, 58, shape).astype(np.float32)
    binding = session.io_binding()
    binding.bind_ortvalue_input("image", ort.OrtValue.ortvalue_from_numpy(image, job.device, 0))
    binding.bind_output("logits", job.device)

    result = measure(lambda: session.run_with_iobinding(binding), binding.synchronize_outputs, job)
    if job.device == "cpu":
        return {**result, "memory": {"before_mib": before, "process_mib": peak_resident_mib()}}
    return {**result, "memory": {"process_mib": card_process_mib()}}  # onnxruntime does not report its own peak


def of_bundle(job: Job) -> dict[str, Any]:
    """Time the graphs of a bundle; torch is not imported."""
    from training.benchmarking import bundle_pass

    before = resident_mib()
    result = measure(bundle_pass.prepare(job), lambda: None, job)
    return {**result, "memory": {"before_mib": before, "process_mib": peak_resident_mib()}}


def reason(error: BaseException) -> str:
    """The first informative line of an error."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else ""
    name = "" if isinstance(error, UnavailableError) else f"{type(error).__name__}: "
    return (name + text)[:_REASON_LETTERS].rstrip(": ")


def main(job_file: str, result_file: str) -> None:
    """Do the job and write its result."""
    job = Job.from_json(Path(job_file).read_text(encoding="utf-8"))
    try:
        if job.kind == "time" and job.mode in BUNDLE_MODES:
            result = of_bundle(job)
        else:
            runs_graph = job.mode == "onnxruntime" and job.kind == "time"
            result = in_onnxruntime(job) if runs_graph else in_torch(job)
    except Exception as error:  # whatever a backend raises: the table states the reason
        result = {"missing": reason(error)}
    Path(result_file).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
