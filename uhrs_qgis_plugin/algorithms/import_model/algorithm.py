"""`uhrs:importmodel`: a network in ONNX -> engine.importing -> a model bundle in the user's folder."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qgis.core import (
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from uhrs_qgis_plugin import runtime
from uhrs_qgis_plugin.algorithms.base import SEGMENTATION, Outcome, UhrsAlgorithm, watch_of
from uhrs_qgis_plugin.algorithms.parameters import Output, Parameter, ParameterValues
from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.layers import DOUBLE_NUMBER, FOLDER, INTEGER_NUMBER

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.flow import Event
    from uhrs_qgis_plugin.engine.importing import ImportOptions

OPTIONAL_TEXT = {"optional": True, "defaultValue": ""}
OPTIONAL_PIXELS = {"type": INTEGER_NUMBER, "optional": True, "minValue": 0}


@dataclass(frozen=True)
class ImportJob:
    """What is imported.

    Attributes:
        network: The ONNX file.
        options: What it does not tell.
        bundle: The file to write.
    """

    network: str
    options: ImportOptions
    bundle: str


def _choice(label: str, sentence: str, values: tuple[str, ...], advanced: bool = False) -> Parameter:
    options = {"options": values, "defaultValue": values[0], "usesStaticStrings": True}
    return Parameter(label, sentence, QgsProcessingParameterEnum, options, advanced)


class ImportModelAlgorithm(UhrsAlgorithm):
    """Makes a model of a network in ONNX."""

    NAME = "importmodel"
    TITLE = "Import model"
    GROUP = SEGMENTATION
    TAGS = "onnx,import,neural network,deep learning,own network,custom model,deepness,pytorch,u-net,deeplab,segformer"
    SUMMARY = (
        "Makes a model of any segmentation network in ONNX, so that 'Segment raster' offers it by name. What the file "
        "tells (also in the way of the plugin Deepness) and what a short run of it tells need not be given; what is "
        "missing is asked for in one line."
    )
    PARAMETERS = {
        "INPUT": Parameter(
            "Network (ONNX)",
            "A file with one image as input and one score for each class and pixel as output; its weights must be "
            "inside.",
            QgsProcessingParameterFile,
            {"fileFilter": "Network in ONNX (*.onnx);;All files (*)"},
        ),
        "NAME": Parameter(
            "Name of the model",
            "By which 'Segment raster' will offer it; left empty, the name of the file.",
            QgsProcessingParameterString,
            OPTIONAL_TEXT,
        ),
        "CLASSES": Parameter(
            "Classes, in the network's order",
            "Names separated by commas, perhaps with colours: water=1F78B4,land,road. Left empty, those in the file.",
            QgsProcessingParameterString,
            OPTIONAL_TEXT,
        ),
        "BANDS": Parameter(
            "Bands, in the network's order",
            "Roles or names separated by commas, such as red,green,blue or red,green,blue,nir. Left empty, "
            "red,green,blue for a file of Deepness with three bands.",
            QgsProcessingParameterString,
            OPTIONAL_TEXT,
        ),
        "RESOLUTION": Parameter(
            "Pixel size in metres, or any",
            "The pixel size of the imagery that the network was trained on: other rasters are read at it; any where it "
            "does not matter. Left empty, what the file says.",
            QgsProcessingParameterString,
            OPTIONAL_TEXT,
        ),
        "DIVISOR": Parameter(
            "Divisor of the numbers",
            "What the raster's numbers are divided by before the mean is subtracted: 255 for networks that take 0 to "
            "1, 1 for those that take the numbers as they are. Left empty, it follows from mean and std.",
            QgsProcessingParameterNumber,
            {"type": DOUBLE_NUMBER, "optional": True, "minValue": 0},
        ),
        "MEAN": Parameter(
            "Mean",
            "What is subtracted then: one number, or one for each band, such as 0.485,0.456,0.406.",
            QgsProcessingParameterString,
            OPTIONAL_TEXT,
        ),
        "STD": Parameter(
            "Standard deviation",
            "What the difference is divided by: one number, or one for each band, such as 0.229,0.224,0.225.",
            QgsProcessingParameterString,
            OPTIONAL_TEXT,
        ),
        "MARGIN": Parameter(
            "Margin of the windows, in pixels",
            "How much of each window is thrown away along its borders, where the network lacks surroundings. Left "
            "empty, what the file says, else measured.",
            QgsProcessingParameterNumber,
            OPTIONAL_PIXELS,
        ),
        "FIRST_LOOK": _choice(
            "First look",
            "none: the network sees the whole raster at full scale, as elsewhere. same: it sees it at 1/4 scale "
            "first, and only the most uncertain patches at full scale; faster, for networks that bear it.",
            ("none", "same"),
        ),
        "WINDOW": Parameter(
            "Side of the windows, in pixels",
            "Only for networks that take images of any size; left empty, what the file says, else 512.",
            QgsProcessingParameterNumber,
            OPTIONAL_PIXELS,
            advanced=True,
        ),
        "DATA_TYPE": _choice(
            "Numbers of the raster",
            "The data type of the imagery that the network was trained on; auto is that of a network that takes "
            "whole numbers, else uint8, to which other imagery is stretched.",
            ("auto", "uint8", "uint16", "int16", "float32"),
            advanced=True,
        ),
        "OUTPUT_NAME": Parameter(
            "Output with the classes",
            "Its name, for networks with several outputs.",
            QgsProcessingParameterString,
            OPTIONAL_TEXT,
            advanced=True,
        ),
        "LAYOUT": _choice(
            "Axes of the input",
            "NCHW: batch, bands, height, width, as from PyTorch. NHWC: bands last, as from TensorFlow. auto finds it "
            "out.",
            ("auto", "NCHW", "NHWC"),
            advanced=True,
        ),
        "SCORES": _choice(
            "Scores of the output",
            "Whether softmax or sigmoid are part of the network (probabilities) or not (logits); auto finds it out.",
            ("auto", "logits", "probabilities"),
            advanced=True,
        ),
        "TRAINING_DATA": Parameter(
            "Made from",
            "What the network was trained on, in a sentence: for those who choose the model.",
            QgsProcessingParameterString,
            OPTIONAL_TEXT,
            advanced=True,
        ),
        "LICENCE": Parameter("Licence", "Of the weights.", QgsProcessingParameterString, OPTIONAL_TEXT, advanced=True),
        "FOLDER": Parameter(
            "Folder",
            "Where the model is written; left empty, the folder of your models, from which 'Segment raster' offers "
            "it by name.",
            QgsProcessingParameterFile,
            {"behavior": FOLDER, "optional": True},
            advanced=True,
        ),
        "OVERWRITE": Parameter(
            "Replace a model of this name",
            "Otherwise a model that is there already stays, and nothing is imported.",
            QgsProcessingParameterBoolean,
            {"defaultValue": False},
        ),
    }
    OUTPUTS = {
        "MODEL": Output("Model", "The model bundle that was written.", QgsProcessingOutputFile),
        "MODEL_NAME": Output("Name", "The name of the model.", QgsProcessingOutputString),
    }

    def canExecute(self) -> tuple[bool, str]:
        """Return whether onnxruntime is installed, and if not how to install it."""
        installed = runtime.is_installed()
        return installed, "" if installed else runtime.install_advice()

    def read(self, values: ParameterValues) -> ImportJob:  # noqa: D102 (inherited)
        from uhrs_qgis_plugin.engine.bundle import user_folder
        from uhrs_qgis_plugin.engine.importing import ImportOptions, as_names, as_numbers, check_import

        data_type, divisor = values.choice("DATA_TYPE"), values.optional_number("DIVISOR")
        options = ImportOptions(
            name=values.text("NAME").strip(),
            classes=as_names(values.text("CLASSES")),
            bands=as_names(values.text("BANDS")),
            resolution=values.text("RESOLUTION"),
            divisor=divisor,
            mean=as_numbers(values.text("MEAN"), "mean"),
            std=as_numbers(values.text("STD"), "std"),
            data_type="" if data_type == "auto" else data_type,
            output=values.text("OUTPUT_NAME"),
            layout=values.choice("LAYOUT"),
            scores=values.choice("SCORES"),
            window=values.integer("WINDOW") if values.is_given("WINDOW") else None,
            margin=values.integer("MARGIN") if values.is_given("MARGIN") else None,
            first_look=values.choice("FIRST_LOOK"),
            training_data=values.text("TRAINING_DATA"),
            licence=values.text("LICENCE"),
        )
        network = values.file("INPUT")
        name = options.name or os.path.splitext(os.path.basename(network))[0]
        if os.path.basename(name) != name:
            raise OptionsError(f"NAME='{name}' is no name of a file: leave out slashes.")
        folder = values.file("FOLDER") or str(user_folder())
        if values.is_given("FOLDER") and not os.path.isdir(folder):
            raise OptionsError(f"The folder '{folder}' does not exist: create it or choose another one.")
        bundle = os.path.join(folder, f"{name}.uhrs")
        if os.path.exists(bundle) and not values.flag("OVERWRITE"):
            raise OptionsError(f"'{bundle}' is there already: give another NAME, or tick OVERWRITE to replace it.")
        check_import(network, options)
        return ImportJob(network, options, bundle)

    def work(self, job: ImportJob, values: ParameterValues, feedback: QgsProcessingFeedback) -> Outcome:  # noqa: D102
        from uhrs_qgis_plugin.engine.flow import Message
        from uhrs_qgis_plugin.engine.importing import import_model

        def notify(event: Event) -> None:
            if isinstance(event, Message):
                (feedback.pushWarning if event.is_warning else feedback.pushInfo)(event.text)

        with contextlib.suppress(OSError):  # which the writing reports
            os.makedirs(os.path.dirname(job.bundle), exist_ok=True)
        bundle = import_model(job.network, job.bundle, job.options, watch_of(feedback, notify))
        feedback.pushInfo(self.tr("'Segment raster' offers it as {}.").format(bundle.name))
        return Outcome({"MODEL": job.bundle, "MODEL_NAME": bundle.name})
