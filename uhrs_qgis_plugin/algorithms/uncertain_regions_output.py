"""Fills a layer with features, and takes it away again when that fails."""

from __future__ import annotations

import os
from itertools import islice

from osgeo import gdal
from qgis.core import QgsFeature, QgsFeatureSink, QgsProcessingFeedback

FEATURES_AT_ONCE = 200


def fill(sink: QgsFeatureSink, name: str, features: list[QgsFeature], feedback: QgsProcessingFeedback) -> str:
    """Write features.

    Args:
        sink: Where to.
        name: How to call it in messages.
        features: What to write.
        feedback: The cancel button.

    Returns:
        "" when all is written, else why it is not.
    """
    waiting = iter(features)
    for some in iter(lambda: list(islice(waiting, FEATURES_AT_ONCE)), []):
        if feedback.isCanceled():
            return "Cancelled: nothing was written."
        if not sink.addFeatures(some, QgsFeatureSink.Flag.FastInsert):
            return f"The regions cannot be written to '{name}': {sink.lastError()}."
    return ""


def delete(name: str) -> None:
    """Delete a file of features with all that belongs to it.

    Args:
        name: Of a sink: of layers in memory and of tables in databases nothing is deleted.
    """
    if os.path.isfile(name):
        driver = gdal.IdentifyDriverEx(name, gdal.OF_VECTOR)
        if driver is not None:
            driver.Delete(name)
