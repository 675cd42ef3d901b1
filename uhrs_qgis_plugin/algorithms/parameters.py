"""Parameters and outputs as data, and the values of a run, read by id."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeatureSink,
    QgsFields,
    QgsMapLayer,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingOutputDefinition,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingOutputNumber,
    QgsProcessingParameterDefinition,
    QgsRasterLayer,
    QgsVectorLayer,
)

from uhrs_qgis_plugin.engine.errors import OptionsError, OutputError, RasterError, without_secrets
from uhrs_qgis_plugin.engine.files import check_unused
from uhrs_qgis_plugin.layers import ADVANCED, GDAL_WKT, STATIC_PROPERTY

OPTION_MARKS = ("|option:", "|credential:")  # QGIS appends open options and credentials of a file to its name
LOGIN_MARK = " authcfg='"  # and the login that it keeps for a server
LAYER_ENDINGS = (".gpkg", ".fgb", ".csv", ".shp", ".geojson", ".tif", ".tiff")
BASEMAPS = ("wms", "arcgismapserver")  # providers of what a service draws; XYZ and WMTS are "wms"
TRANSLATED = "fileFilter"  # an option of definitions that people read


@dataclass(frozen=True)
class Parameter:
    """A parameter of an algorithm.

    Attributes:
        label: What the dialog shows.
        help: One sentence.
        kind: QGIS's class.
        options: Further arguments of `kind`, by name.
        advanced: Whether the dialog shows it below "Advanced parameters".
        widget: Full name of the class of its field in dialogs, which is loaded only there; "" = QGIS's own.
    """

    label: str
    help: str
    kind: type[QgsProcessingParameterDefinition]
    options: Mapping[str, Any] = field(default_factory=dict)
    advanced: bool = False
    widget: str = ""

    def definition(self, name: str, translate: Callable[[str], str]) -> QgsProcessingParameterDefinition:
        """Make a new object of QGIS; the algorithm that adds it owns it.

        Args:
            name: The parameter's id.
            translate: From English into the user's language.
        """
        options = {key: translate(value) if key == TRANSLATED else value for key, value in self.options.items()}
        made = self.kind(name, translate(self.label), **options)
        made.setHelp(translate(self.help))
        if self.advanced:
            made.setFlags(made.flags() | ADVANCED)
        if self.widget:
            made.setMetadata({"widget_wrapper": {"class": self.widget}})
        return made


@dataclass(frozen=True)
class Output:
    """A value that an algorithm returns besides its destinations.

    Attributes:
        label: What the Model Designer shows.
        help: One sentence.
        kind: QGIS's class.
    """

    label: str
    help: str
    kind: type[QgsProcessingOutputDefinition] = QgsProcessingOutputNumber


class ParameterValues:
    """The values of a run, read by parameter id. For one thread: that of the context.

    Attributes:
        context: The run's context.
    """

    def __init__(
        self, algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
    ) -> None:
        """Hold the values, as QGIS hands them to an algorithm."""
        self.context = context
        self._algorithm, self._parameters = algorithm, parameters

    def is_given(self, name: str) -> bool:
        """Whether a parameter was not left empty."""
        return self._parameters.get(name) not in (None, "")

    def text(self, name: str) -> str:
        """Read a text; "" when left empty."""
        return str(self._algorithm.parameterAsString(self._parameters, name, self.context))

    def choice(self, name: str) -> str:
        """Read one of a list of static texts."""
        return str(self._algorithm.parameterAsEnumString(self._parameters, name, self.context))

    def flag(self, name: str) -> bool:
        """Read a check box."""
        return bool(self._algorithm.parameterAsBool(self._parameters, name, self.context))

    def integer(self, name: str) -> int:
        """Read an integer; `qgis_process` passes numbers as texts."""
        return int(self._algorithm.parameterAsInt(self._parameters, name, self.context))

    def integers(self, name: str) -> tuple[int, ...]:
        """Read integers; () when left empty."""
        return tuple(self._algorithm.parameterAsInts(self._parameters, name, self.context))

    def number(self, name: str) -> float:
        """Read a number; `qgis_process` passes numbers as texts."""
        return float(self._algorithm.parameterAsDouble(self._parameters, name, self.context))

    def optional_number(self, name: str) -> float | None:
        """Read a number; None when left empty."""
        return self.number(name) if self.is_given(name) else None

    def bounds(self, name: str, crs: QgsCoordinateReferenceSystem) -> tuple[float, float, float, float] | None:
        """Read an extent in a CRS as (left, bottom, right, top); None when left empty."""
        if not self.is_given(name):
            return None
        box = self._algorithm.parameterAsExtent(self._parameters, name, self.context, crs)
        return box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()

    def file(self, name: str) -> str:
        """Read the path of a file to read; "" when left empty."""
        return str(self._algorithm.parameterAsFile(self._parameters, name, self.context))

    def raster_layer(self, name: str) -> QgsRasterLayer:
        """Read a raster layer.

        Raises:
            RasterError: It is none, does not come from GDAL (web map, PostGIS, virtual, ...), or its file is gone.
        """
        return self._checked(name, self.any_raster_layer(name))

    def any_raster_layer(self, name: str) -> QgsRasterLayer:
        """Read a raster layer of any provider, which may be broken.

        Raises:
            RasterError: It is none.
        """
        layer = self._algorithm.parameterAsRasterLayer(self._parameters, name, self.context)
        if layer is None:
            given = without_secrets(repr(self._parameters.get(name)))
            raise RasterError(f"{name}={given} is no raster: choose a raster file.")
        return layer

    def raster_layers(self, name: str) -> list[QgsRasterLayer]:
        """Read a list of raster layers, [] when left empty.

        Raises:
            RasterError: As in `raster_layer`.
        """
        return [
            self._checked(name, layer)
            for layer in self._algorithm.parameterAsLayerList(self._parameters, name, self.context)
        ]

    def _checked(self, name: str, layer: QgsMapLayer) -> QgsRasterLayer:
        provider = layer.providerType()
        if provider in BASEMAPS:
            raise RasterError(
                f"Layer '{layer.name()}' is a basemap that a service draws but {name} takes raster files only: imagery "
                "can be read into one with 'Raster from a basemap' (uhrs:basemapraster), if its terms allow that."
            )
        if provider != "gdal":
            raise RasterError(
                f"Layer '{layer.name()}' comes from the '{provider}' provider but {name} takes raster files only: "
                "export it first (right click on the layer > Export > Save As... > Raw data, GeoTIFF)."
            )
        if not layer.isValid():
            raise RasterError(f"Layer '{layer.name()}' cannot be read: repair its data source or load the file again.")
        return layer

    def vector_layer(self, name: str) -> QgsVectorLayer | None:
        """Read a vector layer; None when there is none."""
        return self._algorithm.parameterAsVectorLayer(self._parameters, name, self.context)

    def polygons(self, name: str) -> QgsProcessingFeatureSource | None:
        """Read a layer of polygons; None when left empty.

        Raises:
            OptionsError: It is no layer.
        """
        if not self.is_given(name):
            return None
        source = self._algorithm.parameterAsSource(self._parameters, name, self.context)
        if source is None:
            raise OptionsError(f"{name}={self._parameters[name]!r} is no polygon layer: choose one, or leave it empty.")
        return source

    def features(self, name: str) -> QgsProcessingFeatureSource | None:
        """Read a layer of features; None when left empty.

        Raises:
            OptionsError: It is no layer.
        """
        if not self.is_given(name):
            return None
        source = self._algorithm.parameterAsSource(self._parameters, name, self.context)
        if source is None:
            raise OptionsError(f"{name}={self._parameters[name]!r} is no layer: choose one, or leave it empty.")
        return source

    def raster_destination(self, name: str) -> str:
        """Read the path of a raster to write; "" when none shall be written.

        In the thread that writes: QGIS loads what the run's own context asks for.
        """
        if self._is_left_empty(name):  # QGIS would try to load a layer without a name, and say that it failed
            return ""
        return str(self._algorithm.parameterAsOutputLayer(self._parameters, name, self.context) or "")

    def _is_left_empty(self, name: str) -> bool:
        """Whether a destination was cleared; one that is not among the values has its default."""
        value = self._parameters.get(name, QgsProcessing.TEMPORARY_OUTPUT)
        if isinstance(value, QgsProcessingOutputLayerDefinition):  # as dialogs hand it over
            value = value.sink.staticValue() if value.sink.propertyType() == STATIC_PROPERTY else value
        return value in (None, "")

    def is_loaded(self, source: str) -> bool:
        """Whether QGIS loads a result when the run ends."""
        return bool(self.context.willLoadLayerOnCompletion(source))

    def file_destination(self, name: str) -> str:
        """Read the path of a file to write; "" when none shall be written."""
        return str(self._algorithm.parameterAsFileOutput(self._parameters, name, self.context) or "")

    def destination(self, name: str) -> str:
        """Read the path that a destination was given, before it is created; "" for temporary outputs."""
        return destination_path(self._parameters.get(name))

    def check_destinations(self) -> None:
        """Check that layers can be written where they shall be, and that no program is writing into those there.

        Raises:
            OptionsError: A path is that of a server.
            OutputError: A folder is missing, or a program does.
        """
        from uhrs_qgis_plugin.engine.raster import check_local  # here: it loads numpy

        for definition in self._algorithm.destinationParameterDefinitions():
            path = self.destination(definition.name())
            check_local(path)
            folder = os.path.dirname(path)
            is_layer = path.lower().endswith(LAYER_ENDINGS)  # of a file: not a table in a database
            if is_layer and folder and not os.path.isdir(folder):
                raise OutputError(f"The folder of '{path}' does not exist: create it or choose another one.")
            check_unused(path)

    def sink(
        self,
        name: str,
        fields: QgsFields,
        geometry: Any,  # noqa: ANN401 (an enum that moved between versions)
        crs: QgsCoordinateReferenceSystem,
    ) -> tuple[QgsFeatureSink, str]:
        """Create the layer of a destination, in the thread that writes.

        Returns:
            Where the features go, and the file or id that the layer is known by.

        Raises:
            QgsProcessingException: It cannot be created.
            OutputError: A program is writing into the file that is there: QGIS would delete it all the same.
        """
        check_unused(self.destination(name))
        sink, source = self._algorithm.parameterAsSink(self._parameters, name, self.context, fields, geometry, crs)
        if sink is None:
            raise QgsProcessingException(self._algorithm.invalidSinkError(self._parameters, name))
        return sink, str(source)

    def write_error(self, sink: QgsFeatureSink, name: str) -> str:
        """Word why a feature cannot be written."""
        return str(self._algorithm.writeFeatureError(sink, self._parameters, name))


def raster_source(layer: QgsRasterLayer) -> str:
    """Name the file behind a raster layer: a path or another name that GDAL opens, such as /vsicurl/https://...

    Raises:
        RasterError: It needs a login that QGIS keeps, and does not hand out.
    """
    source = str(layer.source())
    if LOGIN_MARK in source:
        raise RasterError(
            f"Layer '{layer.name()}' needs a login that QGIS keeps for its server: export it first (right click on the "
            "layer > Export > Save As... > Raw data, GeoTIFF)."
        )
    for mark in OPTION_MARKS:
        source = source.split(mark)[0]
    return source


def crs_set_by_hand(layer: QgsRasterLayer) -> str | None:
    """Name the coordinate reference system that a user has set on a layer; None where it is that of the file."""
    crs, provider = layer.crs(), layer.dataProvider()
    if not crs.isValid() or provider is None or crs == provider.crs():
        return None
    return crs.authid() if crs.authid().startswith("EPSG:") else str(crs.toWkt(GDAL_WKT))


def destination_path(value: object) -> str:
    """Name the file that the value of a destination asks for; "" for temporary outputs and expressions."""
    if isinstance(value, QgsProcessingOutputLayerDefinition):
        value = value.sink.staticValue()
    return value if isinstance(value, str) and value != QgsProcessing.TEMPORARY_OUTPUT else ""
