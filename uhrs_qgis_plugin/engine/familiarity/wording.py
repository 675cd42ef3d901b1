"""The fit in words: what differs from the training imagery."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.bundle import TRAINING, Imagery
from uhrs_qgis_plugin.engine.familiarity.descriptor import descriptor_names
from uhrs_qgis_plugin.engine.familiarity.likelihood import moments

FITS_FROM = 0.5  # a fit below it is worth a warning
TELLING = 1.0  # standard deviations of the training windows from which a difference is worth a word
LIKE = {
    "band order": "as if its bands were in another order",
    "haze": "as if seen through haze",
    "finer": "as if its pixels were finer than the model's, or enlarged",
    "coarser": "as if its pixels were coarser than the model's",
}
# Beginning of the name of a number, word for less of it, word for more.
WORDS = (
    ("brightness", "darker", "brighter"),
    ("contrast", "less contrast", "more contrast"),
    ("tint", "other colours", "other colours"),
    ("texture slope 1", "finer texture", "smoother texture"),
)
EXPECT = "Expect errors that the uncertainty does not show."


def fit_sentence(mean: NDArray[np.float64], kind: str, imagery: Imagery, bands: int) -> str:
    """Say in a sentence how imagery differs from the training imagery.

    Args:
        mean: (D,) mean descriptor.
        kind: What it is most like: one of the engine's `CHANGES`, or another word.
        bands: Bands of the model.

    Returns:
        The sentence.
    """
    usual, variance = moments(imagery.mixtures[TRAINING])
    away = dict(zip(descriptor_names(bands), (mean - usual) / np.sqrt(variance)))
    found = {}
    for start, less, more in WORDS:
        largest = max((value for name, value in away.items() if _is(name, start)), key=abs, default=0.0)
        if abs(largest) >= TELLING:
            found[more if largest > 0 else less] = abs(largest)
    words = sorted(found, key=lambda word: -found[word])[:3]
    words += [LIKE[kind]] if kind in LIKE else []
    how = f": {', '.join(words)}" if words else ""
    return f"Looks unlike what this model was trained on{how}. {EXPECT}"


def _is(name: str, start: str) -> bool:
    """Whether a number is one of a group: 'tint 1-2' is a tint, 'tint by brightness 1-2' is none."""
    return name == start or (name.startswith(f"{start} ") and name[len(start) + 1].isdigit())
