"""From what QGIS passes (layers, destinations) to names of files."""

from __future__ import annotations

from qgis.core import QgsProcessing, QgsProcessingOutputLayerDefinition, QgsRasterLayer

from uhrs_qgis_plugin.engine.errors import RasterError

OPTIONS_MARK = "|option:"  # QGIS appends the open options of a file to its name


def raster_source(layer: QgsRasterLayer) -> str:
    """Name the file behind a layer.

    Args:
        layer: A raster layer; call this in the layer's own thread.

    Returns:
        File path or another name that GDAL opens.

    Raises:
        RasterError: The layer does not come from GDAL (web map, PostGIS, virtual, ...), or its file is gone.
    """
    provider = layer.providerType()
    if provider != "gdal":
        raise RasterError(
            f"Layer '{layer.name()}' comes from the '{provider}' provider but only raster files can be segmented: "
            "export it first (right click on the layer > Export > Save As... > Raw data, GeoTIFF)."
        )
    if not layer.isValid():
        raise RasterError(f"Layer '{layer.name()}' cannot be read: repair its data source or load the file again.")
    return str(layer.source()).split(OPTIONS_MARK)[0]


def destination_path(value: object) -> str:
    """Name the file that a destination parameter asks for.

    Args:
        value: What the parameter holds: a text, a layer definition, or nothing.

    Returns:
        The path; "" when there is none yet, as for temporary outputs and expressions.
    """
    if isinstance(value, QgsProcessingOutputLayerDefinition):
        value = value.sink.staticValue()
    return value if isinstance(value, str) and value != QgsProcessing.TEMPORARY_OUTPUT else ""
