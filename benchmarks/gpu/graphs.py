"""The graphs of a bundle in onnxruntime on a card: do they answer right, in which precision, where, and how fast?"""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import json
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from uhrs_qgis_plugin.engine.bundle import Bundle, read_bundle
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.inference import devices, import_onnxruntime, open_streams, sessions
from uhrs_qgis_plugin.engine.inference.agreement import answers
from uhrs_qgis_plugin.engine.inference.contract import INPUTS, OUTPUTS
from uhrs_qgis_plugin.engine.inference.resident import Layout, lay_out
from uhrs_qgis_plugin.engine.results import LEVELS

SCENE_SEED = 5
SIZES = {"deepglobe": 2448, "inria": 5000, "urur": 5120}
RATIOS = (1.0, 0.75, 0.5)
BATCHES = (16, 64, 256)
REPEATS_S = 1.0  # of one measurement; --quick measures once
MOST_RASTERS = 4


def halved(bundle: Bundle, graphs: tuple[str, ...] = tuple(INPUTS)) -> Bundle:
    """The bundle with some graphs in half precision; what goes in and comes out stays as it was."""
    import onnx
    from onnxruntime.transformers.float16 import convert_float_to_float16

    def half(graph: bytes) -> bytes:
        return convert_float_to_float16(onnx.load_from_string(graph), keep_io_types=True).SerializeToString()

    return dataclasses.replace(
        bundle, graphs={name: half(graph) if name in graphs else graph for name, graph in bundle.graphs.items()}
    )


@contextmanager
def without_tf32():
    """Let CUDA compute in 32 bits throughout."""
    real = devices._cuda_options

    def exact(*args):
        return {**real(*args), **({"use_tf32": "0"} if "use_tf32" in real(*args) else {})}

    with patch.object(devices, "_cuda_options", exact):
        yield


def streams_on(bundle: Bundle, device: str) -> sessions.OrtStreams:
    """The model on a device, without a comparison and without a fall-back."""
    ort = import_onnxruntime()
    sessions._prepare(ort, device)
    memory = sessions._open_memory(ort, bundle, device)
    opened = sessions._open_sessions(ort, bundle, device)
    return sessions.OrtStreams(bundle, opened, device, ort.__version__, memory=memory)


def find_libraries(notes: Any) -> None:
    """See that CUDA starts: by the engine's own search, or, for the sake of what follows, after torch has loaded it."""
    bundle, device = read_bundle(notes.job["model"]), notes.job["device"]

    def start() -> str:
        streams_on(bundle, device)
        return "found"

    if isinstance(notes.try_("libraries", start), dict):
        import torch  # noqa: F401 (it loads its own libraries of CUDA)

        notes.try_("libraries after torch", start)


def float_streams(model: str) -> sessions.OrtStreams:
    """The reference: the processor in 32 bits."""
    more = {"precision": "float"} if "precision" in inspect.signature(open_streams).parameters else {}
    return open_streams(read_bundle(model), "cpu", **more)


def scenes(job: dict[str, Any], bundle: Bundle) -> dict[str, np.ndarray]:
    """Images to compare on: name -> (3, h, h) uint8. Real ones are cut out of the middle of rasters."""
    from training.data.synthetic import render

    step = 2 * bundle.patch_side
    side = step * (1 if job["quick"] else 4)
    found = {"generated": render(SCENE_SEED, Window(0, 0, side, side))[0]}
    if job["imagery"] is None:
        return found
    import rasterio
    from rasterio.windows import Window as Part

    endings = (".tif", ".tiff", ".jpg", ".jpeg", ".png", ".jp2")
    for path in sorted(path for path in Path(job["imagery"]).rglob("*") if path.suffix.lower() in endings):
        if len(found) > MOST_RASTERS:
            break
        with rasterio.open(path) as file:
            fits = min(side, file.height // step * step, file.width // step * step)
            if file.count < 3 or file.dtypes[0] != "uint8" or not fits:
                continue
            part = Part((file.width - fits) // 2, (file.height - fits) // 2, fits, fits)
            image = file.read((1, 2, 3), window=part)
        if np.ptp(image):
            found[f"{path.parent.name}/{path.name}"] = image
    return found


def compare_precisions(notes: Any) -> None:
    """Fill in "scenes" and, for every precision, what differs from the processor on each scene."""
    job, bundle = notes.job, read_bundle(notes.job["model"])
    find_libraries(notes)
    device, images = job["device"], scenes(job, bundle)
    notes.put("scenes", {name: image.shape[-1] for name, image in images.items()})
    reference = float_streams(job["model"])
    expected = {name: answers(reference, bundle, image) for name, image in images.items()}

    def against(streams: sessions.OrtStreams) -> dict[str, Any]:
        return {name: _difference(streams, bundle, image, expected[name]) for name, image in images.items()}

    def exact() -> dict[str, Any]:
        with without_tf32():
            return against(streams_on(bundle, device))

    notes.try_("plugin", lambda: against(open_streams(bundle, device)))  # as it is used, with its own comparison
    notes.try_("float", exact)
    notes.try_("tf32", lambda: against(streams_on(bundle, device)))
    notes.try_("half", lambda: against(streams_on(halved(bundle), device)))
    notes.try_("half_high", lambda: against(streams_on(halved(bundle, ("high",)), device)))
    if "precision" in inspect.signature(open_streams).parameters:
        notes.try_("int8_processor", lambda: against(open_streams(bundle, "cpu", precision="int8")))
    notes.try_("placement", lambda: placement(bundle, device, Path(job["folder"]), images["generated"]))


def _difference(streams: Any, bundle: Bundle, image: np.ndarray, expected: Any) -> dict[str, Any]:
    """Share of equal labels, differences of U in 0..1, seconds of a second run."""
    answers(streams, bundle, image)
    begun = time.perf_counter()
    labels, uncertainty8 = answers(streams, bundle, image)
    seconds = time.perf_counter() - begun
    difference = np.abs(uncertainty8.astype(np.float32) - expected[1]) / LEVELS
    return {
        "device": streams.device,
        "messages": streams.messages,
        "equal_labels": float((labels == expected[0]).mean()),
        "largest_difference_of_u": float(difference[0].max()),
        "mean_difference_of_u": float(difference[0].mean()),
        "largest_difference_of_final_u": float(difference[1].max()),
        "classes": len(np.unique(labels)),
        "seconds": seconds,
    }


def placement(bundle: Bundle, device: str, folder: Path, image: np.ndarray) -> dict[str, Any]:
    """Where the nodes of each graph run, and how long those take that are not on the device."""
    ort = import_onnxruntime()
    real, numbers = ort.SessionOptions, itertools.count()

    def profiled():
        options = real()
        options.enable_profiling = True
        # A name for each: onnxruntime adds the time alone, and sessions are opened side by side.
        options.profile_file_prefix = str(folder / f"profile{next(numbers)}")
        return options

    with patch.object(ort, "SessionOptions", profiled):
        streams = streams_on(bundle, device)
    for _ in range(2):
        answers(streams, bundle, image)
    found = {}
    for graph in INPUTS:
        events = json.loads(Path(streams._runner._sessions[graph].end_profiling()).read_text(encoding="utf-8"))
        nodes: dict[str, set[str]] = {}
        times: Counter[str] = Counter()
        kinds: dict[str, Counter[str]] = {}
        for event in events:
            if event.get("cat") != "Node" or "provider" not in event.get("args", {}):
                continue
            provider, kind = event["args"]["provider"], event["args"].get("op_name", "?")
            name = event["name"].removesuffix("_kernel_time")
            if name not in nodes.setdefault(provider, set()):
                kinds.setdefault(provider, Counter())[kind] += 1
            nodes[provider].add(name)
            times[provider] += event.get("dur", 0)
        found[graph] = {
            provider: {
                "nodes": len(names),
                "ms": times[provider] / 1000,
                "kinds": dict(kinds[provider].most_common(12)),
            }
            for provider, names in nodes.items()
        }
    return found


def time_graphs(notes: Any) -> None:
    """Fill in, for every precision, what the graphs take alone and as passes over images of the published sizes."""
    job, bundle = notes.job, read_bundle(notes.job["model"])
    device, quick = job["device"], job["quick"]
    find_libraries(notes)
    makers = {"tf32": lambda: bundle, "half": lambda: halved(bundle)}
    for precision, make in makers.items():
        found: dict[str, Any] = {}
        try:
            timer = GraphTimer(make(), device, 0.0 if quick else REPEATS_S)
            for batch in BATCHES[:1] if quick else BATCHES:
                found[f"high, {batch} patches"] = timer.high(batch)
            for name, side in {"tiny": 512}.items() if quick else SIZES.items():
                for ratio in RATIOS[:1] if quick else RATIOS:
                    if notes.left > 0:
                        found[f"pass, {name}, {side}, {ratio:g}"] = timer.whole(side, ratio)
                    notes.put(precision, found)
            found["engine"] = timer.as_in_the_engine(512 if quick else 2048)
        except Exception as error:
            found["missing"] = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        notes.put(precision, found)


class GraphTimer:
    """Times graphs whose inputs and outputs lie on the device, each for some seconds."""

    def __init__(self, bundle: Bundle, device: str, seconds: float) -> None:
        self.bundle, self.device, self._seconds = bundle, device, seconds
        self.ort = import_onnxruntime()
        self.streams = streams_on(bundle, device)
        self.sessions = self.streams._runner._sessions
        self.kind, self.card = devices.kind_of(device), devices.card_of(device)

    def on_device(self, array: np.ndarray) -> Any:
        return self.ort.OrtValue.ortvalue_from_numpy(array, self.kind, self.card)

    def bound(self, graph: str, *arrays: np.ndarray) -> Any:
        """A binding of a graph: it can be run again and again, and allocates its outputs by itself."""
        binding = self.sessions[graph].io_binding()
        for name, array in zip(INPUTS[graph], arrays):
            binding.bind_ortvalue_input(name, self.on_device(np.ascontiguousarray(array)))
        for name in OUTPUTS[graph]:
            binding.bind_output(name, self.kind, self.card)
        return binding

    def timed(self, run: Any, settle: Any) -> float:
        """Median seconds of a run, after two that do not count."""
        for _ in range(2):
            run()
        settle()
        seconds, end = [], time.perf_counter() + self._seconds
        while not seconds or time.perf_counter() < end:
            begun = time.perf_counter()
            run()
            settle()
            seconds.append(time.perf_counter() - begun)
        return float(np.median(seconds))

    def patches(self, count: int) -> np.ndarray:
        shape = (count, len(self.bundle.bands), self.bundle.patch_side, self.bundle.patch_side)
        return np.random.default_rng(0).integers(0, 255, shape).astype(self.bundle.data_type)

    def high(self, count: int) -> dict[str, float]:
        binding = self.bound("high", self.patches(count))
        seconds = self.timed(lambda: self.sessions["high"].run_with_iobinding(binding), binding.synchronize_outputs)
        return {"ms": 1000 * seconds, "mpx_per_s": count * self.bundle.patch_side**2 / 1e6 / seconds}

    def whole(self, side: int, ratio: float) -> dict[str, float]:
        """A pass over an image: low on all of it, high on a share of its patches, fuse on all of it."""
        bundle, unit = self.bundle, self.bundle.patch_side
        count = -(-side // unit)
        padded = count * unit
        rng = np.random.default_rng(1)
        small = rng.integers(0, 255, (1, len(bundle.bands), padded // 4, padded // 4)).astype(bundle.data_type)
        low = self.bound("low", small)
        batch = min(64, count * count)
        runs = max(1, round(ratio * count * count / batch))
        high = self.bound("high", self.patches(batch))
        selected = rng.random((1, 1, padded // 8, padded // 8)) < ratio
        cells = padded // bundle.uncertainty_stride
        fuse = self.bound(
            "fuse",
            rng.random((1, bundle.coarse_channels, padded // 32, padded // 32), np.float32),
            rng.random((1, 1, cells, cells), np.float32),
            rng.random((1, bundle.feature_channels, padded // 8, padded // 8), np.float32),
            selected,
        )

        def run() -> None:
            self.sessions["low"].run_with_iobinding(low)
            for _ in range(runs):
                self.sessions["high"].run_with_iobinding(high)
            self.sessions["fuse"].run_with_iobinding(fuse)

        seconds = self.timed(run, fuse.synchronize_outputs)
        return {
            "fps": 1 / seconds,
            "ms": 1000 * seconds,
            "mpx_per_s": side * side / 1e6 / seconds,
            "patches": runs * batch,
        }

    def as_in_the_engine(self, block: int) -> dict[str, float]:
        """The same graphs as the engine runs them: pixels in, labels out; high features stay on the device."""
        bundle = self.bundle
        patches, side = self.patches(64), block + 64
        cells = side // bundle.uncertainty_stride
        rng = np.random.default_rng(2)
        low = rng.integers(0, 255, (1, len(bundle.bands), side // 4 // 8 * 8, side // 4 // 8 * 8)).astype(
            bundle.data_type
        )
        count = -(-side // bundle.patch_side)
        places = rng.integers(0, len(patches), (count, count))
        layout = Layout(((self.streams.high(patches), places),), (0, side // 8), (0, side // 8))
        keeps = self.streams.keeps_features
        inputs = (
            rng.random((1, bundle.coarse_channels, side // 32, side // 32), np.float32),
            rng.random((1, 1, cells, cells), np.float32),
            layout if keeps else lay_out(layout, bundle.feature_channels, np.asarray),
            rng.random((1, 1, side // 8, side // 8)) < 0.5,
        )
        nothing = lambda: None  # noqa: E731
        high_s = self.timed(lambda: self.streams.high(patches), nothing)
        fuse_s = self.timed(lambda: self.streams.fuse(*inputs), nothing)
        low_s = self.timed(lambda: self.streams.low(low), nothing)
        per_high, per_fuse = 64 * bundle.patch_side**2 / 1e6 / high_s, side**2 / 1e6 / fuse_s
        per_low = 16 * low.shape[-1] ** 2 / 1e6 / low_s
        together = 1 / (1 / per_high + 1 / per_fuse + 1 / per_low)
        return {
            "low_mpx_per_s": per_low,
            "high_mpx_per_s": per_high,
            "fuse_mpx_per_s": per_fuse,
            "together_mpx_per_s": together,
        }
