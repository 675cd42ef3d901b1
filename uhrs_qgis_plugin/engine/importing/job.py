"""An ONNX file becomes a bundle: looked at, asked, run, described, written."""

from __future__ import annotations

import os
from dataclasses import dataclass

from uhrs_qgis_plugin.engine.bundle import Bundle, Windows, best_windows, network_manifest, write_bundle
from uhrs_qgis_plugin.engine.bundle.onnx_scan import count_weights
from uhrs_qgis_plugin.engine.errors import BundleError, OptionsError
from uhrs_qgis_plugin.engine.flow import UNWATCHED, Message, Watch
from uhrs_qgis_plugin.engine.importing.answers import Answers, answers_of, classes_of
from uhrs_qgis_plugin.engine.importing.network_file import NetworkFile, open_network
from uhrs_qgis_plugin.engine.importing.options import ImportOptions
from uhrs_qgis_plugin.engine.importing.reach import measure_reach, seams_between
from uhrs_qgis_plugin.engine.importing.trial import Trial, kind_of_scores

SIDES = (512, 256, 1024)  # pixels of a window where nobody says so, the best first
LEAST_SIDE, MOST_SIDE = 64, 4096
STEP = 32  # pixels: what most networks pool to, by which margins are rounded
PATCH_STEP = 16
WIDE_FROM = 192  # pixels: sides of windows that have room for such margins
ARCHITECTURE = "imported network"


@dataclass(frozen=True)
class Behaviour:
    """What running a network has told.

    Attributes:
        side: Of the windows in pixels.
        is_fixed: Whether it takes no other.
        channels: Of the output.
        stride: Pixels along a cell of the output.
        is_channels_last: Whether the output's axes are batch, rows, columns, classes.
        scores: "logits" or "probabilities".
        reach: Pixels beyond which a change is not felt; None = it is felt everywhere.
    """

    side: int
    is_fixed: bool
    channels: int
    stride: int
    is_channels_last: bool
    scores: str
    reach: int | None


def import_model(
    onnx_path: str | os.PathLike[str],
    bundle_path: str | os.PathLike[str],
    options: ImportOptions | None = None,
    watch: Watch = UNWATCHED,
) -> Bundle:
    """Make a bundle of any segmentation network in ONNX; it appears under its name only when complete.

    Args:
        onnx_path: One image (N, B, h, w) or (N, h, w, B) to one score for each class and pixel, or square of pixels; of
            fixed or of any size; weights inside. Metadata of Deepness are understood.
        bundle_path: The `.uhrs` file to make; its folder must exist, a file of that name is replaced.
        options: What the file does not tell.
        watch: Progress, messages on what was found, and the cancel.

    Returns:
        The bundle as read back.

    Raises:
        BundleError: The file is no segmentation network that can be run, or unsafe.
        OptionsError: The options do not fit it, or something that it does not tell is missing.
        DeviceError: onnxruntime is missing.
        OutputError: The bundle cannot be written.
        CancelledError: The caller cancelled; nothing was written.
    """
    path, options = os.fspath(onnx_path), options or ImportOptions()
    _check_destination(path, os.fspath(bundle_path))
    watch.report(0.0)
    file = open_network(path, options)
    answers = answers_of(file, options)
    watch.report(0.2)
    behaviour = _observe(file, answers, options, watch.part(0.2, 0.9))
    classes = classes_of(file, options, behaviour.channels)
    margin, patch_side = _margins(behaviour, answers, watch)
    windows = Windows(
        input=file.source.name,
        output=file.target.name,
        side=behaviour.side,
        margin=margin,
        patch_side=patch_side,
        channels=behaviour.channels,
        input_axes="NHWC" if file.is_channels_last else "NCHW",
        output_axes="NHWC" if behaviour.is_channels_last else "NCHW",
        input_type=file.source.dtype,
        output_type=file.target.dtype,
        batch=file.batch,
        is_fixed=behaviour.is_fixed,
        stride=behaviour.stride,
        scores=behaviour.scores,
        mean=answers.scaling.mean,
        deviation=answers.scaling.deviation,
        first_look=options.first_look,
    )
    for text in _findings(file, answers, windows, [name for name, _ in classes]):
        watch.notify(Message(text))
    texts = {"uhrs:training_data": options.training_data, "uhrs:licence": options.licence}
    manifest = network_manifest(
        windows,
        name=options.name or os.path.splitext(file.label)[0],
        architecture=ARCHITECTURE,
        bands=answers.bands,
        classes=classes,
        data_type=answers.data_type,
        resolution_m=answers.resolution_m,
        fill=None,
        total_parameters=count_weights(file.graph, file.label),
        ratio=0.5 if windows.has_first_look else 1.0,
        optional={key: text for key, text in texts.items() if text},
    )
    watch.report(0.95)
    bundle = write_bundle(bundle_path, manifest, {"network": file.graph})
    watch.report(1.0)
    return bundle


def check_import(onnx_path: str | os.PathLike[str], options: ImportOptions) -> None:
    """Check what can be checked without running the network: whether it can be imported, and what is missing.

    Raises:
        UhrsError: As `import_model`.
    """
    answers_of(open_network(os.fspath(onnx_path), options), options)


def _check_destination(source: str, path: str) -> None:
    """Check the name of the bundle."""
    if not path.lower().endswith(".uhrs"):
        raise OptionsError(f"'{path}' is no model bundle by its name: end it with .uhrs.")
    if os.path.realpath(source) == os.path.realpath(path):
        raise OptionsError(f"'{path}' is both the network and the bundle: give another name.")


def _observe(file: NetworkFile, answers: Answers, options: ImportOptions, watch: Watch) -> Behaviour:
    """Run the network to find out what it gives."""
    trial = Trial(file, answers.scaling, len(answers.bands), answers.data_type)
    if options.window is not None and file.sides[0] not in (None, options.window):
        raise OptionsError(
            f"'{file.label}' takes windows of {file.sides[0]} pixels and no others: leave the window of "
            f"{options.window} away."
        )
    side, is_fixed = _side(file, trial, answers, watch)
    watch.report(0.3)
    image = trial.image(side, side)
    scores = trial.scores(image)
    kind = kind_of_scores(trial, image, options.scores, file.label)
    watch.report(0.6)
    reach = measure_reach(trial, image, kind)
    watch.report(1.0)
    stride = side // scores.shape[-1]
    return Behaviour(side, is_fixed, len(scores), stride, trial.is_channels_last, kind, reach)


def _side(file: NetworkFile, trial: Trial, answers: Answers, watch: Watch) -> tuple[int, bool]:
    """Find the side of the windows: what the network, the user or the file says, else one that works.

    Returns:
        Pixels, and whether the network takes no other.
    """
    is_fixed = None not in file.sides
    side = answers.side or SIDES[0]
    if not LEAST_SIDE <= side <= MOST_SIDE:
        what = f"'{file.label}' takes windows of" if is_fixed else "The window has"
        raise (BundleError if is_fixed else OptionsError)(
            f"{what} {side} pixels, allowed are {LEAST_SIDE} to {MOST_SIDE}: "
            f"{'export it for larger ones' if side < LEAST_SIDE else 'choose a smaller one'}."
        )
    if is_fixed:
        return side, True
    tried = [side] if answers.side else SIDES
    for number, side in enumerate(tried, 1):
        watch.check()
        try:
            trial.scores(trial.image(side, side))
            break
        except BundleError:
            if number == len(tried):
                raise
    return side, not _takes(trial, side + STEP, watch)


def _takes(trial: Trial, side: int, watch: Watch) -> bool:
    """Whether a network runs on windows of a side, too."""
    watch.check()
    try:
        trial.scores(trial.image(side, side))
    except BundleError:
        return False
    return True


def _margins(behaviour: Behaviour, answers: Answers, watch: Watch) -> tuple[int, int]:
    """Choose margin and patch side of the windows, and tell where a network looks beyond the margin.

    Returns:
        Pixels each; the patch side is a multiple of 16.

    Raises:
        OptionsError: A margin that was asked for leaves no room.
    """
    side, reach = behaviour.side, behaviour.reach
    margin, patch_side = best_windows(side)
    wanted = answers.margin if answers.margin is not None else reach
    if wanted is not None and (answers.margin is not None or wanted < margin):
        step = STEP if side >= WIDE_FROM else PATCH_STEP
        rounded = max(step, -(-wanted // step) * step)
        margin = rounded if 4 * rounded <= side else wanted
        patch_side = (side - 2 * margin) // PATCH_STEP * PATCH_STEP
    if patch_side < PATCH_STEP:
        raise OptionsError(
            f"A margin of {answers.margin} pixels leaves nothing of windows of {side}: give at most "
            f"{(side - PATCH_STEP) // 2}, or larger windows."
        )
    seams = seams_between(side, margin, behaviour.is_fixed, reach)
    if seams:
        watch.notify(Message(seams, is_warning=True))
    return margin, patch_side


def _findings(file: NetworkFile, answers: Answers, windows: Windows, names: list[str]) -> list[str]:
    """Word what the bundle says of the network, so that it can be checked."""
    size = "and no others" if windows.is_fixed else "or any other size"
    pixel = "any" if answers.resolution_m is None else f"{answers.resolution_m:g} m"
    cells = "for each pixel" if windows.stride == 1 else f"for each {windows.stride} x {windows.stride} pixels"
    scaling = "as they are"
    if windows.mean:
        steps = dict.fromkeys(f"(x - {mean:g}) / {std:g}" for mean, std in zip(windows.mean, windows.deviation))
        scaling = f"as {', '.join(steps)}"
    lines = [
        f"Takes {', '.join(answers.bands)} ({answers.data_type}), {scaling}; pixel size: {pixel}.",
        f"Takes windows of {windows.side} x {windows.side} pixels {size}; {windows.patch_side} x {windows.patch_side} "
        f"of each are kept, with a margin of {windows.margin}.",
        f"Gives {windows.scores} of {len(names)} classes {cells}: {', '.join(names)}.",
    ]
    if file.metadata.threshold not in (None, 0.5) and windows.channels == 1:
        lines.append(
            f"Deepness took the class from a probability of {file.metadata.threshold:g} on; here it begins at 0.5."
        )
    return lines
