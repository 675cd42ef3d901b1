"""What `uhrs:segmentraster` takes and gives: ids, labels, one sentence of help each, and the QGIS definitions."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import (
    Qgis,
    QgsProcessingParameterBand,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from uhrs_qgis_plugin.algorithms.base import help_html

# Both enums moved into Qgis in 3.36.
if hasattr(Qgis, "ProcessingParameterFlag"):
    ADVANCED = Qgis.ProcessingParameterFlag.Advanced
    DOUBLE = Qgis.ProcessingNumberParameterType.Double
else:
    ADVANCED = QgsProcessingParameterDefinition.FlagAdvanced
    DOUBLE = QgsProcessingParameterNumber.Type.Double

DEVICES = ("auto", "cpu", "cuda", "tensorrt", "directml", "coreml", "openvino")
CELLS = ("8", "4", "2", "1")
UNREADABLE = ("stop", "nodata")

SUMMARY = (
    "Segments a raster of any size into the classes of a model, and maps where the result is uncertain. "
    "The whole raster is seen at 1/4 scale first; then the patches where that leaves most doubt are seen at full "
    "scale, and both views are joined."
)

# id -> (label, sentence)
PARAMETERS = {
    "INPUT": (
        "Raster",
        "A raster file with the bands that the model expects, at about the pixel size it was trained on.",
    ),
    "MODEL": (
        "Model (default: the bundled one)",
        "A model bundle (*.uhrs); left empty, the one that comes with the plugin.",
    ),
    "BANDS": (
        "Bands in the model's order (default: the first ones)",
        "The bands to give to the model, in its order (red, green, blue for the bundled one); left empty, the first "
        "ones of the raster.",
    ),
    "EXTENT": (
        "Extent (default: the whole raster)",
        "Only this part of the raster is segmented; an extent in another coordinate system is transformed.",
    ),
    "RATIO": (
        "Ratio K of patches to refine (default: the model's)",
        "The share of patches, 0 to 1, that are seen at full scale, the most uncertain first: 0 is fastest, 1 is "
        "most thorough.",
    ),
    "THRESHOLD": (
        "Uncertainty threshold, instead of a ratio",
        "Instead of a fixed share, all patches whose mean uncertainty (0 to 1) reaches this number are refined.",
    ),
    "MINUTES": (
        "Minutes for the run, instead of a ratio",
        "Instead of a fixed share, the most uncertain patches are refined until the run has taken this long.",
    ),
    "DEVICE": (
        "Device",
        "Where the model runs: auto takes the best that the installed onnxruntime offers, else the processor (cpu).",
    ),
    "CELL": (
        "Uncertainty cell in pixels",
        "Pixels of the raster per cell of the uncertainty map: 8 is its native grid and the smallest file.",
    ),
    "RESUME": (
        "Go on from an earlier run",
        "Keeps what is finished when the run is cancelled or killed, and goes on from there when it is repeated.",
    ),
    "UNREADABLE": (
        "Damaged parts of the raster",
        "What happens where the file cannot be read: stop with an error, or treat it as no data.",
    ),
    "CLASSES": ("Classes", "The class map to write: one number a pixel, with palette and class names (GeoTIFF)."),
    "UNCERTAINTY": (
        "Uncertainty",
        "The uncertainty map to write, 0 (sure) to 1: band 1 is that of the coarse view (U), which chose the "
        "patches, band 2 the final one, after refining (GeoTIFF).",
    ),
    "PREVIEW": (
        "Preview",
        "The classes of the coarse view, one for 8 x 8 pixels, written and shown as soon as it is done, with its "
        "uncertainty beside it (GeoTIFF).",
    ),
    "REPORT": ("Report", "A file for seconds, patches, device and the area of each class (JSON)."),
}

OUTPUTS = {
    "REFINED_RATIO": ("Refined share of patches", "The share of patches that were refined in the end, 0 to 1."),
    "PIXELS": ("Pixels", "Pixels of the raster that were segmented."),
    "SECONDS": ("Seconds", "How long the run took."),
}


def help_text(translate: Callable[[str], str]) -> str:
    """Put the help together.

    Args:
        translate: Turns an English text into the user's language.

    Returns:
        Simple HTML.
    """
    return help_html(translate, SUMMARY, {"Parameters": PARAMETERS, "Outputs": OUTPUTS})


def definitions(translate: Callable[[str], str]) -> list[QgsProcessingParameterDefinition]:
    """Define the parameters in the order of the dialog.

    Args:
        translate: Turns an English text into the user's language.

    Returns:
        New objects; the algorithm that adds them owns them.
    """
    labels = {name: translate(label) for name, (label, _) in PARAMETERS.items()}

    def choice(name: str, values: tuple[str, ...]) -> QgsProcessingParameterEnum:
        # Static strings: DEVICE=cpu reads better in scripts than DEVICE=1, and stays when the list grows.
        return QgsProcessingParameterEnum(name, labels[name], values, False, values[0], False, True)

    def share(name: str) -> QgsProcessingParameterNumber:
        return QgsProcessingParameterNumber(name, labels[name], DOUBLE, None, True, 0, 1)

    parameters = [
        QgsProcessingParameterRasterLayer("INPUT", labels["INPUT"]),
        QgsProcessingParameterFile(
            "MODEL", labels["MODEL"], optional=True, fileFilter=translate("Model bundle (*.uhrs)")
        ),
        QgsProcessingParameterBand("BANDS", labels["BANDS"], None, "INPUT", True, True),
        QgsProcessingParameterExtent("EXTENT", labels["EXTENT"], optional=True),
        share("RATIO"),
        share("THRESHOLD"),
        advanced(QgsProcessingParameterNumber("MINUTES", labels["MINUTES"], DOUBLE, None, True, 0.01)),
        choice("DEVICE", DEVICES),
        advanced(choice("CELL", CELLS)),
        advanced(QgsProcessingParameterBoolean("RESUME", labels["RESUME"], False)),
        advanced(choice("UNREADABLE", UNREADABLE)),
        QgsProcessingParameterRasterDestination("CLASSES", labels["CLASSES"]),
        QgsProcessingParameterRasterDestination("UNCERTAINTY", labels["UNCERTAINTY"], None, True, True),
        QgsProcessingParameterRasterDestination("PREVIEW", labels["PREVIEW"], None, True, False),
        QgsProcessingParameterFileDestination(
            "REPORT", labels["REPORT"], translate("JSON (*.json)"), None, True, False
        ),
    ]
    for parameter in parameters:
        parameter.setHelp(translate(PARAMETERS[parameter.name()][1]))
    return parameters


def advanced(parameter: QgsProcessingParameterDefinition) -> QgsProcessingParameterDefinition:
    """Move a parameter below "Advanced parameters"."""
    parameter.setFlags(parameter.flags() | ADVANCED)
    return parameter
