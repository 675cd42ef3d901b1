"""What all scenes of a dataset have in common, and what a network must know of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from training.data.arrays import IGNORE, Scene
from training.errors import DatasetError
from uhrs_qgis_plugin.engine.raster import PERCENTILES

_MOST_LOOKED_AT = 100  # scenes, for the statistics
_WIDEST = 1e12  # spread of numbers that a network in 32 bits can normalise, and that any instrument gives
_SPARSE = 7  # of the numbers that are looked at every 7th is enough for percentiles
_ROWS = 1024  # read together when a label is looked for


def check_alike(scenes: Sequence[Scene]) -> None:
    """Compare number, names and type of the bands.

    Raises:
        DatasetError: Two scenes differ; both are named.
    """
    for scene in scenes[1:]:
        first, other = _kind(scenes[0]), _kind(scene)
        named = all((scene.bands, scenes[0].bands, *scene.bands, *scenes[0].bands))  # others may be anything
        if first == other and (scene.bands == scenes[0].bands or not named):
            continue
        one, two = (_told(entry, named and first == other) for entry in (scenes[0], scene))
        raise DatasetError(
            f"'{_file(scenes[0])}' has {one}, '{_file(scene)}' has {two}; all images of a dataset, those to validate "
            "included, need the same bands and data type: convert or remove those that differ"
        )


def check_labelled(scenes: Sequence[Scene], split: str) -> None:
    """Look for labelled pixels, in training scenes of two classes at least.

    Raises:
        DatasetError: There are none in any scene.
    """
    seen: set[int] = set()
    for scene in scenes:
        for row in range(0, scene.labels.shape[0], _ROWS):
            seen.update(np.unique(scene.labels[row : row + _ROWS]).tolist())
            seen.discard(IGNORE)
            if len(seen) > 1 or (seen and split != "train"):
                return
    if seen:
        raise DatasetError(
            f"All labelled pixels of the train split are of class {min(seen)} (counted from 0), so that a network "
            "would learn to say nothing else; label other classes too, or name the class of what lies in no polygon "
            "(vector: {background: NAME} in classes.yaml)"
        )
    raise DatasetError(
        f"The {split} split has no labelled pixel in {len(scenes)} scenes: all are ignored, or lie where an image has "
        "no data; label some pixels, or correct 'ignore' in classes.yaml"
    )


def label_counts(scenes: Sequence[Scene], classes: int) -> list[int]:
    """Labelled pixels of each class over all scenes, read part by part."""
    total = np.zeros(256, np.int64)
    for scene in scenes:
        for row in range(0, scene.labels.shape[0], _ROWS):
            total += np.bincount(np.asarray(scene.labels[row : row + _ROWS]).ravel(), minlength=256)
    return [int(count) for count in total[:classes]]


def statistics(scenes: Sequence[Scene]) -> dict[str, Any]:
    """What a network must know of its input: bands, data type, and mean, spread and limits of each band.

    Pixels without data are left out. The limits are those between which the engine's stretch would bring the numbers
    to 8 bits; numbers of 8 bits have none.

    Args:
        scenes: Training scenes; at most 512 x 512 pixels of each of about 100 are looked at.
    """
    count, total, square = 0, np.zeros(0), np.zeros(0)
    origin = None  # numbers are counted from the first mean: squares of large ones would lose digits
    some = []
    for scene in scenes[:: max(1, len(scenes) // _MOST_LOOKED_AT)]:
        step = max(1, max(scene.labels.shape) // 512)
        pixels = scene.image[:, ::step, ::step].reshape(scene.image.shape[0], -1).astype(np.float64)
        if scene.valid is not None:
            pixels = pixels[:, scene.valid[::step, ::step].ravel()]
        pixels = pixels[:, np.isfinite(pixels).all(0)]
        if origin is None:
            origin = pixels.mean(1, keepdims=True) if pixels.size else None
            total, square = np.zeros(len(pixels)), np.zeros(len(pixels))
        if origin is not None:
            count, total = count + pixels.shape[1], total + (pixels - origin).sum(1)
            square = square + ((pixels - origin) ** 2).sum(1)
            some.append(pixels[:, ::_SPARSE])
    if origin is None:
        raise DatasetError(f"The training images, such as '{_file(scenes[0])}', hold no pixel with data")
    if not np.isfinite(square).all() or np.sqrt(square / count).max() > _WIDEST:
        raise DatasetError(
            f"The numbers of the training images spread over more than {_WIDEST:g}, which is no measurement: declare "
            "the value that means no data (gdal_edit.py -a_nodata VALUE FILE)"
        )
    mean, variance = total / count + origin[:, 0], square / count - (total / count) ** 2
    spread = np.sqrt(variance.clip(0))
    spread = np.where(spread > 1e-6 * np.abs(mean), spread, 0)  # what is left of constant bands are rounding errors
    digits = [_decimals(value) for value in spread]
    limits = np.percentile(np.concatenate(some, 1), PERCENTILES, 1).T.tolist()
    return {
        "bands": len(mean),
        "data_type": scenes[0].image.dtype.name,
        "mean": [round(float(value), places) for value, places in zip(mean, digits, strict=True)],
        "std": [round(float(value), places) or 1.0 for value, places in zip(spread, digits, strict=True)],
        **({} if scenes[0].image.dtype == np.uint8 else {"limits": limits}),
    }


def _decimals(spread: float) -> int:
    """Decimals that keep four digits of a spread, and at least three."""
    return max(3, 3 - math.floor(math.log10(spread))) if spread > 0 else 6


def _kind(scene: Scene) -> tuple[int, str]:
    return scene.image.shape[0], scene.image.dtype.name


def _told(scene: Scene, names: bool) -> str:
    count, dtype = _kind(scene)
    return f"the bands {', '.join(scene.bands)}" if names else f"{count} bands of {dtype}"


def _file(scene: Scene) -> str:
    """The image's path where it is a file."""
    return str(getattr(scene.image, "path", scene.name))
