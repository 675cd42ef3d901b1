"""`uhrs:segmentraster`: parameters -> engine.segmentation.segment -> class and uncertainty rasters."""

from __future__ import annotations

import html
from dataclasses import replace

from qgis.core import (
    QgsProcessingFeedback,
    QgsProcessingParameterBand,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from uhrs_qgis_plugin import runtime
from uhrs_qgis_plugin.algorithms.base import SEGMENTATION, Outcome, UhrsAlgorithm
from uhrs_qgis_plugin.algorithms.parameters import Output, Parameter, ParameterValues
from uhrs_qgis_plugin.algorithms.segment.before_run import remember_run, resident_gb
from uhrs_qgis_plugin.algorithms.segment.listener import Listener, PreviewLoader
from uhrs_qgis_plugin.algorithms.segment.messages import DOUBT, model_description, summary
from uhrs_qgis_plugin.algorithms.segment.request import AREA, SegmentationRequest, read_request
from uhrs_qgis_plugin.layers import DOUBLE_NUMBER, POLYGON_SOURCES, SegmentationResult, segmentation_layers
from uhrs_qgis_plugin.translation import mark


def _choice(label: str, sentence: str, values: tuple[str, ...], advanced: bool = False) -> Parameter:
    # Static strings: DEVICE=cpu reads better in scripts than DEVICE=1, and stays when the list grows.
    options = {"options": values, "defaultValue": values[0], "usesStaticStrings": True}
    return Parameter(label, sentence, QgsProcessingParameterEnum, options, advanced)


OPTIONAL_SHARE = {"type": DOUBLE_NUMBER, "optional": True, "minValue": 0, "maxValue": 1}


class SegmentRasterAlgorithm(UhrsAlgorithm):
    """Segments a raster."""

    NAME = "segmentraster"
    TITLE = "Segment raster"
    GROUP = SEGMENTATION
    TAGS = (
        "land cover,classification,semantic segmentation,deep learning,neural network,onnx,uncertainty,"
        "orthophoto,aerial,satellite,ultra-high resolution"
    )
    SUMMARY = (
        "Segments a raster of any size into the classes of a model, and maps where the result is uncertain. "
        "The whole raster is seen at 1/4 scale first; then the patches where that leaves most doubt are seen at full "
        "scale, and both views are joined."
    )
    PARAMETERS = {
        "INPUT": Parameter(
            "Raster",
            "A raster file with the bands that the model expects.",
            QgsProcessingParameterRasterLayer,
        ),
        "MODEL": Parameter(
            "Model",
            "The name of a model, or the path of its bundle (*.uhrs); left empty, the one that comes with the plugin.",
            QgsProcessingParameterFile,
            # QGIS takes only values that match the filter, and names must pass as well.
            {"optional": True, "fileFilter": "Model bundle (*.uhrs);;All files (*)"},
            widget="uhrs_qgis_plugin.algorithms.segment.model_widget.ModelWidget",
        ),
        "BANDS": Parameter(
            "Bands, in the model's order",
            "The bands to give to the model, in its order (red, green, blue for the bundled one); left empty, they are "
            "found by colour interpretation and description, or the first ones where the raster has none.",
            QgsProcessingParameterBand,
            {"parentLayerParameterName": "INPUT", "optional": True, "allowMultiple": True},
        ),
        "ALPHA": _choice(
            "Alpha bands",
            "What an alpha band is: auto and mask, 0 in it means no data; data, a band like others, such as near "
            "infrared that is labelled alpha.",
            ("auto", "data", "mask"),
            advanced=True,
        ),
        "STRETCH": Parameter(
            "Stretch to 8 bits",
            "How 16-bit or decimal numbers come to a model of 8 bits: auto, linearly between two percentiles of each "
            "band; none, not at all; or two numbers LOW,HIGH that become 0 and 255 in all bands.",
            QgsProcessingParameterString,
            {"defaultValue": "auto", "optional": True},
            advanced=True,
        ),
        "EXTENT": Parameter(
            "Extent",
            "Only this part of the raster is segmented; an extent in another coordinate system is transformed. Left "
            "empty, all of it.",
            QgsProcessingParameterExtent,
            {"optional": True},
        ),
        AREA: Parameter(
            "Area of interest",
            "Only what lies in these polygons is segmented; the rest becomes no data and costs nothing. Any layer of "
            "polygons does, also one that is being drawn (Raster > UHRS segmentation > Draw an area of interest).",
            QgsProcessingParameterFeatureSource,
            {"types": [POLYGON_SOURCES], "optional": True},
        ),
        "RATIO": Parameter(
            "Share of patches to refine, K",
            "The share of patches, 0 to 1, that are seen at full scale, the most uncertain first: 0 is fastest, 1 is "
            "most thorough. Left empty, what the model suggests.",
            QgsProcessingParameterNumber,
            OPTIONAL_SHARE,
        ),
        "THRESHOLD": Parameter(
            "Least uncertainty, instead of K",
            "Instead of a fixed share, all patches whose mean uncertainty (0 to 1) reaches this number are refined.",
            QgsProcessingParameterNumber,
            OPTIONAL_SHARE,
        ),
        "MINUTES": Parameter(
            "Minutes for the run, instead of K",
            "Instead of a fixed share, the most uncertain patches are refined until the run has taken this long.",
            QgsProcessingParameterNumber,
            {"type": DOUBLE_NUMBER, "optional": True, "minValue": 0.01},
            advanced=True,
        ),
        "DEVICE": _choice(
            "Device",
            "Where the model runs: auto takes the best that the installed onnxruntime offers, else the processor "
            "(cpu); cuda:1 is the second NVIDIA card, cuda:all are all of them at once.",
            runtime.DEVICES,
        ),
        "PRECISION": _choice(
            "Precision",
            "float computes in floating point; int8 in 8 bits, with nearly the same classes, where the model has such "
            "graphs; auto takes 8 bits on processors that are faster so.",
            ("auto", "float", "int8"),
            advanced=True,
        ),
        "RESOLUTION": Parameter(
            "Pixel size: auto, native or metres",
            "auto reads the raster at the pixel size that the model was made for, where its own is more than 1.4 times "
            "finer or coarser; native always at its own; a number is a pixel size in metres.",
            QgsProcessingParameterString,
            {"defaultValue": "auto"},
            advanced=True,
        ),
        "GRID": _choice(
            "Pixels of the outputs",
            "Where the raster is read at another pixel size: working writes the outputs at that one, input in the "
            "raster's own pixels.",
            ("working", "input"),
            advanced=True,
        ),
        "CELL": _choice(
            "Uncertainty cell in pixels",
            "Pixels of the raster per cell of the uncertainty map: 8 is its native grid and the smallest file.",
            ("8", "4", "2", "1"),
            advanced=True,
        ),
        "UNFAMILIAR": Parameter(
            "Map what is unfamiliar",
            "Adds a third band to the uncertainty map: how unlike the imagery that the model was trained on each place "
            "is, 0 to 1. Where it is high, expect errors that the other bands do not show.",
            QgsProcessingParameterBoolean,
            {"defaultValue": False},
            advanced=True,
        ),
        "RESUME": Parameter(
            "Go on from an earlier run",
            "Keeps what is finished when the run is cancelled or killed, and goes on from there when it is repeated.",
            QgsProcessingParameterBoolean,
            {"defaultValue": False},
            advanced=True,
        ),
        "UNREADABLE": _choice(
            "Damaged parts of the raster",
            "What happens where the file cannot be read: stop with an error, or treat it as no data.",
            ("stop", "nodata"),
            advanced=True,
        ),
        "CLASSES": Parameter(
            "Classes",
            "The class map to write: one number a pixel, with palette and class names (GeoTIFF).",
            QgsProcessingParameterRasterDestination,
        ),
        "UNCERTAINTY": Parameter(
            "Uncertainty",
            "The uncertainty map to write, 0 (sure) to 1: band 1 is that of the coarse view (U), which chose the "
            "patches, band 2 the final one, after refining (GeoTIFF).",
            QgsProcessingParameterRasterDestination,
            {"optional": True, "createByDefault": True},
        ),
        "PREVIEW": Parameter(
            "Preview",
            "The classes of the coarse view, one for 8 x 8 pixels, written and shown as soon as it is done, with its "
            "uncertainty beside it (GeoTIFF).",
            QgsProcessingParameterRasterDestination,
            {"optional": True, "createByDefault": False},
        ),
        "REPORT": Parameter(
            "Report",
            "A file for seconds, patches, device and the area of each class (JSON).",
            QgsProcessingParameterFileDestination,
            {"fileFilter": "JSON (*.json)", "optional": True, "createByDefault": False},
        ),
    }
    OUTPUTS = {
        "REFINED_RATIO": Output(
            "Refined share of patches", "The share of patches that were refined in the end, 0 to 1."
        ),
        "PIXELS": Output("Pixels", "Pixels of the raster that were segmented."),
        "SECONDS": Output("Seconds", "How long the run took."),
    }

    def shortHelpString(self) -> str:
        """Return the help, with a word on each model at hand."""
        from uhrs_qgis_plugin.engine.bundle import list_models, user_folder

        models = [model_description(entry.bundle, self.tr) for entry in list_models() if entry.bundle is not None]
        folder = html.escape(str(user_folder()))
        place = self.tr("Bundles (*.uhrs) in this folder are offered by name: {}").format(folder)
        parts = [f"<h3>{self.tr('Models')}</h3>", *(f"<p>{text}</p>" for text in models), f"<p>{place}</p>"]
        return super().shortHelpString() + "\n" + "\n".join(parts)

    def canExecute(self) -> tuple[bool, str]:
        """Return whether onnxruntime is installed, and if not how to install it."""
        installed = runtime.is_installed()
        return installed, "" if installed else runtime.install_advice()

    def cancelled(self, job: SegmentationRequest) -> str:  # noqa: D102 (inherited)
        if job.options.resume:
            return mark("Cancelled: run it again as it was to go on from here.")
        return super().cancelled(job)

    def read(self, values: ParameterValues) -> SegmentationRequest:  # noqa: D102 (inherited)
        # Made here, in the thread of the layers, where it loads the preview.
        preview = PreviewLoader(self.tr("Preview: classes")) if values.is_given("PREVIEW") else None
        return replace(read_request(values), preview=preview)

    def work(  # noqa: D102 (inherited)
        self, job: SegmentationRequest, values: ParameterValues, feedback: QgsProcessingFeedback
    ) -> Outcome:
        from uhrs_qgis_plugin.engine.outputs import Outputs
        from uhrs_qgis_plugin.engine.segmentation import segment

        outputs = Outputs(
            values.raster_destination("CLASSES"),
            values.raster_destination("UNCERTAINTY") or None,
            values.file_destination("REPORT") or None,
            values.raster_destination("PREVIEW") or None,
        )
        listener = Listener(feedback, job.preview, outputs.preview)
        before = resident_gb()
        report = segment(job.raster, job.bundle, outputs, job.options, listener.watch())
        remember_run(job, report, before)
        for line in summary(report):
            feedback.pushInfo(line)
        if outputs.uncertainty and values.is_loaded(outputs.uncertainty):
            feedback.pushInfo(self.tr(DOUBT))
        results = {
            "CLASSES": outputs.classes,
            "UNCERTAINTY": outputs.uncertainty,
            "PREVIEW": outputs.preview,
            "REPORT": outputs.report,
            "REFINED_RATIO": report.ratio,
            "PIXELS": report.pixels,
            "SECONDS": report.seconds["total"],
        }
        layers = segmentation_layers(SegmentationResult(report, outputs, job.layer_id, job.layer_name, job.part))
        return Outcome(results, layers)
