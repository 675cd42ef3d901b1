"""The sections of `run.py`, each in a process of its own: `sections.py NAME JOB.json`.

A section keeps what it found as it goes on (`Notes`), so that a time limit or a crash costs only the rest.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run from anywhere: the repository root, not this folder, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[2])

MARGIN_S = 4.0  # that a section leaves of its time
NVIDIA_SMI = (
    "name", "driver_version", "memory.total", "memory.used", "utilization.gpu", "clocks.sm", "clocks.max.sm",
    "power.limit", "pcie.link.gen.current", "pcie.link.width.current", "mig.mode.current",
)  # fmt: skip


class Notes:
    """What a section found so far, in a file."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.job, self.found = job, {}
        self.end = time.monotonic() + job["seconds"] - MARGIN_S

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.end - time.monotonic()

    def put(self, name: str, value: Any) -> None:
        """Keep a finding."""
        self.found[name] = value
        path = Path(self.job["result"])
        part = path.with_suffix(".part")
        part.write_text(json.dumps(self.found), encoding="utf-8")
        part.replace(path)

    def try_(self, name: str, find: Callable[[], Any]) -> Any:
        """Keep what a function finds, or why it failed; the section goes on."""
        try:
            value = find()
        except Exception as error:  # whatever a backend raises is a finding
            value = {"missing": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"}
        self.put(name, value)
        return value


def facts(notes: Notes) -> None:
    """The machine, the card, versions, and how busy the card was before."""
    from benchmarks.machine import describe_machine

    notes.try_("machine", describe_machine)
    notes.try_("card", _card_facts)
    notes.try_("driver", _driver_facts)
    notes.try_("onnxruntime", _onnxruntime_facts)
    notes.try_("torch", _torch_facts)
    notes.try_("tensorrt", _tensorrt_facts)


def _card_facts() -> dict[str, str]:
    command = ["nvidia-smi", f"--query-gpu={','.join(NVIDIA_SMI)}", "--format=csv,noheader"]
    line = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout.splitlines()[0]
    return dict(zip(NVIDIA_SMI, (value.strip() for value in line.split(","))))


def _driver_facts() -> list[dict[str, Any]]:
    from dataclasses import asdict

    from uhrs_qgis_plugin.engine.inference import find_cards

    return [asdict(card) for card in find_cards()]


def _onnxruntime_facts() -> dict[str, Any]:
    import onnxruntime

    return {
        "version": onnxruntime.__version__,
        "built_for_cuda": getattr(onnxruntime, "cuda_version", None),
        "providers": onnxruntime.get_available_providers(),
    }


def _torch_facts() -> dict[str, Any]:
    import torch

    return {"version": torch.__version__, "cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version()}


def _tensorrt_facts() -> dict[str, Any]:
    """TensorRT is not used; the page says whether it could have been."""
    spec = importlib.util.find_spec("tensorrt") or importlib.util.find_spec("tensorrt_libs")
    return {"installed": spec is not None}


def training(notes: Notes) -> None:
    """Our recipe and the published one for DeepGlobe, on generated files of its size."""
    from benchmarks.gpu.training import RECIPES, make_data, train

    folder, quick = Path(notes.job["folder"]), notes.job["quick"]
    side = 320 if quick else 2448
    begun = time.monotonic()
    make_data(folder / "data", side, images=2 if quick else 6)
    notes.put("data", {"side": side, "seconds": round(time.monotonic() - begun, 1)})
    recipes = list(RECIPES)[:1] if quick else list(RECIPES)
    for number, name in enumerate(recipes):
        share = notes.left / (len(recipes) - number)
        notes.try_(name, lambda name=name, share=share: train(name, folder, notes.job, share))


def protocol(notes: Notes) -> None:
    """The published measurement in torch: random weights, an image on the device, logits of its size."""
    from benchmarks.gpu.networks import protocol_rows

    _rows(notes, protocol_rows(notes.job, compiled=False))


def compile(notes: Notes) -> None:
    """The same with torch.compile, which takes its time to start."""
    from benchmarks.gpu.networks import protocol_rows

    _rows(notes, protocol_rows(notes.job, compiled=True))


def _rows(notes: Notes, rows: list[tuple[str, Callable[[], Any]]]) -> None:
    for name, measure in rows:
        if notes.left > 0:
            notes.try_(name, measure)
        else:
            notes.put(name, {"missing": "no time was left"})


def agreement(notes: Notes) -> None:
    """Labels and U of each precision against the processor in 32 bits."""
    from benchmarks.gpu.graphs import compare_precisions

    compare_precisions(notes)


def graphs(notes: Notes) -> None:
    """The three graphs of the bundle: alone, and together as one pass over an image that lies on the device."""
    from benchmarks.gpu.graphs import time_graphs

    time_graphs(notes)


def end_to_end(notes: Notes) -> None:
    """A raster of a thousand million pixels, from file to files, and what kept it from being faster."""
    from benchmarks.gpu.raster import segment_generated

    segment_generated(notes)


SECTIONS = {
    "facts": facts,
    "agreement": agreement,
    "end_to_end": end_to_end,
    "graphs": graphs,
    "protocol": protocol,
    "training": training,
    "compile": compile,
}


def main() -> None:
    """Run the section of the command line."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    job = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    SECTIONS[sys.argv[1]](Notes(job))
    sys.stdout.flush()
    os._exit(0)  # CUDA's own end can hang or crash; all is written


if __name__ == "__main__":
    main()
