"""What `uhrs:uncertainregions` works on, and the checks that need QGIS or GDAL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from osgeo import gdal
from qgis.core import QgsCoordinateReferenceSystem, QgsRasterLayer

from uhrs_qgis_plugin.engine.errors import RasterError

if TYPE_CHECKING:  # these load numpy, and QGIS loads this module when it starts
    from uhrs_qgis_plugin.engine.raster import RasterInfo
    from uhrs_qgis_plugin.engine.regions import RegionOptions


@dataclass(frozen=True)
class RegionJob:
    """What the main thread hands to the worker.

    Attributes:
        uncertainty: Name that GDAL opens.
        info: Describes that raster.
        classes: The same of the classes, None without.
        crs: CRS of the layer, which may differ from the file's.
        options: The engine's options.
        name: Of the layer.
    """

    uncertainty: str
    info: RasterInfo
    classes: str | None
    crs: QgsCoordinateReferenceSystem
    options: RegionOptions
    name: str = ""


def read_scale(path: str, band: int) -> float:
    """Read the uncertainty per step of an uncertainty raster, about 1/254.

    Args:
        path: Name that GDAL opens.
        band: From 1.

    Raises:
        RasterError: The band's numbers are no uncertainty of 0..1.
    """
    from uhrs_qgis_plugin.engine.results import is_uncertainty_scale  # loads numpy

    dataset = gdal.Open(path)  # a band dies with its dataset
    source = dataset.GetRasterBand(band)
    scale, offset = source.GetScale(), source.GetOffset() or 0.0
    if not is_uncertainty_scale(scale, offset):
        raise RasterError(
            f"Band {band} of '{path}' has scale {scale} and offset {offset:g} and is no uncertainty, whose scale is "
            "1/254 without offset: choose the UNCERTAINTY that segmenting a raster wrote."
        )
    return float(scale)


def check_same_crs(uncertainty: QgsRasterLayer, classes: QgsRasterLayer) -> None:
    """Check that two layers have the same CRS.

    Raises:
        RasterError: They do not.
    """
    if uncertainty.crs() != classes.crs():
        one, other = (layer.crs().authid() or "no known CRS" for layer in (uncertainty, classes))
        raise RasterError(
            f"UNCERTAINTY '{uncertainty.name()}' has {one} but CLASSES '{classes.name()}' has {other}: choose the "
            "classes and the uncertainty of one run."
        )
