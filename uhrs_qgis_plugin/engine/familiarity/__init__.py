"""Does imagery fit a model? Sample windows, described, compared with the statistics of the training imagery."""

from uhrs_qgis_plugin.engine.familiarity.descriptor import MOST_BANDS, describe, descriptor_names
from uhrs_qgis_plugin.engine.familiarity.fit import (
    ImageryFit,
    Read,
    UnfamiliarMap,
    measure_fit,
    unfamiliar_map,
    windows_of_fit,
    windows_of_map,
)
from uhrs_qgis_plugin.engine.familiarity.likelihood import WindowRatios, compare_windows
from uhrs_qgis_plugin.engine.familiarity.sampling import SIDE, sample_windows, spacing
from uhrs_qgis_plugin.engine.familiarity.wording import FITS_FROM, fit_sentence

__all__ = [
    "FITS_FROM",
    "MOST_BANDS",
    "SIDE",
    "ImageryFit",
    "Read",
    "UnfamiliarMap",
    "WindowRatios",
    "compare_windows",
    "describe",
    "descriptor_names",
    "fit_sentence",
    "measure_fit",
    "sample_windows",
    "spacing",
    "unfamiliar_map",
    "windows_of_fit",
    "windows_of_map",
]
