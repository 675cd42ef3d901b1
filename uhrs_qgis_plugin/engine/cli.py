"""The command line: python -m uhrs_qgis_plugin.engine COMMAND, such as segment; `--help` lists them.

Exit status: 0 done, 2 wrong input, model or options (one line on stderr), 130 interrupted, 1 a bug.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import TextIO

from uhrs_qgis_plugin.engine.bundle import DEFAULT_MODEL, Bundle, find_model, list_models, user_folder
from uhrs_qgis_plugin.engine.cli_each import EACH_HELP, TABLE_HELP, check_alone, segment_all
from uhrs_qgis_plugin.engine.cli_evaluation import add_accuracy, add_compare, add_samplepoints
from uhrs_qgis_plugin.engine.cli_import import add_importmodel
from uhrs_qgis_plugin.engine.cli_polygons import add_clean, add_polygons
from uhrs_qgis_plugin.engine.cluster import CLUSTERS
from uhrs_qgis_plugin.engine.errors import CancelledError, UhrsError
from uhrs_qgis_plugin.engine.flow import Event, Message, Watch
from uhrs_qgis_plugin.engine.inference import PRECISIONS, PROVIDERS, available_devices, is_device
from uhrs_qgis_plugin.engine.many import RasterBegun, RasterFailed
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.raster import ALPHA_RULES, CACHE_MB, open_raster, with_crs
from uhrs_qgis_plugin.engine.results import __version__
from uhrs_qgis_plugin.engine.segmentation import (
    GRIDS,
    UNCERTAINTY_CELLS,
    UNREADABLE,
    Options,
    PreviewReady,
    Report,
    Stage,
    StageBegun,
    as_resolution,
    read_area,
    segment,
)

DONE, WRONG, INTERRUPTED = 0, 2, 130
DEVICE_NAMES = f"auto, {', '.join(PROVIDERS)}, or cards by number, such as cuda:1, cuda:0,2 or cuda:all"

STAGES = {
    Stage.CHECK: "checks",
    Stage.COARSE: "coarse pass",
    Stage.SELECT: "selection",
    Stage.REFINE: "refine pass",
    Stage.PUBLISH: "overviews and final checks",
}
RESOLUTION_HELP = (
    "pixel size at which the raster is read: the model's where the raster's own is over 1.4 times finer or coarser "
    "(auto, the default), always the raster's own (native), or metres"
)
UNFAMILIAR_HELP = "third band of the uncertainties: how unlike the model's training imagery each place is"
SPARSE_STEP = 0.1  # share of the run between two lines where stderr is not a terminal


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Without the program's name; None = those of the process.

    Returns:
        Exit status.
    """
    parsed = _parser().parse_args(arguments)
    os.environ.setdefault("GDAL_CACHEMAX", str(CACHE_MB))
    try:
        with _interruptible() as interrupted:
            command: Callable[[argparse.Namespace, threading.Event], None] = parsed.command
            command(parsed, interrupted)
    except (CancelledError, KeyboardInterrupt):
        kept = "the same command goes on from here" if getattr(parsed, "resume", False) else "nothing was written"
        print(f"interrupted: {kept}", file=sys.stderr)
        return INTERRUPTED
    except UhrsError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return WRONG
    return DONE


def _parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m uhrs_qgis_plugin.engine",
        description="Segment ultra-high-resolution rasters: coarsely everywhere, closely where that was unsure.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_segment(commands.add_parser("segment", help="segment a raster"))
    polygons = commands.add_parser("polygons", help="outline the classes of a result as polygons")
    polygons.set_defaults(command=_watched, run=add_polygons(polygons))
    accuracy = commands.add_parser("accuracy", help="compare a class map with a reference")
    accuracy.set_defaults(command=_watched, run=add_accuracy(accuracy))
    clean = commands.add_parser("clean", help="remove specks from a class raster")
    clean.set_defaults(command=_watched, run=add_clean(clean))
    sample = commands.add_parser("samplepoints", help="draw points to judge, for accuracy")
    sample.set_defaults(command=_watched, run=add_samplepoints(sample))
    compare = commands.add_parser("compare", help="compare two class maps of one place")
    compare.set_defaults(command=_watched, run=add_compare(compare))
    network = commands.add_parser("importmodel", help="make a model of a network in ONNX")
    network.set_defaults(command=_watched, run=add_importmodel(network))
    info = commands.add_parser("info", help="describe a model")
    info.add_argument("model", metavar="MODEL", help="name or *.uhrs file")
    info.set_defaults(command=_info)
    models = commands.add_parser("models", help="list the models that come along and those in your folder")
    models.set_defaults(command=_models)
    devices = commands.add_parser("devices", help="list the devices that can be used, best first")
    devices.set_defaults(command=_devices)
    selftest = commands.add_parser("selftest", help="tell what is installed, whether it works and how fast")
    selftest.add_argument("--device", default="auto", type=_device, metavar="D", help="where to compute")
    selftest.set_defaults(command=_selftest)
    return parser


def _device(text: str) -> str:
    """The name of a device, "auto" included."""
    if text != "auto" and not is_device(text):
        raise argparse.ArgumentTypeError(f"invalid choice: '{text}' (choose from {DEVICE_NAMES})")
    return text


def _add_segment(parser: argparse.ArgumentParser) -> None:
    """Describe the command `segment`."""
    parser.set_defaults(command=_segment)
    add = parser.add_argument
    add(
        "raster",
        metavar="INPUT",
        help="raster, folder or list (.txt) of rasters, address, or STAC items",
    )
    add("--classes", required=True, metavar="C.tif", help="classes to write")
    add("--uncertainty", metavar="U.tif", help="uncertainties to write")
    add(
        "--model",
        default=DEFAULT_MODEL,
        metavar="MODEL",
        help="name or file (default: the one that comes along)",
    )
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--ratio", type=float, metavar="K", help="fraction of patches to refine, 0..1")
    amount.add_argument("--threshold", type=float, metavar="T", help="refine patches with mean U >= T, 0..1")
    amount.add_argument("--minutes", type=float, metavar="M", help="refine the most uncertain patches for this long")
    add("--device", default="auto", type=_device, metavar="D", help=f"where to compute: {DEVICE_NAMES} (default: auto)")
    add(
        "--precision",
        default="auto",
        choices=PRECISIONS,
        help="floating point, 8 bits, or 8 bits on processors that are faster so (auto, the default)",
    )
    add("--bounds", type=float, nargs=4, metavar=("L", "B", "R", "T"), help="part to process, in the raster's CRS")
    add("--area", metavar="FILE", help="polygons to process: what lies outside is no data and costs nothing")
    add("--crs", metavar="CRS", help="coordinate reference system of the raster, in place of what its file says")
    add(
        "--bands",
        type=int,
        nargs="+",
        metavar="N",
        help="raster bands, from 1, in the model's order (default: by role)",
    )
    add(
        "--alpha",
        default="auto",
        choices=ALPHA_RULES,
        help="alpha bands: 0 means no data (auto, mask), or they are bands like others (data)",
    )
    add("--asset", metavar="NAME", help="asset of STAC items that is the imagery, where it is not clear")
    add(
        "--stretch",
        default="auto",
        metavar="S",
        help="16-bit numbers for an 8-bit model: auto (percentiles of each band), none, or LOW,HIGH",
    )
    add("--resolution", type=as_resolution, default="auto", metavar="auto|native|METRES", help=RESOLUTION_HELP)
    add(
        "--grid", default="working", choices=GRIDS, help="pixels of the outputs: as read (working), or the raster's own"
    )
    add("--uncertainty-cell", type=int, default=8, choices=UNCERTAINTY_CELLS, help="pixels per uncertainty pixel")
    add("--unfamiliar", action="store_true", help=UNFAMILIAR_HELP)
    add("--scene-side", type=int, default=Options.scene_side, metavar="PX", help="pixels the low stream sees at once")
    add("--scene-overlap", type=int, default=Options.scene_overlap, metavar="PX", help="pixels that scenes share")
    add("--block-side", type=int, default=Options.block_side, metavar="PX", help="pixels that are fused at once")
    add("--batch-size", type=int, metavar="N", help="patches per high stream run (default: what suits the device)")
    add("--report", metavar="R.json", help="report to write")
    add("--each", action="store_true", help=EACH_HELP)
    add("--table", metavar="T.csv", help=TABLE_HELP)
    add("--preview", metavar="P.tif", help="classes of the coarse pass, as soon as it is done; also P_uncertainty.tif")
    add("--resume", action="store_true", help="go on from a run that was killed; keep what is finished if this one is")
    add("--cluster", metavar="ADDRESS", help=f"workers that compute in place of this process: {CLUSTERS}")
    add("--unreadable", default="stop", choices=UNREADABLE, help="what damaged parts of the raster do (default: stop)")
    add("--quiet", action="store_true", help="no progress and no summary")


def _segment(parsed: argparse.Namespace, interrupted: threading.Event) -> None:
    """Run the command `segment`."""
    options = Options(
        ratio=parsed.ratio,
        threshold=parsed.threshold,
        minutes=parsed.minutes,
        bands=None if parsed.bands is None else tuple(parsed.bands),
        bounds=None if parsed.bounds is None else tuple(parsed.bounds),
        area=None if parsed.area is None or parsed.each else _area(parsed, interrupted),
        alpha=parsed.alpha,
        asset=parsed.asset,
        stretch=parsed.stretch,
        crs=parsed.crs,
        device=parsed.device,
        precision=parsed.precision,
        scene_side=parsed.scene_side,
        scene_overlap=parsed.scene_overlap,
        block_side=parsed.block_side,
        batch_size=parsed.batch_size,
        resolution=parsed.resolution,
        grid=parsed.grid,
        uncertainty_cell=parsed.uncertainty_cell,
        unfamiliar=parsed.unfamiliar,
        unreadable=parsed.unreadable,
        resume=parsed.resume,
        cluster=parsed.cluster,
    )
    if parsed.each:
        segment_all(parsed, options, _watch(parsed, interrupted))
        return
    check_alone(parsed)
    outputs = Outputs(parsed.classes, parsed.uncertainty, parsed.report, parsed.preview)
    report = segment(parsed.raster, parsed.model, outputs, options, _watch(parsed, interrupted))
    if not parsed.quiet:
        print(_summary(report))
        if report.traffic():
            print(report.traffic())


def _watched(parsed: argparse.Namespace, interrupted: threading.Event) -> None:
    """Run a command of another file."""
    run: Callable[[argparse.Namespace, Watch], None] = parsed.run
    run(parsed, _watch(parsed, interrupted))


def _watch(parsed: argparse.Namespace, interrupted: threading.Event) -> Watch:
    """Show progress, but only warnings with --quiet."""
    if parsed.quiet:
        return Watch(is_cancelled=interrupted.is_set, notify=_warn)
    line = _ProgressLine(sys.stderr)
    return Watch(line.report, interrupted.is_set, line.notify)


def _area(parsed: argparse.Namespace, interrupted: threading.Event) -> tuple[str, ...]:
    """Read the area of interest."""
    check = Watch(is_cancelled=interrupted.is_set).check
    with open_raster(parsed.raster, alpha=parsed.alpha, check=check, asset=parsed.asset) as reader:
        return read_area(parsed.area, with_crs(reader.info, parsed.crs).crs_wkt)


def _info(parsed: argparse.Namespace, interrupted: threading.Event) -> None:
    """Run the command `info`."""
    bundle = find_model(parsed.model)
    lines = {
        "name": bundle.name,
        "version": bundle.version or "unknown",
        "architecture": bundle.architecture,
        "parameters": f"{bundle.total_parameters:,}",
        "bands": f"{', '.join(bundle.bands)} ({bundle.data_type})",
        "resolution": _resolution(bundle),
        "classes": ", ".join(f"{entry.value} {entry.name}" for entry in bundle.classes),
        "precisions": ", ".join(bundle.precisions),
        "patch side": str(bundle.patch_side),
        "default ratio": f"{bundle.default_ratio:g}",
        "training data": bundle.training_data or "unknown",
        "imagery": _imagery(bundle),
        "calibration": _calibration(bundle),
        "licence": bundle.licence or "unknown",
        "sha256": bundle.sha256,
    }
    lines.update({f"score {name}": _score(value) for name, value in bundle.metrics.items()})
    for name, value in lines.items():
        print(f"{name + ':':<16}{value}")


def _models(parsed: argparse.Namespace, interrupted: threading.Event) -> None:
    """Run the command `models`."""
    for entry in list_models():
        if entry.bundle is None:
            print(f"{entry.path}\n    cannot be used: {entry.problem}")
            continue
        bundle = entry.bundle
        print(bundle.name)
        lines = {
            "version": bundle.version or "unknown",
            "classes": ", ".join(item.name for item in bundle.classes),
            "bands": f"{', '.join(bundle.bands)} ({bundle.data_type})",
            "pixel size": _resolution(bundle),
            "made from": bundle.training_data or "unknown",
            "licence": bundle.licence or "unknown",
            "file": entry.path,
        }
        for name, value in lines.items():
            print(f"    {name + ':':<12}{value}")
    print(f"Your own models belong into {user_folder()}")


def _resolution(bundle: Bundle) -> str:
    return "unknown" if bundle.resolution_m is None else f"{bundle.resolution_m:g} m"


def _calibration(bundle: Bundle) -> str:
    """What the final uncertainty was calibrated on."""
    if not bundle.calibration:
        return "none: the final uncertainty is the network's own"
    warm = bundle.calibration["temperatures"]
    return f"temperatures {warm['low']:.2f}, {warm['fused']:.2f}, fitted on {bundle.calibration['measured_on']}"


def _imagery(bundle: Bundle) -> str:
    """What the model knows of its training imagery."""
    if bundle.imagery is None:
        return "no statistics: the fit of rasters is unknown"
    return f"statistics of {bundle.imagery.windows:,} windows"


def _score(metric: object) -> str:
    """One number and its name out of what the trainer reported; all of it where that has another form."""
    if isinstance(metric, Mapping) and "score" in metric:
        return f"{metric['score']} (IoU in per cent, rule '{metric.get('rule', 'unknown')}')"
    return str(metric)


def _devices(parsed: argparse.Namespace, interrupted: threading.Event) -> None:
    """Run the command `devices`."""
    for name in available_devices():
        print(name)


def _selftest(parsed: argparse.Namespace, interrupted: threading.Event) -> None:
    """Run the command `selftest`.

    Raises:
        UhrsError: Something is broken; the lines say what.
    """
    # Here: `segment` starts sooner without it.
    from uhrs_qgis_plugin.engine.diagnostics import PRIVACY, collect_facts, self_tests, software

    broken = []
    tests = self_tests(DEFAULT_MODEL, parsed.device, Watch(is_cancelled=interrupted.is_set))
    for fact in collect_facts({**software(), **tests}):
        print(fact, flush=True)
        broken += [] if fact.fine else [fact.name]
    print(PRIVACY)
    if broken:
        raise UhrsError(f"{', '.join(broken)}: see the lines above for what is wrong and what to do.")


def _summary(report: Report) -> str:
    """Say in a line what was done."""
    total = report.seconds["total"]
    speed = report.pixels / 1e6 / max(total, 1e-9)
    bits = " in 8 bits" if report.precision == "int8" else ""
    return (
        f"{report.width} x {report.height} pixels in {total:.1f} s ({speed:.2f} Mpx/s) on {report.device}{bits}; "
        f"{report.selected_patches} of {report.patches} patches refined"
    )


def _warn(event: Event) -> None:
    """Print warnings, which --quiet does not silence."""
    if isinstance(event, Message) and event.is_warning:
        print(f"warning: {event.text}", file=sys.stderr)
    elif isinstance(event, RasterFailed):
        print(f"failed: {event.name}: {event.reason}", file=sys.stderr)


class _ProgressLine:
    """Shows progress: one line that is overwritten on a terminal, else a line now and then."""

    def __init__(self, stream: TextIO) -> None:
        """Take the stream to write to."""
        self._stream = stream
        self._overwrites = stream.isatty()
        self._line = self._text = self._shown_text = ""
        self._share = self._shown = 0.0

    def report(self, share: float) -> None:
        """Show a share in 0..1."""
        if share >= 1:
            self._text = "done"
        line = f"{share:4.0%} {self._text}"
        if self._overwrites and line != self._line:
            self._stream.write(f"\r{line:<79}" + ("\n" if share >= 1 else ""))
            self._stream.flush()
        elif not self._overwrites and (self._text != self._shown_text or share >= self._shown + SPARSE_STEP):
            print(line, file=self._stream, flush=True)
            self._shown, self._shown_text = share, self._text
        self._line, self._share = line, share

    def notify(self, event: Event) -> None:
        """Show what an event means from now on."""
        if isinstance(event, StageBegun):
            self._text = STAGES[event.stage]
        elif isinstance(event, RasterBegun):
            self._text = f"{event.number} of {event.count}" + (f": {event.name}" if self._overwrites else "")
            self._shown_text = self._text  # there may be a hundred thousand: the share decides when a line is due
        elif isinstance(event, RasterFailed):
            self._keep(f"failed: {event.name}: {event.reason}")
        elif isinstance(event, PreviewReady):
            self._text = f"preview written to {event.path}"
        elif isinstance(event, Message) and (event.is_warning or self._overwrites):
            self._keep(f"warning: {event.text}" if event.is_warning else event.text)
        elif isinstance(event, Message):
            self._text = event.text
        self.report(self._share)

    def _keep(self, text: str) -> None:
        """Show a line of its own, which stays."""
        self._stream.write(f"\r{text:<79}\n" if self._overwrites else f"{text}\n")
        self._stream.flush()
        self._line = ""


@contextlib.contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """Turn SIGINT and SIGTERM into an event; a second one stops at once.

    Yields:
        The event, set when a signal came.
    """
    interrupted = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if interrupted.is_set():
            raise KeyboardInterrupt
        interrupted.set()

    if threading.current_thread() is not threading.main_thread():
        yield interrupted  # signals belong to the main thread
        return
    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupted
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
