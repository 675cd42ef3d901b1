"""Give a bundle the temperatures under which its final uncertainty says what is true."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.data.datasets import SceneSource, find_dataset
from training.errors import CheckpointError, DatasetError
from training.evaluation import (
    UNCHANGED,
    NetworkSegmenter,
    Sample,
    Temperatures,
    calibration_error,
    fit_temperatures,
    sample_pixels,
    setting,
)
from training.export.graphs import export_graphs
from training.export.parity import TOLERANCE, largest_difference
from training.networks import DualStream
from training.weights import load_start
from uhrs_qgis_plugin.engine.bundle import read_bundle, read_manifest, write_bundle
from uhrs_qgis_plugin.engine.files import replacing

RATIOS = (0.0, 0.25, 0.5, 1.0)


def calibrate(source: Path, target: Path, data: SceneSource) -> Mapping[str, Any]:
    """Fit temperatures on validation scenes and write the bundle with them: `fuse` is exported anew, the rest stays.

    Classes and U stay as they are, to the bit; the final uncertainty changes.

    Args:
        source: A bundle with graphs in floating point.
        target: The bundle to write; may be the same file.
        data: The dataset; its validation scenes are taken, for a network is too sure of those that it was trained on.

    Returns:
        What the manifest says of the calibration, see docs/bundle.md.

    Raises:
        CheckpointError: The bundle's network cannot be rebuilt.
        DatasetError: The scenes do not fit the model, or none is labelled.
        UhrsError: The bundle cannot be read or written.
    """
    trained = load_start(source)
    names = list(find_dataset(data.dataset).classes(data.root)[0])
    if trained.class_names != names:
        raise DatasetError(
            f"The model's classes are {trained.class_names}, those of '{data.dataset}' are {names}; calibrate "
            "it on the dataset it was trained for"
        )
    if not isinstance(trained.network, DualStream):
        raise CheckpointError(
            f"'{source}' holds one network, and calibration fits the fusion of two streams: take a bundle that has them"
        )
    network = trained.network
    scenes = data.scenes("val")
    sample = sample_pixels(NetworkSegmenter(trained), scenes, RATIOS)
    temperatures = fit_temperatures(sample)
    found = {
        "temperatures": temperatures.to_json(),
        "error": {setting(ratio): _errors(sample, ratio, temperatures) for ratio in RATIOS},
        "pixels": len(sample.labels),
        "measured_on": f"{data.dataset}, val",
    }
    bundle = read_bundle(source)
    graphs = {**bundle.graphs, **{f"{name}.int8": graph for name, graph in bundle.int8_graphs.items()}}
    graphs["fuse"] = export_graphs(network, temperatures)["fuse"]
    with replacing(target) as candidate:
        written = write_bundle(candidate, {**read_manifest(source), "uhrs:calibration": found}, graphs)
        difference = largest_difference(written, network)
        if difference > TOLERANCE:
            raise CheckpointError(
                f"Bundle and network differ by {difference:.2g}, allowed is {TOLERANCE:g}; nothing was written. "
                "Report this network's settings"
            )
    return found


def _errors(sample: Sample, ratio: float, temperatures: Temperatures) -> dict[str, float]:
    """Expected calibration errors at a K, of pixels and of scenes that count alike, before and after."""
    return {
        f"{name}{suffix}": round(calibration_error(sample, ratio, used, by_scene), 4)
        for suffix, by_scene in (("", False), ("_by_scene", True))
        for name, used in (("before", UNCHANGED), ("after", temperatures))
    }


def describe_calibration(found: Mapping[str, Any]) -> str:
    """What `calibrate` found, in a line."""
    warm = found["temperatures"]
    errors = [
        f"{name} {100 * row['before']:.1f} -> {100 * row['after']:.1f} % (scenes alike "
        f"{100 * row['before_by_scene']:.1f} -> {100 * row['after_by_scene']:.1f} %)"
        for name, row in found["error"].items()
    ]
    return (
        f"temperatures {warm['low']:.2f} (unselected patches) and {warm['fused']:.2f} (selected); "
        f"calibration error on {found['measured_on']}: {', '.join(errors)}"
    )
