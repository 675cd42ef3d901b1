"""A network is run on a generated image, to find out what nobody says: what its scores are, and on which grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import BundleError, OptionsError, one_line
from uhrs_qgis_plugin.engine.importing.network_file import NetworkFile, not_a_map

STRIDES = (1, 2, 4, 8, 16, 32)  # pixels along a cell of the output
MOST_CHANNELS = 250  # labels are uint8, and 255 means no data
SEED = 7
COARSEST = 6  # the largest things in the test image have 2**6 pixels
REPEATED = 1e-4  # by which scores of one image may differ from run to run, of their largest: threads add in any order
OFF_ONE = 0.02  # by which sums of probabilities may differ from 1: half precision
LOGITS, PROBABILITIES = "logits", "probabilities"

Image = NDArray[np.float32]


@dataclass(frozen=True)
class Scaling:
    """What is done with the numbers of a raster, band by band: (number - mean) / deviation. Both () = nothing."""

    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()


class Trial:
    """A network that takes an image in the raster's numbers and gives scores, whatever its axes and types are."""

    def __init__(self, file: NetworkFile, scaling: Scaling, bands: int, dtype: str) -> None:
        """Take an open file.

        Args:
            scaling: What its input needs.
            bands: That it takes.
            dtype: Of the raster's numbers.
        """
        self.bands, self.dtype = bands, np.dtype(dtype)
        self.is_channels_last = file.is_channels_last  # of the output: assumed until it was run
        self._file, self._scaling = file, scaling

    def image(self, height: int, width: int) -> Image:
        """Make an image in the raster's numbers, with things of all sizes; the same at each call.

        Returns:
            (B, height, width), whole numbers where the raster has such.
        """
        generator = np.random.default_rng(SEED)
        shares = np.zeros((self.bands, height, width))
        for power in range(COARSEST + 1):
            size = 2**power
            cells = generator.normal(size=(self.bands, -(-height // size), -(-width // size)))
            shares += cells.repeat(size, 1).repeat(size, 2)[:, :height, :width]
        shares = 0.5 + shares / (4 * np.sqrt(COARSEST + 1))
        low, high = self._range()
        values = low + (high - low) * shares.clip(0, 1)
        return (values.round() if self.dtype.kind in "iu" else values).astype(np.float32)

    def inverse(self, image: Image) -> Image:
        """Turn bright into dark."""
        low, high = self._range()
        return (low + high - image).astype(np.float32)

    def shaded(self, image: Image) -> Image:
        """Turn bright into dark, and all of it half as bright: other edges, and another mean."""
        low, _ = self._range()
        return (low + (self.inverse(image) - low) / 2).round().astype(np.float32)

    def scores(self, image: Image) -> Image:
        """Run the network.

        Args:
            image: (B, h, w) in the raster's numbers.

        Returns:
            (channels, rows, columns), float32.

        Raises:
            BundleError: It fails, gives no map, or numbers that are not finite.
        """
        found = self._run(image)
        label, shape = self._file.label, found.shape
        if found.ndim != 4:
            raise not_a_map(label, f"an output of {' x '.join(map(str, shape)) or 'one number'}")
        image_shape = image.shape[1:]
        for is_last in (self.is_channels_last, not self.is_channels_last):
            if stride_of(image_shape, shape[1:3] if is_last else shape[2:]):
                self.is_channels_last = is_last
                break
        else:
            raise BundleError(
                f"'{label}' gives {' x '.join(map(str, shape))} for {' x '.join(map(str, image_shape))} pixels, which "
                f"is no score for each pixel or each square of {', '.join(map(str, STRIDES[1:]))}: export it with "
                "padding, so that its output has the size of its input."
            )
        plain = found[0].transpose(2, 0, 1) if self.is_channels_last else found[0]
        if not np.isfinite(plain).all():
            raise BundleError(
                f"'{label}' gives numbers that are not finite for a test image: check its scaling (divisor, mean, "
                "std), or export it again."
            )
        return np.ascontiguousarray(plain, np.float32)

    def _run(self, image: Image) -> NDArray[Any]:
        """Run the network on the image as it wants it."""
        if self._scaling.mean:
            mean, deviation = (
                np.array(values, np.float32)[:, np.newaxis, np.newaxis]
                for values in (self._scaling.mean, self._scaling.deviation)
            )
            image = (image - mean) / deviation
        source = self._file.source
        tensor = image.transpose(1, 2, 0) if self._file.is_channels_last else image
        tensor = np.ascontiguousarray(np.repeat(tensor[np.newaxis], self._file.batch or 1, 0), source.dtype)
        try:
            (found,) = self._file.session.run([self._file.target.name], {source.name: tensor})
        except Exception as error:  # onnxruntime has a dozen kinds, some of them its own
            shape = " x ".join(map(str, tensor.shape))
            raise BundleError(
                f"'{self._file.label}' fails on an image of {shape} ({one_line(error)}): give the window and the bands "
                "that it was trained with, or export it again."
            ) from error
        return np.asarray(found)

    def _range(self) -> tuple[Image, Image]:
        """The least and the largest number of each band in test images, (B, 1, 1)."""
        if self.dtype == np.uint8 or not self._scaling.mean:
            most = 255.0 if self.dtype == np.uint8 else 10_000.0
            low, high = np.zeros(self.bands), np.full(self.bands, most)
        else:
            mean, deviation = np.array(self._scaling.mean), np.array(self._scaling.deviation)
            low, high = mean - 2 * deviation, mean + 2 * deviation
        if self.dtype.kind in "iu":
            limits = np.iinfo(self.dtype)
            low, high = low.clip(limits.min, limits.max).round(), high.clip(limits.min, limits.max).round()
        return low[:, np.newaxis, np.newaxis].astype(np.float32), high[:, np.newaxis, np.newaxis].astype(np.float32)


def stride_of(image: tuple[int, ...], output: tuple[int, ...]) -> int | None:
    """Tell how many pixels along a cell of the output are, None where the output lies otherwise.

    Args:
        image: Height and width.
        output: Rows and columns.
    """
    return next((stride for stride in STRIDES if tuple(stride * length for length in output) == image), None)


def kind_of_scores(trial: Trial, image: Image, wanted: str, label: str) -> str:
    """Find out by running whether scores are logits or probabilities.

    Args:
        image: A test image.
        wanted: "auto", or what the user says they are.
        label: The file, for messages.

    Returns:
        "logits" or "probabilities".

    Raises:
        BundleError: Scores differ from run to run, or do not depend on the image.
        OptionsError: They are not what the user says, or could be both.
    """
    first, again = trial.scores(image), trial.scores(image)
    size = max(float(np.abs(first).max()), 1e-6)
    if float(np.abs(first - again).max()) > REPEATED * size:
        raise BundleError(
            f"'{label}' gives other scores each time for the same image: export it for inference (evaluation mode, "
            "without dropout)."
        )
    several = np.stack([first, trial.scores(trial.inverse(image)), trial.scores(np.zeros_like(image))])
    if float(np.ptp(several, (0, 2, 3)).max()) == 0:
        raise BundleError(
            f"'{label}' gives the same scores for every pixel of three test images: check its scaling (divisor, mean, "
            "std), or export it again."
        )
    is_share = several.min() >= -OFF_ONE and several.max() <= 1 + OFF_ONE
    sums = several.sum(1) if several.shape[1] > 1 else np.ones(1)
    sums_to_one = bool(np.abs(sums - 1).max() <= OFF_ONE)
    if wanted != "auto":
        if wanted == PROBABILITIES and not is_share:
            raise OptionsError(
                f"'{label}' gives scores from {several.min():.3g} to {several.max():.3g}, which are no probabilities: "
                "give 'logits' as scores, or 'auto'."
            )
        return wanted
    if is_share and not sums_to_one:
        raise OptionsError(
            f"'{label}' gives scores within 0 and 1 whose sum over the classes is between {sums.min():.3g} and "
            f"{sums.max():.3g}: give 'probabilities' as scores where each class has a sigmoid, else 'logits'."
        )
    return PROBABILITIES if is_share else LOGITS


def chances(scores: Image, kind: str) -> Image:
    """Turn scores into probabilities of the classes.

    Args:
        scores: (channels, h, w).
        kind: "logits" or "probabilities".

    Returns:
        The same shape; one channel is the probability of the second of two classes.
    """
    if kind == PROBABILITIES:
        return scores
    if len(scores) == 1:
        return np.asarray(1 / (1 + np.exp(-scores.clip(-50, 50))), np.float32)
    powers = np.exp(scores - scores.max(0))
    return np.asarray(powers / powers.sum(0), np.float32)
