"""Access to the rows of a region layer: reads them as the file has them now, writes each judgement at once."""

from __future__ import annotations

import os

from qgis.core import QgsFeature, QgsFeatureRequest, QgsGeometry, QgsVectorDataProvider, QgsVectorLayer

from uhrs_qgis_plugin.layers import NEW_CLASS, REVIEW_FIELDS, missing_fields, source_file, unfit_fields
from uhrs_qgis_plugin.review.data.regions import RegionJudgement, RegionReader, ReviewRegion, read_regions
from uhrs_qgis_plugin.review.data.retry_locked import WriteFailedError, write_when_unlocked
from uhrs_qgis_plugin.review.errors import ReviewError
from uhrs_qgis_plugin.review.wording import tr

FileId = tuple[int, int]
FileState = tuple[tuple[int, int], ...]

# What a button can do about an obstacle.
ADD_FIELDS, SAVE_COPY, REOPEN = "add fields", "save copy", "reopen"


class ObstacleError(ReviewError):
    """Judgements cannot be written; the text says why, and what to do."""

    def __init__(self, text: str, action: str = "") -> None:
        """Keep text and action.

        Args:
            text: One line for the reviewer.
            action: `ADD_FIELDS`, `SAVE_COPY` or `REOPEN`; "" = the reviewer has to act outside the panel.
        """
        super().__init__(text)
        self.action = action


class RegionGoneError(ReviewError):
    """Somebody has deleted the region."""

    def __init__(self) -> None:
        super().__init__(tr("The region is gone: somebody has deleted it."))


class RegionStore:
    """Rows of a region layer. Nothing is kept back in memory: what `write` has accepted is in the file.

    Judgements bypass QGIS's edit buffer, so neither a crash nor "Discard edits" loses them.
    """

    def __init__(self, layer: QgsVectorLayer) -> None:
        """Describe the file behind a polygon layer, to notice later when it is replaced."""
        self.layer = layer
        self._path = source_file(layer)
        self._file_id = _file_id(self._path)

    def obstacle(self) -> ObstacleError | None:
        """Return why judgements cannot be written now; None when they can."""
        layer = self.layer
        if layer.isEditable():
            return ObstacleError(
                tr(
                    "'{}' is being edited: save or cancel the edits (Toggle Editing), then go on. Judgements made so "
                    "far are saved."
                ).format(layer.name())
            )
        if layer.dataProvider().name() == "memory":
            text = tr("'{}' lives in memory only and would be lost with QGIS: save it as a GeoPackage to judge.")
            return ObstacleError(text.format(layer.name()), SAVE_COPY)
        if self._is_replaced():
            text = tr("The file of '{}' was deleted or replaced since it was opened: nothing more is saved. Reopen it.")
            return ObstacleError(text.format(layer.name()), REOPEN)
        return self._obstacle_of_fields()

    def load(self) -> list[ReviewRegion]:
        """Read all regions in their order."""
        return read_regions(self.layer)

    def judgements(self) -> dict[int, RegionJudgement]:
        """Read the judgements of all regions by feature id; faster than `load`."""
        reader, request = RegionReader(self.layer.dataProvider().fields()), QgsFeatureRequest()
        request.setSubsetOfAttributes(self._review_indices())
        request.setFlags(QgsFeatureRequest.Flag.NoGeometry)
        return {feature.id(): reader.judgement(feature) for feature in self.layer.dataProvider().getFeatures(request)}

    def read(self, fid: int) -> tuple[RegionJudgement, QgsGeometry] | None:
        """Read one row as the file has it now.

        Returns:
            The judgement, and the polygon in the layer's CRS; None when the feature is gone.
        """
        feature = QgsFeature()
        if not self.layer.dataProvider().getFeatures(QgsFeatureRequest(fid)).nextFeature(feature):
            return None
        return RegionReader(self.layer.dataProvider().fields()).judgement(feature), feature.geometry()

    def write(self, fid: int, judgement: RegionJudgement) -> None:
        """Write one row, and read it back to verify.

        Raises:
            ReviewError: The file does not have it; the row is unchanged.
        """
        obstacle = self.obstacle()
        if obstacle is not None:
            raise obstacle
        provider = self.layer.dataProvider()
        fields = provider.fields()
        values = {fields.lookupField(name): value for name, value in judgement.by_field().items()}
        reason = tr("the file took other values")
        try:
            write_when_unlocked(provider, lambda: provider.changeAttributeValues({fid: values}))
        except WriteFailedError as error:
            reason = str(error)
        row = self.read(fid)
        if row is None:
            raise RegionGoneError
        if row[0] != judgement:
            raise ReviewError(tr("The judgement is NOT saved: {}. Try again.").format(reason))
        self.layer.dataChanged.emit()  # open attribute tables show it
        self.layer.triggerRepaint()

    def state(self) -> FileState:
        """Return a fingerprint of the file: another one after somebody has written."""
        return () if self._path is None else tuple(_fingerprint(name) for name in (self._path, f"{self._path}-wal"))

    def _obstacle_of_fields(self) -> ObstacleError | None:
        """Check that all fields are there, of the right type, and can be written."""
        layer = self.layer
        able = layer.dataProvider().capabilities() & QgsVectorDataProvider.Capability.ChangeAttributeValues
        if not able or layer.readOnly():
            text = tr("'{}' is read-only: save a copy as a GeoPackage to judge.")
            return ObstacleError(text.format(layer.name()), SAVE_COPY)
        unfit = unfit_fields(layer)
        if unfit:
            kind = tr("numbers") if unfit[0] == NEW_CLASS else tr("text")
            text = tr("The field '{}' of '{}' must hold {} to keep judgements: rename it (layer properties, Fields).")
            return ObstacleError(text.format(unfit[0], layer.name(), kind))
        missing = missing_fields(layer)
        if missing:
            text = tr("'{}' lacks the fields that keep judgements: {}.")
            return ObstacleError(text.format(layer.name(), ", ".join(missing)), ADD_FIELDS)
        return None

    def _is_replaced(self) -> bool:
        """Whether the layer now leads to another file than when it was described, or to none."""
        return self._path is not None and _file_id(source_file(self.layer)) != self._file_id

    def _review_indices(self) -> list[int]:
        indices = [self.layer.dataProvider().fields().lookupField(name) for name, _ in REVIEW_FIELDS]
        return [index for index in indices if index >= 0]


def _file_id(path: str | None) -> FileId | None:
    """Return device and inode of a file; None when there is none."""
    if path is None:
        return None
    status = os.stat(path)
    return status.st_dev, status.st_ino


def _fingerprint(path: str) -> tuple[int, int]:
    """Return time of change and size of a file; zeros when there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
