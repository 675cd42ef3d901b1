"""Bundles of one network that runs in windows: what model.json says of its graph, and how such a model.json is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uhrs_qgis_plugin.engine.bundle.checks import (
    checked,
    is_int,
    is_number,
    is_single,
    is_text,
    wrong,
)
from uhrs_qgis_plugin.engine.errors import BundleError

NETWORK_VERSION = 3  # the version of the format that holds one network
NETWORK_KIND = "network"
AXES = ("NCHW", "NHWC")
FLOAT_TYPES = ("float32", "float16", "float64")
SCORES = ("logits", "probabilities")
FIRST_LOOKS = ("same", "none")
STRIDES = (1, 2, 4, 8, 16, 32)
LEAST_SIDE, MOST_SIDE = 64, 4096  # pixels of a window
PATCH_STEP = 16  # pixels: patches are multiples of it
MAX_SCORES = 2**28  # numbers that the network gives for a window: 1 GiB
FINE_CLASSES = 64  # up to so many the coarse pass keeps probabilities of 8 x 8 pixels, of more those of 16 x 16
WIDE_STEP = 32  # pixels: margins are multiples of it, so that windows lie as the pooling of networks wants it
WIDE_FROM = 192  # pixels: sides of windows from which on margins are so wide


@dataclass(frozen=True)
class Windows:
    """How a network is run in windows that overlap.

    Attributes:
        input: Name of the graph's input.
        output: Name of the output that holds the scores of the classes.
        input_axes: "NCHW" or "NHWC".
        output_axes: "NCHW" or "NHWC".
        input_type: numpy name of the numbers that the graph takes.
        output_type: numpy name of the numbers that it gives.
        batch: The only number of windows that a run takes; None = any.
        is_fixed: Whether the graph takes no other height and width than `side`.
        channels: Of the output: one a class, or 1 for two classes (of class 1 against class 0).
        side: Side of a window in pixels.
        margin: Pixels of a window on each side that only serve as surroundings.
        patch_side: Side of a patch in pixels, what is kept of a window.
        stride: Pixels per cell of the output.
        scores: "logits", or "probabilities" (softmax or sigmoid are in the graph).
        mean: What is subtracted from the raster's numbers, one a band; empty = they are passed as they are.
        deviation: What they are divided by then; empty likewise.
        first_look: "same": at 1/4 scale the same network runs; "none": there is no coarse pass, and K is 1.
    """

    input: str
    output: str
    side: int
    margin: int
    patch_side: int
    channels: int
    input_axes: str = "NCHW"
    output_axes: str = "NCHW"
    input_type: str = "float32"
    output_type: str = "float32"
    batch: int | None = None
    is_fixed: bool = False
    stride: int = 1
    scores: str = "logits"
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()
    first_look: str = "same"

    def __post_init__(self) -> None:
        """Check the numbers against each other.

        Raises:
            BundleError: They do not fit.
        """
        for name, value, allowed in (
            ("first look", self.first_look, FIRST_LOOKS),
            ("scores", self.scores, SCORES),
            ("axes of the input", self.input_axes, AXES),
            ("axes of the output", self.output_axes, AXES),
            ("stride", self.stride, STRIDES),
            ("numbers of the output", self.output_type, FLOAT_TYPES),
        ):
            if value not in allowed:
                raise _unfit(f"the {name} is {value!r}, allowed are {', '.join(map(str, allowed))}")
        if not LEAST_SIDE <= self.side <= MOST_SIDE:
            raise _unfit(f"the side is {self.side} pixels, allowed are {LEAST_SIDE} to {MOST_SIDE}")
        if self.patch_side < PATCH_STEP or self.patch_side % PATCH_STEP:
            raise _unfit(f"patches have {self.patch_side} pixels, allowed are multiples of {PATCH_STEP}")
        if self.margin < 0 or self.patch_side + 2 * self.margin > self.side:
            raise _unfit(
                f"patches of {self.patch_side} pixels with margins of {self.margin} need more than {self.side}"
            )
        if self.side % self.stride:
            raise _unfit(f"a side of {self.side} pixels is no multiple of the stride {self.stride}")
        if self.channels < 1 or self.channels * (self.side // self.stride) ** 2 > MAX_SCORES:
            raise _unfit(
                f"{self.channels} channels of {self.side // self.stride} x {self.side // self.stride} are more than "
                f"{MAX_SCORES} numbers, or none"
            )
        if self.batch is not None and self.batch < 1:
            raise _unfit(f"the batch is {self.batch}, allowed is 1 or more")
        if len(self.mean) != len(self.deviation) or not all(value > 0 for value in self.deviation):
            raise _unfit("there must be as many means as deviations, and these must be above 0")

    @property
    def has_first_look(self) -> bool:
        """Whether the network runs in the coarse pass."""
        return self.first_look != "none"

    @property
    def classes(self) -> int:
        """Number of classes C."""
        return max(2, self.channels)

    @property
    def coarse_cell(self) -> int:
        """Pixels per cell of the probabilities that the coarse pass keeps: so that many classes take bounded memory."""
        return 8 if self.classes <= FINE_CLASSES else 16

    @property
    def coarse_channels(self) -> int:
        """Channels of the low features: the probabilities of the cells in each 32 x 32 pixels."""
        return self.classes * (32 // self.coarse_cell) ** 2 if self.has_first_look else 1

    @property
    def feature_channels(self) -> int:
        """Channels of the high features: the 8 x 8 labels of a cell, and its final uncertainty."""
        return 8 * 8 + 1

    @property
    def uncertainty_stride(self) -> int:
        """Pixels per cell of U."""
        return 8


def best_windows(side: int) -> tuple[int, int]:
    """Choose how a window of a given side is used.

    Worked example: 512 pixels make patches of 384 with a margin of 64 around them, 256 make 192 and 32.

    Args:
        side: Pixels.

    Returns:
        Margin, about an eighth of the side, and side of a patch in pixels.

    Raises:
        BundleError: The side is too small or too large.
    """
    step = WIDE_STEP if side >= WIDE_FROM else PATCH_STEP
    margin = max(step, side // 8 // step * step)
    patch = (side - 2 * margin) // PATCH_STEP * PATCH_STEP
    Windows("", "", side, margin, patch, 1)
    return margin, patch


def windows_of(manifest: Mapping[str, Any]) -> Windows:
    """Read how a network is run out of model.json, and check it.

    Args:
        manifest: With `mlm:output` checked, and bands and data type of `mlm:input`.

    Raises:
        BundleError: A key is missing or wrong; the text names it.
    """
    source = manifest["mlm:input"][0]
    target = checked(manifest, "mlm:output", "a list of one object", is_single)[0]
    bands, classes = len(source["bands"]), len(target["classification:classes"])
    entry = checked(manifest, "uhrs:windows", "an object", _is_object)
    side = checked(entry, "side", f"{LEAST_SIDE}..{MOST_SIDE}", is_int, "uhrs:windows")
    stride = checked(entry, "stride", f"one of {STRIDES}", is_int, "uhrs:windows")
    taken, given = (
        checked(source, "input", "an object", _is_object, "mlm:input[0]"),
        checked(target, "result", "an object", _is_object, "mlm:output[0]"),
    )
    input_axes = _axes(taken, "mlm:input[0].input", "bands")
    output_axes = _axes(given, "mlm:output[0].result", "class")
    batch, is_fixed = _shape(taken, "mlm:input[0].input", input_axes, (bands,), side)
    _shape(
        given, "mlm:output[0].result", output_axes, (classes, 1) if classes == 2 else (classes,), side // max(1, stride)
    )
    scaling = _scaling(source, bands)
    types = FLOAT_TYPES if scaling else tuple(dict.fromkeys((*FLOAT_TYPES, source["data_type"])))
    allowed = f"one of {', '.join(types)}"
    return Windows(
        input=checked(source, "name", "the name of the graph's input", is_text, "mlm:input[0]"),
        output=checked(target, "name", "the name of one of the graph's outputs", is_text, "mlm:output[0]"),
        side=side,
        margin=checked(entry, "margin", "pixels, 0 or more", is_int, "uhrs:windows"),
        patch_side=manifest["uhrs:patch_side"],
        channels=given["shape"][output_axes.index("C")],
        input_axes=input_axes,
        output_axes=output_axes,
        input_type=checked(taken, "data_type", allowed, lambda value: value in types, "mlm:input[0].input"),
        output_type=checked(given, "data_type", f"one of {FLOAT_TYPES}", is_text, "mlm:output[0].result"),
        batch=batch,
        is_fixed=is_fixed,
        stride=stride,
        scores=checked(entry, "scores", f"one of {SCORES}", is_text, "uhrs:windows"),
        mean=tuple(float(item["mean"]) for item in scaling),
        deviation=tuple(float(item["stddev"]) for item in scaling),
        first_look=checked(entry, "first_look", f"one of {FIRST_LOOKS}", is_text, "uhrs:windows"),
    )


def network_manifest(
    windows: Windows,
    *,
    name: str,
    architecture: str,
    bands: Sequence[str],
    classes: Sequence[tuple[str, str]],
    data_type: str = "uint8",
    resolution_m: float | None = None,
    fill: Sequence[float] | None = None,
    ratio: float = 1.0,
    total_parameters: int = 0,
    optional: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Make model.json of a bundle with one network; `write_bundle` checks it.

    Args:
        windows: How the network is run.
        bands: Names, in the order in which the network takes them.
        classes: (name, colour as RRGGBB) in the order of the channels.
        data_type: numpy name of the raster numbers that the network was trained on.
        resolution_m: Pixel size that it was trained at, in metres.
        fill: What stands where there is no data, in the raster's numbers, one a band; None = the means of `windows`,
            or 0.
        ratio: K by default.
        optional: More keys, such as "uhrs:licence".

    Returns:
        The object.
    """
    number = -1 if windows.batch is None else windows.batch
    sides = {axis: windows.side if windows.is_fixed else -1 for axis in "HW"}
    cells = {axis: windows.side // windows.stride if windows.is_fixed else -1 for axis in "HW"}
    scaling = [
        {"type": "z-score", "mean": mean, "stddev": deviation}
        for mean, deviation in zip(windows.mean, windows.deviation)
    ]
    if fill is None:
        means = windows.mean or (0.0,) * len(bands)
        fill = means if data_type.startswith("float") else [round(mean) for mean in means]
    return {
        "uhrs:format_version": NETWORK_VERSION,
        "uhrs:kind": NETWORK_KIND,
        "mlm:name": name,
        "mlm:architecture": architecture,
        "mlm:tasks": ["semantic-segmentation"],
        "mlm:framework": "ONNX",
        "mlm:total_parameters": total_parameters,
        "mlm:input": [
            {
                "name": windows.input,
                "bands": list(bands),
                "data_type": data_type,
                "value_scaling": scaling or None,
                "raster:spatial_resolution": resolution_m,
                "input": _tensor(
                    windows.input_axes, {"N": number, "C": len(bands), **sides}, "bands", windows.input_type
                ),
            }
        ],
        "mlm:output": [
            {
                "name": windows.output,
                "tasks": ["semantic-segmentation"],
                "result": _tensor(
                    windows.output_axes, {"N": number, "C": windows.channels, **cells}, "class", windows.output_type
                ),
                "classification:classes": [
                    {"value": value, "name": title, "color_hint": colour}
                    for value, (title, colour) in enumerate(classes)
                ],
            }
        ],
        "uhrs:windows": {
            "side": windows.side,
            "margin": windows.margin,
            "stride": windows.stride,
            "scores": windows.scores,
            "first_look": windows.first_look,
        },
        "uhrs:down_ratio": 4,
        "uhrs:downsampling": "average",
        "uhrs:patch_side": windows.patch_side,
        "uhrs:default_ratio": ratio,
        "uhrs:fill": list(fill),
        **(optional or {}),
    }


def _tensor(axes: str, lengths: Mapping[str, int], channel: str, data_type: str) -> dict[str, Any]:
    """Describe a tensor as STAC does."""
    names = {"N": "batch", "C": channel, "H": "height", "W": "width"}
    return {
        "shape": [lengths[axis] for axis in axes],
        "dim_order": [names[axis] for axis in axes],
        "data_type": data_type,
    }


def _axes(tensor: Mapping[str, Any], where: str, channel: str) -> str:
    """Read the order of the axes: one of `AXES`."""
    orders = {("batch", channel, "height", "width"): "NCHW", ("batch", "height", "width", channel): "NHWC"}
    allowed = " or ".join(str(list(order)) for order in orders)
    order = checked(tensor, "dim_order", allowed, lambda value: _is_texts(value) and tuple(value) in orders, where)
    return orders[tuple(order)]


def _shape(
    tensor: Mapping[str, Any], where: str, axes: str, channels: Sequence[int], side: int
) -> tuple[int | None, bool]:
    """Check the shape of a tensor.

    Args:
        channels: Numbers of channels that are allowed.
        side: Rows and columns where these are fixed.

    Returns:
        Its batch, None where that is free, and whether rows and columns are fixed.
    """
    path = f"'{where}.shape'"
    shape = checked(tensor, "shape", "a list of 4 whole numbers", _is_shape, where)
    by_axis = dict(zip(axes, shape))
    square = (by_axis["H"], by_axis["W"])
    allowed = f"{' or '.join(map(str, channels))} channels, and height and width both -1 or both {side}"
    if by_axis["C"] not in channels or square not in ((-1, -1), (side, side)):
        raise wrong(path, shape, allowed)
    if by_axis["N"] == 0 or by_axis["N"] < -1:
        raise wrong(path, shape, "a batch of 1 or more, or -1")
    return (None if by_axis["N"] == -1 else by_axis["N"]), square != (-1, -1)


def _scaling(source: Mapping[str, Any], bands: int) -> list[dict[str, Any]]:
    """Read how the raster's numbers are scaled; empty where they are not."""
    where, allowed = "mlm:input[0]", f"null, or a list of {bands} objects of the type 'z-score', one a band"
    scaling = checked(source, "value_scaling", allowed, lambda value: value is None or isinstance(value, list), where)
    if scaling is None:
        return []
    if len(scaling) != bands or not all(_is_z_score(item) for item in scaling):
        raise wrong(f"'{where}.value_scaling'", scaling, f"{allowed}, each with a mean and a stddev above 0")
    return list(scaling)


def _is_z_score(value: object) -> bool:
    """Mean and standard deviation of a band."""
    return (
        isinstance(value, dict)
        and value.get("type") == "z-score"
        and is_number(value.get("mean"))
        and is_number(value.get("stddev"))
        and value["stddev"] > 0
    )


def _is_object(value: object) -> bool:
    """Object of JSON."""
    return isinstance(value, dict)


def _is_texts(value: object) -> bool:
    """List of texts."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_shape(value: object) -> bool:
    """Four whole numbers."""
    return isinstance(value, list) and len(value) == len("NCHW") and all(is_int(item) for item in value)


def _unfit(why: str) -> BundleError:
    """Make the error for windows that cannot be."""
    return BundleError(f"The windows of the network do not fit: {why}; export or import the model again.")
