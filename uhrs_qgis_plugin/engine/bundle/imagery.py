"""The statistics of a model's training imagery in its bundle: key `uhrs:imagery` of model.json."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import BundleError

DESCRIPTOR = 1  # which numbers describe a window; an engine that computes others says nothing about the fit
TRAINING = "training"
CHANGES = ("band order", "haze", "finer", "coarser")
KINDS = (TRAINING, *CHANGES)
MOST_COMPONENTS = 32  # of a mixture
MOST_NUMBERS = 64  # of a descriptor
LARGEST = 1e6  # of any number: those of a descriptor are of the order of 1
LEAST_VARIANCE = 1e-9  # of a component in any direction, of its largest one

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Mixture:
    """A mixture of normal distributions over descriptors.

    Attributes:
        weights: (K,) sum 1.
        means: (K, D).
        covariances: (K, D, D) symmetric, positive definite.
    """

    weights: Array
    means: Array
    covariances: Array

    def to_json(self) -> dict[str, Any]:
        """Return what `read_imagery` reads: rounded, of each covariance its lower triangle row by row."""
        lower = np.tril_indices(self.means.shape[1])
        return {
            "weights": _rounded(self.weights),
            "means": [_rounded(mean) for mean in self.means],
            "covariances": [_rounded(covariance[lower]) for covariance in self.covariances],
        }


@dataclass(frozen=True)
class Imagery:
    """What the training imagery of a model looks like, in windows of 128 x 128 pixels.

    Attributes:
        windows: Windows that were described.
        mean: Mean of each band over the training imagery; those after the eighth are left out.
        deviation: Standard deviation of each band.
        threshold: Mean log likelihood ratio below which imagery does not fit.
        mixtures: Kind -> distribution of descriptors: that of the "training" imagery, and those of copies of it that
            were changed in a way ("band order", "haze", "finer", "coarser").
    """

    windows: int
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    threshold: float
    mixtures: Mapping[str, Mixture]

    def to_json(self) -> dict[str, Any]:
        """Return what `read_imagery` reads."""
        return {
            "descriptor": DESCRIPTOR,
            "windows": self.windows,
            "mean": _rounded(self.mean),
            "deviation": _rounded(self.deviation),
            "threshold": round(self.threshold, 4),
            "mixtures": {kind: mixture.to_json() for kind, mixture in self.mixtures.items()},
        }


def read_imagery(entry: Any, bands: int) -> Imagery | None:  # noqa: ANN401 (what JSON holds)
    """Read the statistics and check them.

    Args:
        entry: Value of `uhrs:imagery`.
        bands: Bands of the model.

    Returns:
        The statistics; None where they are about other numbers than this engine computes.

    Raises:
        BundleError: Something is missing or wrong; the text names it.
    """
    if not isinstance(entry, dict):
        raise _wrong("", "an object")
    if not _is_int(entry.get("descriptor")):
        raise _wrong("descriptor", "a whole number")
    if entry["descriptor"] != DESCRIPTOR:
        return None
    mean = _numbers(entry, "mean")
    deviation = _numbers(entry, "deviation")
    if not 1 <= mean.size <= bands or deviation.size != mean.size or not (deviation > 0).all():
        raise _wrong("mean' or 'deviation", f"a number for each of at most {bands} bands, deviations above 0")
    windows: Any = entry.get("windows")
    threshold: Any = entry.get("threshold")
    if not _is_int(windows) or not 0 < windows < 2**53:
        raise _wrong("windows", "a whole number above 0")
    if not _is_number(threshold):
        raise _wrong("threshold", f"a number in -{LARGEST:g}..{LARGEST:g}")
    found = _mixtures(entry.get("mixtures"))
    return Imagery(windows, tuple(mean.tolist()), tuple(deviation.tolist()), float(threshold), found)


def _mixtures(mixtures: object) -> dict[str, Mixture]:
    """Read the mixture of each kind."""
    if not isinstance(mixtures, dict) or TRAINING not in mixtures or len(mixtures) < 2:
        raise _wrong("mixtures", f"an object with '{TRAINING}' and one of {', '.join(CHANGES)}")
    if not set(mixtures) <= set(KINDS):
        raise _wrong("mixtures", f"an object with keys out of {', '.join(KINDS)}")
    found = {kind: _mixture(mixture, f"mixtures.{kind}") for kind, mixture in mixtures.items()}
    if len({mixture.means.shape[1] for mixture in found.values()}) != 1:
        raise _wrong("mixtures", "mixtures over descriptors of one length")
    return found


def _mixture(entry: object, path: str) -> Mixture:
    """Read one mixture."""
    if not isinstance(entry, dict):
        raise _wrong(path, "an object")
    weights = _numbers(entry, "weights", path)
    if not 1 <= weights.size <= MOST_COMPONENTS or not (weights > 0).all() or abs(weights.sum() - 1) > 1e-3:
        raise _wrong(f"{path}.weights", f"1..{MOST_COMPONENTS} numbers above 0 whose sum is 1")
    means = _rows(entry, "means", path, weights.size)
    size = means.shape[1]
    if size > MOST_NUMBERS:
        raise _wrong(f"{path}.means", f"lists of at most {MOST_NUMBERS} numbers")
    lower = _rows(entry, "covariances", path, weights.size)
    if lower.shape[1] != size * (size + 1) // 2:
        raise _wrong(f"{path}.covariances", f"lists of {size * (size + 1) // 2} numbers, lower triangles row by row")
    covariances = np.zeros((weights.size, size, size))
    rows, cols = np.tril_indices(size)
    covariances[:, rows, cols] = covariances[:, cols, rows] = lower
    variances = np.linalg.eigvalsh(covariances)
    if not (variances[:, 0] > LEAST_VARIANCE * np.maximum(variances[:, -1], LEAST_VARIANCE)).all():
        raise _wrong(f"{path}.covariances", "positive definite matrices")
    return Mixture(weights / weights.sum(), means, covariances)


def _numbers(entry: Mapping[str, Any], key: str, path: str = "") -> Array:
    """Read a list of numbers."""
    where = f"{path}.{key}" if path else key
    return _array(entry.get(key), where)


def _rows(entry: Mapping[str, Any], key: str, path: str, count: int) -> Array:
    """Read lists of numbers, one a component, of one length."""
    value, where = entry.get(key), f"{path}.{key}"
    if not isinstance(value, list) or len(value) != count:
        raise _wrong(where, f"a list of {count} lists of numbers")
    rows = [_array(row, where) for row in value]
    if not rows[0].size or any(row.size != rows[0].size for row in rows):
        raise _wrong(where, "lists of one length")
    return np.stack(rows)


def _array(value: object, where: str) -> Array:
    """Check a list of numbers: at once, for there are tens of thousands. True and False are none."""
    most = MOST_NUMBERS * (MOST_NUMBERS + 1) // 2
    if isinstance(value, list) and len(value) <= most and {*map(type, value)} <= {int, float}:
        with contextlib.suppress(OverflowError):  # of a whole number that no float can hold
            array = np.asarray(value, np.float64)
            if (np.abs(array) <= LARGEST).all():  # NaN is not
                return array
    raise _wrong(where, f"a list of at most {most} numbers in -{LARGEST:g}..{LARGEST:g}")


def _rounded(values: Sequence[float] | Array) -> list[float]:
    """Six digits: far below what differs from window to window."""
    return [float(f"{value:.6g}") for value in values]


def _is_int(value: object) -> bool:
    """Whole number; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    """Number that is neither NaN nor absurd; True and False are none."""
    return (_is_int(value) or isinstance(value, float)) and abs(value) <= LARGEST  # type: ignore[arg-type]


def _wrong(path: str, allowed: str) -> BundleError:
    """Make the error for one key."""
    where = f"'uhrs:imagery.{path}'" if path else "'uhrs:imagery'"
    return BundleError(
        f"model.json: {where} is not what it must be, {allowed}: describe the imagery again "
        "(training/describe_imagery.py)."
    )
