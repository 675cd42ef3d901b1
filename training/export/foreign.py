"""Networks that were not trained here, a torch module or an ONNX file: the command line's part, and the import."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from training.errors import SettingsError
from training.export.graphs import HALF_BITS
from training.export.torch_module import Numbers, build_module, export_module
from uhrs_qgis_plugin.engine.flow import Event, Message, Watch
from uhrs_qgis_plugin.engine.importing import (
    DATA_TYPES,
    LAYOUTS,
    SCORES,
    ImportOptions,
    as_names,
    as_numbers,
    import_model,
)

_PHOTOGRAPH = Numbers(127.0, 64.0)  # numbers of 8 bits


def add_foreign(parser: argparse.ArgumentParser) -> None:
    """Describe the options of networks that were not trained here; docs/own-network.md."""
    group = parser.add_argument_group("networks that were not trained here (an .onnx file, or --module)")
    place = (
        "source holds the weights of the torch module that this function builds, such as networks.unet:build; "
        "it is executed: give your own code alone"
    )
    group.add_argument("--module", metavar="PACKAGE.FILE:FACTORY", help=place)
    group.add_argument("--classes", metavar="A,B,...", help="names in the network's order, colours as water=1F78B4")
    group.add_argument("--divisor", type=float, metavar="D", help="what the raster's numbers are divided by first")
    group.add_argument("--mean", metavar="M,M,...", help="what is subtracted then, one or one a band")
    group.add_argument("--std", metavar="S,S,...", help="what the difference is divided by, one or one a band")
    group.add_argument("--data-type", choices=DATA_TYPES, help="of the raster's numbers (default: uint8)")
    group.add_argument("--output-name", metavar="NAME", help="output that holds the classes, where there are several")
    group.add_argument("--layout", choices=LAYOUTS, help="axes of the input (default: found out)")
    group.add_argument("--scores", choices=SCORES, help="what it gives (default: found out)")


def is_foreign(options: argparse.Namespace) -> bool:
    """Whether the network was not trained here.

    Raises:
        SettingsError: when options of the one kind are given for the other.
    """
    foreign = options.module is not None or options.source.suffix.lower() == ".onnx"
    if foreign:
        given = {
            "--ratio": options.ratio is not None,
            "--calibrate": options.calibrate,
            "--full-precision": options.full_precision,
            "--weight-bits": options.weight_bits != HALF_BITS,
        }
        kind = "networks that were trained here; one of others keeps its weights"
    else:
        names = ("classes", "divisor", "mean", "std", "data_type", "output_name", "layout", "scores")
        given = {f"--{name.replace('_', '-')}": getattr(options, name) is not None for name in names}
        kind = "an .onnx file or a --module; a checkpoint tells them itself"
    wrong = [name for name, is_given in given.items() if is_given]
    if wrong:
        raise SettingsError(f"{' and '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} for {kind}: leave out")
    return foreign


def import_foreign(options: argparse.Namespace, resolution: str, bundle: Path) -> str:
    """Make a bundle of a network that was not trained here; what is found out is printed.

    Args:
        options: the command line.
        resolution: pixel size in metres, "any", or "" = what the file says.
        bundle: the file to write.

    Returns:
        How far its graph is from torch, "" where there is no torch.

    Raises:
        SettingsError: when an option is missing, or the module cannot be built.
        CheckpointError: when weights are another network's, or the graph is not the module.
        UhrsError: when the importer refuses the network, or something that it needs is missing.
    """
    wanted = _import_options(options, resolution)
    watch = Watch(notify=_tell)
    if options.module is None:
        import_model(options.source, bundle, wanted, watch)
        return ""
    if not wanted.bands:
        raise SettingsError("A module does not tell its bands: give --bands, in its order, such as red green blue")
    module = build_module(options.module, options.source)
    graph = export_module(module, len(wanted.bands), wanted.window, _numbers(wanted))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{options.bundle.stem}.onnx"
        file.write_bytes(graph.content)
        import_model(file, bundle, wanted, watch)
    return f"largest difference to torch {graph.difference:.1e}"


def _import_options(options: argparse.Namespace, resolution: str) -> ImportOptions:
    """What the network does not tell, as the importer takes it."""
    return ImportOptions(
        name=options.name or options.bundle.stem,
        classes=as_names(options.classes or ""),
        bands=tuple(name for part in options.bands or () for name in as_names(part)),
        resolution=resolution,
        divisor=options.divisor,
        mean=as_numbers(options.mean or "", "mean"),
        std=as_numbers(options.std or "", "std"),
        data_type=options.data_type or "",
        output=options.output_name or "",
        layout=options.layout or "auto",
        scores=options.scores or "auto",
        window=options.window,
        margin=options.margin,
        first_look=options.first_look,
        training_data=options.training_data or "",
        licence=options.licence or "",
    )


def _numbers(options: ImportOptions) -> Numbers:
    """What numbers the module is compared on."""
    if options.mean or options.std:
        return Numbers()
    divisor = options.divisor or 1.0
    return Numbers(_PHOTOGRAPH.middle / divisor, _PHOTOGRAPH.spread / divisor)


def _tell(event: Event) -> None:
    """Print what the importer finds."""
    if isinstance(event, Message):
        print(f"Warning: {event.text}" if event.is_warning else event.text)
