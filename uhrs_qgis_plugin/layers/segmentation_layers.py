"""The two layers of a segmentation: named, styled, described, and grouped as one result above their input."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from html import escape
from typing import TYPE_CHECKING

from qgis.core import (
    QgsLayerMetadata,
    QgsLayerNotesUtils,
    QgsLayerTreeGroup,
    QgsLayerTreeNode,
    QgsPalettedRasterRenderer,
    QgsProject,
    QgsRasterLayer,
)

from uhrs_qgis_plugin.layers.layer_tree import GROUP_OF, activate_later, is_result_group, move, outermost
from uhrs_qgis_plugin.layers.raster_styles import style_classes, style_uncertainty
from uhrs_qgis_plugin.layers.result_layers import ResultLayer
from uhrs_qgis_plugin.translation import mark, tr

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.outputs import Outputs
    from uhrs_qgis_plugin.engine.segmentation import Report

CLASSES, UNCERTAINTY = "classes", "uncertainty"
LABELS = {CLASSES: mark("Classes"), UNCERTAINTY: mark("Uncertainty")}
STYLES = {CLASSES: style_classes, UNCERTAINTY: style_uncertainty}
NUMBER = "uhrs/number"  # custom property of a group: what tells it from groups of the same name
MOST_UNFOLDED = 16  # classes: a longer legend would hide all other layers

MEANING = {
    CLASSES: (
        "Each pixel holds the number of its class; the legend names the classes, 255 means no data. The class map is a "
        "model's prediction: the uncertainty that was written with it tells where it deserves a look."
    ),
    UNCERTAINTY: (
        "0 means sure, 1 means that the model knows nothing; stored as 0..254 with a scale of 1/254, 255 means no "
        "data. Band 1, resolution-biased uncertainty (U): what the coarse view could not tell; it chose the patches "
        "that were refined. Band 2, final uncertainty: entropy of the final "
        "classes divided by its maximum, after refining. It is not a share of errors: it ranks the places to check. "
        "Band 3, only on request: how unlike the imagery that the model was trained on each place is."
    ),
}
KEYWORDS = {
    CLASSES: ["land cover", "classification", "semantic segmentation"],
    UNCERTAINTY: ["uncertainty", "entropy", "quality", "semantic segmentation"],
}


@dataclass(frozen=True)
class SegmentationResult:
    """What a run wrote, and from what.

    Attributes:
        report: What the engine did.
        outputs: The files.
        input_id: Id of the input layer; it need not be in a project.
        input_name: Its name.
        part: The part of the raster that was segmented, in words; "" = all of it.
        date: When the run ended.
        token: Identifies this run.
    """

    report: Report
    outputs: Outputs
    input_id: str
    input_name: str
    part: str = ""
    date: datetime = field(default_factory=datetime.now)
    token: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def amount(self) -> str:
        """K in words: 'K = 50%'."""
        return f"K = {self.report.ratio:.0%}"

    @property
    def settings(self) -> str:
        """What tells runs of one raster apart: model, K and part."""
        return ", ".join(filter(None, (self.report.model, self.amount, self.part)))

    def layer_name(self, kind: str) -> str:
        """Name of a layer: kind, raster, model, K and part."""
        return f"{tr(LABELS[kind])}: {self.input_name} ({self.settings})"

    @property
    def group_name(self) -> str:
        """Name of the group: the review finds the raster by its beginning."""
        return f"{self.input_name}, {self.settings}"


def segmentation_layers(result: SegmentationResult) -> list[ResultLayer]:
    """Say how the outputs of a run are loaded: classes, and uncertainty where it was written."""
    return [
        ResultLayer(
            source,
            result.layer_name(kind),
            partial(_describe, result=result, kind=kind),
            partial(_group, result=result, kind=kind),
        )
        for kind, source in ((CLASSES, result.outputs.classes), (UNCERTAINTY, result.outputs.uncertainty))
        if source
    ]


def _describe(layer: QgsRasterLayer, result: SegmentationResult, kind: str) -> None:
    """Give a layer its style, metadata and notes."""
    STYLES[kind](layer)
    metadata = layer.metadata()
    metadata.setType("dataset")
    metadata.setLanguage("ENG")
    metadata.setTitle(f"{LABELS[kind]} of {result.input_name}, {result.amount}")
    metadata.setAbstract(f"{_origin(result)} {_fit(result)} {MEANING[kind]}")
    metadata.setKeywords({"UHRS": [*KEYWORDS[kind], result.report.model]})
    metadata.setHistory(_history(result))
    metadata.setCrs(layer.crs())
    layer.setMetadata(QgsLayerMetadata(metadata))
    texts = (_origin(result), _fit(result), MEANING[kind])
    QgsLayerNotesUtils.setLayerNotes(layer, "".join(f"<p>{escape(text)}</p>" for text in texts))


def _group(layer: QgsRasterLayer, project: QgsProject, result: SegmentationResult, kind: str) -> None:
    """Move a layer into the group of its run; one outside the layer tree is left alone.

    The classes are what one wants to see first: their legend is unfolded, and the uncertainty, which would veil their
    colours, lies above them switched off.
    """
    root = project.layerTreeRoot()
    node = root.findLayer(layer.id())
    if node is None:
        return
    target = next((item for item in root.findGroups(True) if item.customProperty(GROUP_OF) == result.token), None)
    if target is None:
        target = _new_group(root, node, result)
    moved = node.clone()
    moved.setItemVisibilityChecked(kind == CLASSES)
    moved.setExpanded(kind == CLASSES and _has_short_legend(layer))
    move(node, moved, target, 0 if kind == UNCERTAINTY else -1)
    # Runs may differ by what no name tells, such as bands: the number of the group tells them apart.
    layer.setName(f"{result.layer_name(kind)}{target.customProperty(NUMBER) or ''}")
    activate_later(result.input_id, project)


def _has_short_legend(layer: QgsRasterLayer) -> bool:
    """Whether a legend leaves room for other layers."""
    renderer = layer.renderer()
    return isinstance(renderer, QgsPalettedRasterRenderer) and len(renderer.classes()) <= MOST_UNFOLDED


def _new_group(root: QgsLayerTreeGroup, node: QgsLayerTreeNode, result: SegmentationResult) -> QgsLayerTreeGroup:
    """Insert the group of a run: above the input, or on top of the group that the user's settings put results into."""
    parent, index = node.parent(), 0
    input_node = root.findLayer(result.input_id)
    # Any other group is where the cursor was: QGIS adds layers there.
    if parent.parent() is None or parent.name() != _group_of_settings():
        parent, index = (root, 0) if input_node is None else outermost(root, input_node)
    number = _number(root, node, result)
    made = parent.insertGroup(index, f"{result.group_name}{number}")
    made.setCustomProperty(GROUP_OF, result.token)
    made.setCustomProperty(NUMBER, number)
    return made


def _number(root: QgsLayerTreeGroup, node: QgsLayerTreeNode, result: SegmentationResult) -> str:
    """Return what tells a run from earlier ones of the same name: "", " (2)", " (3)" ..."""
    # The layers of a group may be about to leave it, where a run replaces the files of an earlier one.
    taken = {group.name() for group in root.findGroups(True) if is_result_group(group) and group is not node.parent()}
    numbers = ("" if count == 1 else f" ({count})" for count in range(1, len(taken) + 2))
    return next(number for number in numbers if f"{result.group_name}{number}" not in taken)


def _group_of_settings() -> str:
    """Name of the group into which Processing puts results, "" for none."""
    from processing.core.ProcessingConfig import ProcessingConfig  # loads after this plugin

    return str(ProcessingConfig.getSetting(ProcessingConfig.RESULTS_GROUP_NAME) or "")


def _origin(result: SegmentationResult) -> str:
    """One sentence about where a layer comes from."""
    report, part = result.report, f" ({result.part})" if result.part else ""
    return (
        f"Made from '{result.input_name}'{part} by model {report.model}, {result.amount} "
        f"({report.selected_patches:,} of {report.patches:,} patches refined), on {result.date:%Y-%m-%d %H:%M}."
    )


def _history(result: SegmentationResult) -> list[str]:
    """What the run did, for those who want to repeat it."""
    report = result.report
    limits = {"K": report.ratio_asked, "threshold": report.threshold, "minutes": report.minutes}
    given = ", ".join(f"{name} = {value:g}" for name, value in limits.items() if value is not None)
    return [
        f"{result.date:%Y-%m-%d %H:%M}: segmented '{report.raster}' ({report.width:,} x {report.height:,} pixels) in "
        f"{report.seconds['total']:.1f} s on {report.device}",
        f"Model {report.model}, SHA-256 {report.model_sha256}",
        f"Asked for {given}: {report.selected_patches:,} of {report.patches:,} patches refined, {result.amount}",
        f"UHRS engine {report.software_version}, onnxruntime {report.onnxruntime_version}",
        _fit(result),
    ]


def _fit(result: SegmentationResult) -> str:
    """One or two sentences on how well the imagery fits the model."""
    fit = result.report.fit
    if fit is None:
        return "Fit of the imagery to the model: unknown."
    return f"Fit of the imagery to the model: {fit['overall']:.2f} of 1. {fit['message']}".strip()
