"""A table without geometry, as an output of an algorithm."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureSink,
    QgsField,
    QgsFields,
    QgsProcessingException,
)

from uhrs_qgis_plugin.algorithms.parameters import ParameterValues
from uhrs_qgis_plugin.layers import NO_GEOMETRY


def write_table(
    values: ParameterValues, columns: Sequence[tuple[str, object]], rows: Sequence[tuple[object, ...]]
) -> str:
    """Write all rows into the output OUTPUT, and name the table.

    Args:
        values: Of the algorithm's parameters.
        columns: Name and type of each.
        rows: As many numbers or texts each.

    Raises:
        QgsProcessingException: The table cannot be written.
    """
    fields = QgsFields()
    for name, kind in columns:
        fields.append(QgsField(name, kind))
    sink, table = values.sink("OUTPUT", fields, NO_GEOMETRY, QgsCoordinateReferenceSystem())
    for row in rows:
        feature = QgsFeature(fields)
        feature.setAttributes(list(row))
        if not sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert):
            raise QgsProcessingException(values.write_error(sink, "OUTPUT"))
    del sink  # closes the file
    return table
