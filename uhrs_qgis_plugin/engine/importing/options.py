"""What an ONNX file does not tell, as the user gives it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from uhrs_qgis_plugin.engine.errors import OptionsError

FIRST_LOOKS = ("none", "same")
LAYOUTS = ("auto", "NCHW", "NHWC")
SCORES = ("auto", "logits", "probabilities")
DATA_TYPES = ("uint8", "uint16", "int16", "float32")
ANY_PIXEL = "any"
COLOUR = re.compile(r"(.*\S)\s*=\s*#?([0-9A-Fa-f]{6})")


@dataclass(frozen=True)
class ImportOptions:
    """What an ONNX file does not tell, or tells wrongly: what is given here counts.

    Attributes:
        name: The model's name; "" = that of the file.
        classes: Names in the order of the network's channels, each perhaps with a colour: "water=1F78B4"; () = the
            file's.
        bands: Names or roles of the bands in the network's order, such as ("red", "green", "blue"); () = those, where
            the file is in Deepness' format and takes three bands.
        resolution: Ground pixel size that the network was trained at, in metres, or "any"; "" = the file's.
        divisor: What the raster's numbers are divided by before `mean` and `std`; None = see `mean`.
        mean: Subtracted from the numbers, one or one per band; () = 0, where another part of the scaling is known.
            Without a divisor, numbers within -1..1 belong to a raster that was divided by 255, larger ones to its own.
        std: What the difference is divided by, likewise; () = 1.
        data_type: Of the raster's numbers; "" = those of a network that takes whole numbers, else uint8.
        output: Name of the output that holds the classes; "" = the only one.
        layout: Axes of the input: "NCHW", "NHWC", or "auto", found out by its shape.
        scores: What the output is: "logits", "probabilities", or "auto", found out by running it.
        window: Side of the windows in pixels, where the network takes any; None = the file's, else 512.
        margin: Pixels along each border of a window that are thrown away; None = the file's, else measured.
        first_look: "none": everything is seen at full scale (K = 1); "same": the same network sees the raster at 1/4
            scale first, and its entropy chooses what it sees at full scale.
        training_data: What the network was trained on, in a sentence.
        licence: Of the weights.
    """

    name: str = ""
    classes: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    resolution: str = ""
    divisor: float | None = None
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    data_type: str = ""
    output: str = ""
    layout: str = "auto"
    scores: str = "auto"
    window: int | None = None
    margin: int | None = None
    first_look: str = "none"
    training_data: str = ""
    licence: str = ""

    def __post_init__(self) -> None:
        """Check what can be checked without the file.

        Raises:
            OptionsError: A value is not allowed; the text names the option.
        """
        for key, value, allowed in (
            ("layout", self.layout, LAYOUTS),
            ("scores", self.scores, SCORES),
            ("first look", self.first_look, FIRST_LOOKS),
            ("data type", self.data_type or DATA_TYPES[0], DATA_TYPES),
        ):
            if value not in allowed:
                raise OptionsError(f"The {key} '{value}' is unknown: give one of {', '.join(allowed)}.")
        if self.divisor is not None and not (math.isfinite(self.divisor) and self.divisor > 0):
            raise OptionsError(f"The divisor {self.divisor:g} is not allowed: give a number above 0, such as 255.")
        if not all(map(math.isfinite, self.mean)):
            raise OptionsError(f"The mean {_listed(self.mean)} is not allowed: give one number, or one per band.")
        if not all(math.isfinite(value) and value > 0 for value in self.std):
            raise OptionsError(f"The std {_listed(self.std)} is not allowed: give numbers above 0.")
        pixel_size(self.resolution)
        if self.window is not None and self.window < 1:
            raise OptionsError(f"The window {self.window} is not allowed: give its side in pixels, such as 512.")
        if self.margin is not None and self.margin < 0:
            raise OptionsError(f"The margin {self.margin} is not allowed: give pixels, 0 or more.")


def pixel_size(text: str) -> float | None:
    """Read `ImportOptions.resolution`; None for "any" and for "".

    Raises:
        OptionsError: It is neither a number above 0 nor "any".
    """
    if text.strip().lower() in ("", ANY_PIXEL):
        return None
    try:
        metres = float(text)
    except ValueError:
        metres = math.nan
    if not (math.isfinite(metres) and metres > 0):
        raise OptionsError(
            f"The resolution '{text}' is not allowed: give the pixel size in metres that the network was trained at, "
            f"such as 0.3, or '{ANY_PIXEL}' where it does not matter."
        )
    return metres


def as_names(text: str) -> tuple[str, ...]:
    """Read names that are separated by commas; () where there are none."""
    return tuple(part.strip() for part in text.split(",")) if text.strip() else ()


def as_numbers(text: str, what: str) -> tuple[float, ...]:
    """Read numbers that are separated by commas or blanks; () where there are none.

    Args:
        what: Name of the option, for the error text.

    Raises:
        OptionsError: Something is no number.
    """
    try:
        return tuple(float(part) for part in re.split(r"[,;\s]+", text.strip()) if part)
    except ValueError as error:
        raise OptionsError(f"The {what} '{text}' is not understood: give numbers separated by commas.") from error


def as_class(text: str) -> tuple[str, str | None]:
    """Read a class: (name, colour as RRGGBB or None) of "water=1F78B4" or "water"."""
    found = COLOUR.fullmatch(text)
    return (found.group(1), found.group(2).upper()) if found else (text, None)


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)
