"""The layer of regions: created, filled, and deleted again when that fails."""

from __future__ import annotations

from itertools import islice

from qgis.core import QgsCoordinateReferenceSystem, QgsFeature, QgsFeatureSink, QgsProcessingFeedback

from uhrs_qgis_plugin.algorithms.parameters import ParameterValues
from uhrs_qgis_plugin.algorithms.uncertain_regions.features import make_fields
from uhrs_qgis_plugin.engine.errors import CancelledError, OutputError, UhrsError
from uhrs_qgis_plugin.layers import MULTI_POLYGON, delete_features

FEATURES_AT_ONCE = 200


def write_features(
    features: list[QgsFeature],
    crs: QgsCoordinateReferenceSystem,
    values: ParameterValues,
    feedback: QgsProcessingFeedback,
) -> str:
    """Create the layer and fill it; leave nothing when that fails or is cancelled.

    Returns:
        The file, or the id of the layer in memory.

    Raises:
        QgsProcessingException: It cannot be created.
        UhrsError: It cannot be filled, or the user cancelled.
    """
    sink, source = values.sink("OUTPUT", make_fields(), MULTI_POLYGON, crs)
    problem = fill(sink, source, features, feedback)
    if problem is not None:
        del sink  # closes the file
        delete_features(source)
        raise problem
    in_memory = values.context.getMapLayer(source)
    if in_memory is not None:
        in_memory.setCrs(crs)  # QGIS gives those without one its default
    return source


def fill(
    sink: QgsFeatureSink, source: str, features: list[QgsFeature], feedback: QgsProcessingFeedback
) -> UhrsError | None:
    """Write features.

    Args:
        sink: Where to.
        source: Its name in messages.
        features: What to write.
        feedback: The cancel button.

    Returns:
        None when all are written, else the error. It is not raised here: its traceback would keep the sink open.
    """
    waiting = iter(features)
    for some in iter(lambda: list(islice(waiting, FEATURES_AT_ONCE)), []):
        if feedback.isCanceled():
            return CancelledError()
        if not sink.addFeatures(some, QgsFeatureSink.Flag.FastInsert):
            return OutputError(f"The regions cannot be written to '{source}': {sink.lastError()}.")
    return None
