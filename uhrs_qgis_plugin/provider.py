"""The Processing provider `uhrs`: the list of algorithms."""

from __future__ import annotations

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from uhrs_qgis_plugin.algorithms.accuracy import AccuracyAlgorithm, CompareResultsAlgorithm, SamplePointsAlgorithm
from uhrs_qgis_plugin.algorithms.base import ICON
from uhrs_qgis_plugin.algorithms.basemap import BasemapRasterAlgorithm
from uhrs_qgis_plugin.algorithms.class_areas import ClassAreasAlgorithm
from uhrs_qgis_plugin.algorithms.class_polygons import ClassPolygonsAlgorithm, CleanClassesAlgorithm
from uhrs_qgis_plugin.algorithms.corrections import CorrectedClassesAlgorithm, TrainingSamplesAlgorithm
from uhrs_qgis_plugin.algorithms.diagnostics import DiagnosticsAlgorithm
from uhrs_qgis_plugin.algorithms.import_model import ImportModelAlgorithm
from uhrs_qgis_plugin.algorithms.legend import LegendAlgorithm
from uhrs_qgis_plugin.algorithms.segment import SegmentRasterAlgorithm
from uhrs_qgis_plugin.algorithms.uncertain_regions import UncertainRegionsAlgorithm
from uhrs_qgis_plugin.translation import tr


class UhrsProvider(QgsProcessingProvider):
    """Group "UHRS segmentation" of the Processing Toolbox."""

    def id(self) -> str:
        """Return the first half of algorithm ids, frozen: `uhrs:segmentraster`."""
        return "uhrs"

    def name(self) -> str:
        """Return the name that the Toolbox shows."""
        return "UHRS segmentation"

    def longName(self) -> str:
        """Return the name with an explanation."""
        return tr("UHRS segmentation (uncertainty-guided, ultra-high resolution)")

    def icon(self) -> QIcon:
        """Return the icon of provider and menu entry."""
        return QIcon(ICON)

    def svgIconPath(self) -> str:
        """Return the icon's path, for drawing at any size."""
        return ICON

    def loadAlgorithms(self) -> None:
        """Create one instance of each algorithm; the provider owns them."""
        self.addAlgorithm(SegmentRasterAlgorithm())
        self.addAlgorithm(BasemapRasterAlgorithm())
        self.addAlgorithm(ClassAreasAlgorithm())
        self.addAlgorithm(ClassPolygonsAlgorithm())
        self.addAlgorithm(CleanClassesAlgorithm())
        self.addAlgorithm(UncertainRegionsAlgorithm())
        self.addAlgorithm(CorrectedClassesAlgorithm())
        self.addAlgorithm(TrainingSamplesAlgorithm())
        self.addAlgorithm(LegendAlgorithm())
        self.addAlgorithm(SamplePointsAlgorithm())
        self.addAlgorithm(AccuracyAlgorithm())
        self.addAlgorithm(CompareResultsAlgorithm())
        self.addAlgorithm(ImportModelAlgorithm())
        self.addAlgorithm(DiagnosticsAlgorithm())

    def supportedOutputRasterLayerExtensions(self) -> list[str]:
        """Return what file dialogs offer: the engine writes GeoTIFF."""
        return ["tif", "tiff"]

    def defaultRasterFileExtension(self) -> str:
        """Return the extension of temporary outputs."""
        return "tif"
