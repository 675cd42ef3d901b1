"""The door to a region layer: reads rows as the file has them now, and writes a judgement at once, row by row."""

from __future__ import annotations

import os
from dataclasses import dataclass

from qgis.core import QgsFeature, QgsFeatureRequest, QgsGeometry, QgsVectorDataProvider, QgsVectorLayer

from uhrs_qgis_plugin.layers.region_fields import NEW_CLASS, REVIEW_FIELDS, missing_fields, source_file, unfit_fields
from uhrs_qgis_plugin.review.data.regions import Judgement, Region, RegionReader, read_regions
from uhrs_qgis_plugin.review.data.retry_locked import write_patiently
from uhrs_qgis_plugin.review.wording import tr

FileId = tuple[int, int]
FileState = tuple[tuple[int, int], ...]


# What can be done about an obstacle: one of these, or nothing.
ADD_FIELDS, SAVE_COPY, REOPEN = "add fields", "save copy", "reopen"


@dataclass(frozen=True)
class Obstacle:
    """Why judgements cannot be written.

    Attributes:
        text: One line that says so, and what to do.
        remedy: What a button may do about it; "" = only the person can.
    """

    text: str
    remedy: str = ""


class RegionStore:
    """Rows of a region layer. Nothing waits in memory: what `write` has accepted is in the file.

    Judgements go past QGIS's edit buffer, so that neither a crash nor "Discard edits" takes them away.
    """

    def __init__(self, layer: QgsVectorLayer) -> None:
        """Remember which file it is.

        Args:
            layer: Polygons.
        """
        self.layer = layer
        self._file_id = self._read_file_id()

    def obstacle(self) -> Obstacle | None:
        """Say why judgements cannot be written now; None when they can."""
        layer = self.layer
        if layer.isEditable():
            return Obstacle(
                tr(
                    "'{}' is being edited: save or cancel the edits (Toggle Editing), then go on. Judgements made so "
                    "far are saved."
                ).format(layer.name())
            )
        if layer.dataProvider().name() == "memory":
            text = tr("'{}' lives in memory only and would be lost with QGIS: save it as a GeoPackage to judge.")
            return Obstacle(text.format(layer.name()), SAVE_COPY)
        if self._file_id is not None and self._read_file_id() != self._file_id:
            text = tr("The file of '{}' was deleted or replaced since it was opened: nothing more is saved. Reopen it.")
            return Obstacle(text.format(layer.name()), REOPEN)
        return self._obstacle_of_fields()

    def _obstacle_of_fields(self) -> Obstacle | None:
        """Say which fields are in the way, or cannot be written."""
        layer = self.layer
        able = layer.dataProvider().capabilities() & QgsVectorDataProvider.Capability.ChangeAttributeValues
        if not able or layer.readOnly():
            text = tr("'{}' is read-only: save a copy as a GeoPackage to judge.")
            return Obstacle(text.format(layer.name()), SAVE_COPY)
        unfit = unfit_fields(layer)
        if unfit:
            kind = tr("numbers") if unfit[0] == NEW_CLASS else tr("text")
            text = tr("The field '{}' of '{}' must hold {} to keep judgements: rename it (layer properties, Fields).")
            return Obstacle(text.format(unfit[0], layer.name(), kind))
        missing = missing_fields(layer)
        if missing:
            text = tr("'{}' lacks the fields that keep judgements: {}.")
            return Obstacle(text.format(layer.name(), ", ".join(missing)), ADD_FIELDS)
        return None

    def load(self) -> list[Region]:
        """Read all regions in their order."""
        return read_regions(self.layer)

    def judgements(self) -> dict[int, Judgement]:
        """Read what has been said about every region, by feature id: quicker than `load`."""
        reader, request = RegionReader(self.layer.dataProvider().fields()), QgsFeatureRequest()
        request.setSubsetOfAttributes(self._review_indices())
        request.setFlags(QgsFeatureRequest.Flag.NoGeometry)
        return {feature.id(): reader.judgement(feature) for feature in self.layer.dataProvider().getFeatures(request)}

    def read(self, fid: int) -> tuple[Judgement, QgsGeometry] | None:
        """Read one row as the file has it now.

        Args:
            fid: Id of a feature.

        Returns:
            What has been said, and the polygon in the layer's CRS; None when the feature is gone.
        """
        feature = QgsFeature()
        if not self.layer.dataProvider().getFeatures(QgsFeatureRequest(fid)).nextFeature(feature):
            return None
        return RegionReader(self.layer.dataProvider().fields()).judgement(feature), feature.geometry()

    def write(self, fid: int, judgement: Judgement) -> str:
        """Write one row, and read it again to be sure.

        Args:
            fid: Id of a feature.
            judgement: What is said about it.

        Returns:
            "" when the file has it, else one line that says why not; nothing is changed then.
        """
        obstacle = self.obstacle()
        if obstacle is not None:
            return obstacle.text
        fields = self.layer.dataProvider().fields()
        values = {fields.lookupField(name): value for name, value in judgement.by_field().items()}
        provider = self.layer.dataProvider()
        said = write_patiently(provider, lambda: provider.changeAttributeValues({fid: values}))
        found = self.read(fid)
        if found is None:
            return tr("The region is gone: somebody has deleted it.")
        if found[0] != judgement:
            said = said or tr("the file took other values")
            return tr("The judgement is NOT saved: {}. Try again.").format(said)
        self.layer.dataChanged.emit()  # attribute tables that are open show it
        self.layer.triggerRepaint()
        return ""

    def state(self) -> FileState:
        """Tell whether somebody has written: differs from an earlier state when the file has changed."""
        path = source_file(self.layer)
        return () if path is None else tuple(_stamp(name) for name in (path, f"{path}-wal"))

    def _review_indices(self) -> list[int]:
        indices = [self.layer.dataProvider().fields().lookupField(name) for name, _ in REVIEW_FIELDS]
        return [index for index in indices if index >= 0]

    def _read_file_id(self) -> FileId | None:
        """Identify the file that the path leads to; None when it leads nowhere."""
        path = source_file(self.layer)
        if path is None:
            return None
        status = os.stat(path)
        return status.st_dev, status.st_ino


def _stamp(path: str) -> tuple[int, int]:
    """Time of change and size of a file; zeros when there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
