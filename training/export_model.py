"""Turn a checkpoint, or a network that was not trained here, into a bundle for the plugin.

    python training/export_model.py runs/dubai/version_0/last.ckpt roads.uhrs --name roads --calibrate
    python training/export_model.py fields.safetensors fields.uhrs --module networks.unet:build --classes a,b ...
    python training/export_model.py fields.onnx fields.uhrs --resolution-m 0.03 ...

A dual-stream network becomes three graphs; any other one runs in windows, and with --first-look same at 1/4 scale too,
where its entropy chooses what is seen at full scale.

Ends by comparing the bundle with the network in torch on three sizes that it was not exported with, and fails,
leaving no bundle behind, when they differ by more than 0.001. Then adds 8-bit graphs for processors, calibrated on the
training data that the checkpoint names or on --data, unless they give other classes in more than 1 % of the pixels.
With --calibrate the final uncertainty is calibrated on the validation scenes of these data before that.

A torch module of others (--module) is compared in the same way, an ONNX file is taken as it is; what neither tells is
asked for, and with --data and --root they get 8-bit graphs and statistics of the imagery, too: docs/own-network.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from training.data.arrays import pixel_m
from training.data.datasets import DATASETS, SceneSource, find_dataset
from training.errors import CheckpointError, DatasetError, SettingsError, TrainingError, command
from training.export import (
    HALF_BITS,
    TOLERANCE,
    DisagreementError,
    Told,
    WindowOptions,
    add_foreign,
    add_int8,
    calibrate,
    describe_calibration,
    describe_int8,
    export_graphs,
    export_windows,
    import_foreign,
    is_foreign,
    largest_difference,
    load_labelled,
    manifest,
    network_bundle,
    round_to_half,
    seams_of,
)
from training.imagery import describe_scenes, imagery_scenes
from training.networks import DualStream, Network
from training.weights import Trained, load_start
from uhrs_qgis_plugin.engine.bundle import Bundle, read_bundle, read_manifest, write_bundle
from uhrs_qgis_plugin.engine.files import replacing
from uhrs_qgis_plugin.engine.importing import ANY_PIXEL

NO_LOOK = "none"
FIRST_LOOKS = (NO_LOOK, "same")
SAME_PIXEL = 1.01  # pixel sizes that differ by less are the same


def pixel_size(trained: Trained, options: argparse.Namespace) -> float | None:
    """The pixel size in metres that was given, else that of the scenes that training read; None where none is known.

    Training brought them to one, or all of them had the same.
    """
    if options.resolution_m is not None:
        return None if options.resolution_m == ANY_PIXEL else float(options.resolution_m)
    data = trained.recipe.get("data", {})
    brought = data.get("resolution_m")
    return common_pixel_m(data) if brought is None else float(brought)


def common_pixel_m(data: dict[str, Any]) -> float | None:
    """The pixel size of all training scenes in metres; None, and a line that says so, where they differ."""
    if "dataset" not in data:
        return None
    try:
        sizes = [pixel_m(scene) for scene in SceneSource(data["dataset"], data.get("root", "")).scenes("train")]
    except (TrainingError, OSError):  # they are no longer there; `imagery` tells so
        return None
    known = [size for size in sizes if size is not None]
    if not known:
        return None
    if len(known) < len(sizes) or max(known) > SAME_PIXEL * min(known):
        print("The bundle states no pixel size, because the training images have several: give --resolution-m")
        return None
    return float(f"{known[0]:.3g}")


def imagery(recipe: Mapping[str, Any], options: argparse.Namespace, old: Mapping[str, Any]) -> dict[str, Any]:
    """Statistics of the training imagery, by which the engine tells what fits; none without that imagery.

    Args:
        recipe: Settings of the data that the network was trained on; empty where nobody knows.
        old: The manifest of the bundle that is exported anew, whose statistics stay without --data; else empty.
    """
    if options.no_imagery:
        return {}
    if old and options.data is None:
        return {key: old[key] for key in ("uhrs:imagery",) if key in old}
    try:
        given = {} if options.data is None else {"dataset": options.data, "root": options.root}
        data = {**recipe, **given}
        if not data.get("dataset"):
            raise DatasetError("nothing tells what it was trained on; give --data and --root")
        scenes = imagery_scenes(data)
        return {"uhrs:imagery": describe_scenes(*scenes).to_json()}
    except (TrainingError, OSError) as error:
        print(f"Without statistics of the training imagery: {error}. training/describe_imagery.py can add them")
        return {}


def check_exportable(network: Network, path: Path) -> None:
    """Check that the engine can run the network.

    Raises:
        CheckpointError: When it chooses patches as only torch does.
    """
    if isinstance(network, DualStream) and network.settings.selector == "random":
        raise CheckpointError(
            f"'{path}' selects patches at random (an ablation); the engine selects by uncertainty. "
            "Export a network with selector: mean"
        )


def parse(args: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="a .ckpt, a .uhrs bundle, an .onnx file, or weights for --module")
    parser.add_argument("bundle", type=Path, help="the .uhrs file to write")
    parser.add_argument("--name", help="the model's name; the bundle's file name by default")
    parser.add_argument(
        "--ratio", type=float, help="default K of the model, 0 to 1 (default: 0.5; 1 without a first look)"
    )
    parser.add_argument("--bands", nargs="+", help="names of the input bands")
    parser.add_argument(
        "--resolution-m",
        type=_metres,
        metavar="METRES|any",
        help="pixel size of the training data (default: --data.resolution_m, else that of all images)",
    )
    parser.add_argument("--training-data", help="one sentence about what it was trained on")
    parser.add_argument("--metrics", type=Path, help="metrics.json of evaluate.py, kept in the bundle")
    parser.add_argument("--licence", help="of the weights (default: GPL-3.0-or-later)")
    parser.add_argument(
        "--no-imagery",
        action="store_true",
        help="without statistics of the training imagery: whether a raster fits will not be known",
    )
    parser.add_argument("--full-precision", action="store_true", help="keep the weights in 32 bits: twice the size")
    bits = f"significant bits of the weights, 1 to {HALF_BITS} (half precision); with 8 a zip of the bundle is smaller"
    parser.add_argument("--weight-bits", type=int, default=HALF_BITS, metavar="N", help=bits)
    warm = "calibrate the final uncertainty on validation scenes; classes and U stay the same"
    parser.add_argument("--calibrate", action="store_true", help=warm)
    parser.add_argument("--float-only", action="store_true", help="no 8-bit graphs")
    data = "dataset to calibrate on and to describe (default: the one it was trained on)"
    parser.add_argument("--data", choices=sorted(DATASETS), help=data)
    parser.add_argument("--root", default="", help="folder of that dataset as downloaded")
    _add_windows(parser)
    add_foreign(parser)
    options = parser.parse_args(args)
    if not 1 <= options.weight_bits <= HALF_BITS:
        parser.error(f"--weight-bits {options.weight_bits}: give 1 to {HALF_BITS}")
    return options


def _metres(text: str) -> float | str:
    """A pixel size of the command line: metres or "any"."""
    return ANY_PIXEL if text == ANY_PIXEL else float(text)


def _add_windows(parser: argparse.ArgumentParser) -> None:
    """The options of networks that run in windows."""
    group = parser.add_argument_group("networks in windows (all but dual_stream)")
    group.add_argument("--window", type=int, help="side in pixels (default: that of the network's settings)")
    group.add_argument("--margin", type=int, help="pixels on each side that only serve as surroundings")
    looks = "same: the network at 1/4 scale chooses what is seen at full scale; none: all is (K = 1)"
    group.add_argument("--first-look", choices=FIRST_LOOKS, default=NO_LOOK, help=looks)


def fill_in(options: argparse.Namespace, old: Mapping[str, Any]) -> None:
    """Give what the command line leaves open the value of the bundle that is exported anew, else the usual one.

    Args:
        old: The manifest of that bundle; empty for a checkpoint.
    """
    usual = {
        "name": old.get("mlm:name", options.bundle.stem),
        "ratio": old.get("uhrs:default_ratio"),
        "training_data": old.get("uhrs:training_data", ""),
        "licence": old.get("uhrs:licence", "GPL-3.0-or-later"),
        "resolution_m": old["mlm:input"][0]["raster:spatial_resolution"] if old else None,
    }
    for name, value in usual.items():
        if getattr(options, name) is None:
            setattr(options, name, value)


def calibrated(path: Path, trained: Trained, options: argparse.Namespace) -> str:
    """Calibrate a bundle on the validation scenes of the data.

    Returns:
        One line: what was found.

    Raises:
        DatasetError: when there are no such scenes, or they do not fit.
    """
    recipe = trained.recipe.get("data", {})
    dataset, root = (options.data, options.root) if options.data else (recipe.get("dataset"), recipe.get("root", ""))
    if dataset is None:
        raise DatasetError("The checkpoint does not tell what it was trained on: give --data and --root to --calibrate")
    own = recipe if dataset == recipe.get("dataset") else {}
    source = SceneSource(
        dataset, root, own.get("resolution_m"), own.get("split"), own.get("crop", 640), own.get("seed", 0)
    )
    return describe_calibration(calibrate(path, path, source))


def with_int8(path: Path, recipe: Mapping[str, Any], options: argparse.Namespace) -> str:
    """Add 8-bit graphs to a bundle where that can be done.

    Args:
        recipe: Settings of the data that the network was trained on; empty where nobody knows.

    Returns:
        One line: how far they agree, or why there are none.

    Raises:
        DatasetError: when the dataset of the command line cannot be used.
    """
    dataset, root = (options.data, options.root) if options.data else (recipe.get("dataset"), recipe.get("root", ""))
    if dataset is None:
        return "No 8-bit graphs: nothing tells what it was trained on; give --data and --root"
    try:
        return describe_int8(add_int8(path, path, load_labelled(dataset, root)))
    except DisagreementError as error:
        return f"No 8-bit graphs: {error}"
    except DatasetError as error:
        if options.data:
            raise
        return f"No 8-bit graphs: {error}; give --data and --root, or --float-only"


def read_metrics(path: Path) -> dict[str, Any]:
    """The numbers that evaluate.py wrote.

    Raises:
        SettingsError: when the file holds something else.
    """
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SettingsError(
            f"Cannot read the metrics from '{path}' ({error}); give the metrics.json of evaluate.py"
        ) from error
    return content


def told(trained: Trained, options: argparse.Namespace, usual_ratio: float) -> Told:
    """What the bundle says beside the network."""
    bands = trained.network.settings.bands
    unknown = ["red", "green", "blue"] if bands == 3 else [f"band{i + 1}" for i in range(bands)]
    return Told(
        name=options.name,
        ratio=usual_ratio if options.ratio is None else options.ratio,
        bands=options.bands or list(trained.bands) or unknown,
        resolution_m=pixel_size(trained, options),
        training_data=options.training_data,
        licence=options.licence,
        metrics=read_metrics(options.metrics) if options.metrics else {},
    )


def export_trained(options: argparse.Namespace) -> str:
    """Export a checkpoint or a bundle; returns what is said of it.

    Raises:
        CheckpointError: when it cannot be read, or bundle and network differ.
    """
    trained = load_start(options.source)
    old = read_manifest(options.source) if options.source.suffix.lower() == ".uhrs" else {}
    fill_in(options, old)
    network = trained.network
    check_exportable(network, options.source)
    if not options.full_precision:
        round_to_half(network, options.weight_bits)
    if not isinstance(network, DualStream):
        return export_in_windows(trained, options, old)
    if options.window or options.margin or options.first_look != NO_LOOK:
        raise SettingsError(
            "--window, --margin and --first-look are for other networks than dual_stream; leave them out"
        )
    content = {
        **manifest(trained, told(trained, options, 0.5)),
        **imagery(trained.recipe.get("data", {}), options, old),
    }
    with replacing(options.bundle) as candidate:
        write_bundle(candidate, content, export_graphs(network))
        difference = largest_difference(read_bundle(candidate), network)
        if difference > TOLERANCE:
            raise CheckpointError(
                f"Bundle and network differ by {difference:.2g}, allowed is {TOLERANCE:g}; nothing was written. "
                "Try --full-precision, and report this network's settings"
            )
        note = f"\n{calibrated(candidate, trained, options)}" if options.calibrate else ""
        note += "" if options.float_only else f"\n{with_int8(candidate, trained.recipe.get('data', {}), options)}"
    return f"largest difference to torch {difference:.1e}{note}"


def export_in_windows(trained: Trained, options: argparse.Namespace, old: Mapping[str, Any]) -> str:
    """Export a network that runs in windows; returns what is said of it.

    Raises:
        SettingsError: when it is to be calibrated.
        CheckpointError: when graph and network differ.
    """
    if options.calibrate:
        raise SettingsError("--calibrate is for dual_stream, whose heads have temperatures of their own; leave it out")
    windows, file = export_windows(trained.network, WindowOptions(options.window, options.margin, options.first_look))
    says = told(trained, options, 0.5 if windows.has_first_look else 1.0)
    with replacing(options.bundle) as candidate:
        network_bundle(candidate, trained, windows, file, says, imagery(trained.recipe.get("data", {}), options, old))
        note = "" if options.float_only else f"\n{with_int8(candidate, trained.recipe.get('data', {}), options)}"
    seams = seams_of(windows, file, trained.network.settings)
    note += f"\nWarning: {seams}" if seams else ""
    kind = f"of {windows.side} pixels, no others" if windows.is_fixed else f"of {windows.side} pixels"
    return f"largest difference to torch {file.difference:.1e}, windows {kind}, margin {windows.margin}{note}"


def export_foreign(options: argparse.Namespace) -> str:
    """Export a network that was not trained here; returns what is said of it.

    Raises:
        TrainingError: when it, its weights or the data do not fit.
        UhrsError: when the importer refuses it.
    """
    resolution = "" if options.resolution_m is None else str(options.resolution_m)
    if options.data and not resolution:
        found = common_pixel_m({"dataset": options.data, "root": options.root})
        resolution = "" if found is None else str(found)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / options.bundle.name
        notes = [import_foreign(options, resolution, path)]
        bundle = read_bundle(path)
        if options.data:
            check_classes(bundle, options)
        more: dict[str, Any] = {"uhrs:metrics": read_metrics(options.metrics)} if options.metrics else {}
        told = {**more, **imagery({}, options, {})}
        if told:
            write_bundle(path, {**read_manifest(path), **told}, bundle.graphs)
        if not options.float_only:
            notes.append(with_int8(path, {}, options))
        with replacing(options.bundle) as candidate:
            shutil.copyfile(path, candidate)
    return "\n".join(filter(None, notes))


def check_classes(bundle: Bundle, options: argparse.Namespace) -> None:
    """Check that the classes of a network are those of the dataset, in its order: it is judged by their numbers.

    Raises:
        SettingsError: When they are not.
    """
    names = tuple(entry.name for entry in bundle.classes)
    labelled = tuple(find_dataset(options.data).classes(options.root)[0])
    if names != labelled:
        raise SettingsError(
            f"The network has the classes {', '.join(names)}, --data has {', '.join(labelled)}: give --classes in "
            "these names if they are in the network's order, else data with the classes of the network, or no --data"
        )


@command
def main(args: Sequence[str] | None = None) -> None:
    """Export as the command line says.

    Raises:
        TrainingError: When the source cannot be read, or bundle and network differ.
        UhrsError: When the bundle cannot be written.
    """
    options = parse(args)
    note = export_foreign(options) if is_foreign(options) else export_trained(options)
    size = options.bundle.stat().st_size / 2**20
    print(f"{options.bundle}: {size:.1f} MiB{', ' if note else ''}{note}")


if __name__ == "__main__":
    main()
