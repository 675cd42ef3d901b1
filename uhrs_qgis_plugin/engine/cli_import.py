"""The command `importmodel` of the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from uhrs_qgis_plugin.engine.flow import Event, Message, Watch

Command = Callable[[argparse.Namespace, Watch], None]


def add_importmodel(parser: argparse.ArgumentParser) -> Command:
    """Describe the command `importmodel`, and return what runs it."""
    add = parser.add_argument
    add("network", metavar="FILE.onnx", help="segmentation network: one image to a score for each class and pixel")
    add("output", metavar="OUT.uhrs", help="model bundle to write")
    add("--name", default="", metavar="NAME", help="of the model (default: that of the file)")
    add("--classes", default="", metavar="A,B,...", help="names in the network's order, colours as water=1F78B4")
    add("--bands", default="", metavar="A,B,...", help="roles or names in the network's order, such as red,green,blue")
    add("--resolution", default="", metavar="METRES|any", help="pixel size that it was trained at")
    add("--divisor", type=float, metavar="D", help="what the raster's numbers are divided by first, such as 255")
    add("--mean", default="", metavar="M,M,...", help="what is subtracted then, one or one a band")
    add("--std", default="", metavar="S,S,...", help="what the difference is divided by, one or one a band")
    add("--margin", type=int, metavar="PX", help="border of a window that is thrown away (default: measured)")
    add("--window", type=int, metavar="PX", help="side of a window, where the network takes any (default: 512)")
    look = "none: all at full scale (the default); same: the network at 1/4 scale chooses what it sees at full scale"
    add("--first-look", default="none", metavar="none|same", help=look)
    add(
        "--data-type",
        default="",
        metavar="T",
        help="of the raster's numbers: uint8 (the default), uint16, int16, float32",
    )
    add("--output-name", default="", metavar="NAME", help="output that holds the classes, where there are several")
    add("--layout", default="auto", metavar="L", help="axes of the input: NCHW, NHWC, or auto")
    add("--scores", default="auto", metavar="S", help="what it gives: logits, probabilities, or auto (it is run)")
    add("--training-data", default="", metavar="TEXT", help="what it was trained on, in a sentence")
    add("--licence", default="", metavar="NAME", help="of the weights")
    add("--quiet", action="store_true", help="no progress and no summary")
    return _importmodel


def _importmodel(parsed: argparse.Namespace, watch: Watch) -> None:
    """Run the command `importmodel`."""
    from uhrs_qgis_plugin.engine.importing import ImportOptions, as_names, as_numbers, import_model

    options = ImportOptions(
        name=parsed.name,
        classes=as_names(parsed.classes),
        bands=as_names(parsed.bands),
        resolution=parsed.resolution,
        divisor=parsed.divisor,
        mean=as_numbers(parsed.mean, "mean"),
        std=as_numbers(parsed.std, "std"),
        data_type=parsed.data_type,
        output=parsed.output_name,
        layout=parsed.layout,
        scores=parsed.scores,
        window=parsed.window,
        margin=parsed.margin,
        first_look=parsed.first_look,
        training_data=parsed.training_data,
        licence=parsed.licence,
    )
    lines: list[str] = []

    def notify(event: Event) -> None:
        if isinstance(event, Message) and not event.is_warning:
            lines.append(event.text)
        else:
            watch.notify(event)

    bundle = import_model(parsed.network, parsed.output, options, Watch(watch.progress, watch.is_cancelled, notify))
    if not parsed.quiet:
        print("\n".join((*lines, f"Model '{bundle.name}' written to {parsed.output}")))
