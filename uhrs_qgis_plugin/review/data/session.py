"""A review without widgets: the regions and their judgements, progress, undo, and what other reviewers have written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from qgis.core import QgsGeometry, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtGui import QColor

from uhrs_qgis_plugin.layers import OPEN, RIGHT, WRONG, corrections_path, is_point_layer, now
from uhrs_qgis_plugin.review.class_choices import ClassChoice
from uhrs_qgis_plugin.review.data.corrections import (
    Correction,
    add_correction,
    find_corrections,
    has_correction,
    open_corrections,
    remove_correction,
)
from uhrs_qgis_plugin.review.data.new_classes import add_class, added_choices
from uhrs_qgis_plugin.review.data.region_store import ObstacleError, RegionGoneError, RegionStore
from uhrs_qgis_plugin.review.data.regions import RegionJudgement, ReviewRegion
from uhrs_qgis_plugin.review.errors import ReviewError
from uhrs_qgis_plugin.review.wording import tr


@dataclass(frozen=True)
class ReviewProgress:
    """How much of a review is done.

    Attributes:
        judged: Number of judged regions.
        total: Number of regions.
        share: Judged share of their area, 0 to 1; of their number for points, which have none.
        by_area: Whether it is that of the area.
    """

    judged: int
    total: int
    share: float
    by_area: bool = True


@dataclass(frozen=True)
class UndoStep:
    """Something that can be undone: a judgement, or a drawn correction.

    Attributes:
        fid: Id of the region, or of the correction.
        before: The judgement before; None for a correction.
        after: The judgement since then; None for a correction.
    """

    fid: int
    before: RegionJudgement | None = None
    after: RegionJudgement | None = None


class ReviewSession(QObject):
    """Judges the regions of one layer. What fails raises a ReviewError, and nothing has changed then.

    Signals:
        changed(list): Ids of the regions whose judgement has changed, whoever changed it.
        listed(): Regions have come or gone.
    """

    changed = pyqtSignal(list)
    listed = pyqtSignal()

    def __init__(self, store: RegionStore, reviewer: str = "") -> None:
        """Read the regions.

        Args:
            store: The rows; its layer must outlive this object's use.
            reviewer: Name that is written with each judgement.
        """
        super().__init__()
        self.reviewer = reviewer
        self.layer: QgsVectorLayer = store.layer
        self.corrections: QgsVectorLayer | None = None  # set to None before it is deleted: the file stays
        self._store = store
        self._corrections_path: str | None = corrections_path(store.layer)
        self._undo: list[UndoStep] = []
        self.are_points = is_point_layer(store.layer)
        self.reload()

    def reload(self) -> None:
        """Read all regions again, as after edits of the layer."""
        self._state = self._store.state()
        self._progress: ReviewProgress | None = None
        self.regions = self._store.load()
        self._index = {region.fid: index for index, region in enumerate(self.regions)}

    def obstacle(self) -> ObstacleError | None:
        """Return why nothing can be judged now; None when it can."""
        return self._store.obstacle()

    def region(self, fid: int | None) -> ReviewRegion | None:
        """Return a region; None when there is none of that id."""
        index = None if fid is None else self._index.get(fid)
        return None if index is None else self.regions[index]

    def reread(self, fid: int) -> QgsGeometry | None:
        """Read a region's row again, in case somebody else has judged it.

        Returns:
            Its polygon; None when it is gone.
        """
        row = self._store.read(fid)
        if row is None:
            return None
        self._update({fid: row[0]})
        return row[1]

    def judge(self, fid: int, status: str, choice: ClassChoice | None = None) -> None:
        """Judge a region; the file has it when this returns.

        Args:
            fid: Its id.
            status: `right`, `wrong`, `unsure`, or `open` to withdraw a judgement.
            choice: The right class, where `wrong` and known.

        Raises:
            ReviewError: The judgement is not saved.
        """
        region = self.region(fid)
        if region is None:
            raise ReviewError(tr("Choose a region first."))
        if self.are_points:
            status, choice = _point_judgement(region, status, choice)
        time, reviewer = (None, None) if status == OPEN else (now(), self.reviewer or None)
        after = RegionJudgement(status, reviewer=reviewer, time=time)
        if status == WRONG and choice is not None:
            after = replace(after, value=choice.value, name=choice.name)
        self._write(fid, region.judgement, after)
        self._undo.append(UndoStep(fid, region.judgement, after))

    def draw(self, geometry: QgsGeometry, choice: ClassChoice, region: int | None) -> None:
        """Save a drawn polygon; the file has it when this returns.

        Args:
            geometry: In the CRS of the regions.
            choice: Its class.
            region: Id of the region that is shown.

        Raises:
            ReviewError: The polygon is not saved.
        """
        if choice.value is None:
            text = tr("The number of class '{}' is not known: choose the class raster below.")
            raise ReviewError(text.format(choice.name))
        correction = Correction(geometry, choice.value, choice.name, region, self.reviewer, now())
        self._undo.append(UndoStep(add_correction(self._open_corrections(), correction)))

    def find_corrections(self) -> QgsVectorLayer | None:
        """Open the corrections that were drawn earlier, in no project yet; None without any."""
        return find_corrections(self._corrections_path)

    def added_classes(self) -> list[ClassChoice]:
        """Read the classes that reviewers have added."""
        return added_choices(self._corrections_path)

    def add_class(self, name: str, colour: QColor, known: list[ClassChoice]) -> ClassChoice:
        """Add a class that the model does not know; the file has it when this returns.

        Args:
            known: All classes that there are.

        Returns:
            The class, with the next free number.

        Raises:
            ReviewError: It is not added.
        """
        obstacle = self.obstacle()
        if obstacle is not None:
            raise obstacle
        if self._corrections_path is None:
            text = tr("'{}' is in no file: save it as a GeoPackage to add classes.")
            raise ReviewError(text.format(self.layer.name()))
        return add_class(self._corrections_path, name, colour, known)

    def can_undo(self) -> bool:
        """Whether there is something to undo."""
        return bool(self._undo)

    def undo(self) -> UndoStep:
        """Undo the last judgement or correction of this session.

        Returns:
            What was undone.

        Raises:
            ReviewError: Nothing was undone.
        """
        if not self._undo:
            raise ReviewError(tr("There is nothing to undo."))
        step = self._undo[-1]
        if step.before is None or step.after is None:
            self._undo_correction(step.fid)
        else:
            self._undo_judgement(step.fid, step.before, step.after)
        return step

    def progress(self, fids: Iterable[int] | None = None) -> ReviewProgress:
        """Count judged regions.

        Args:
            fids: Ids of some regions; None = all, counted once until something is judged.
        """
        if fids is not None:
            return _count([self.regions[self._index[fid]] for fid in fids], not self.are_points)
        if self._progress is None:
            self._progress = _count(self.regions, not self.are_points)
        return self._progress

    def refresh(self) -> bool:
        """Read what others have judged since; cheap while the file is unchanged. Returns whether something is new."""
        state = self._store.state()
        if state == self._state or self.layer.isEditable():
            return False
        self._state = state
        judgements = self._store.judgements()
        if judgements.keys() != self._index.keys():
            self.reload()
            self.listed.emit()
            return True
        changed = self._update(judgements)
        if changed:
            self.layer.triggerRepaint()
        return bool(changed)

    def _write(self, fid: int, expected: RegionJudgement, after: RegionJudgement) -> None:
        """Write a row that is still as expected; otherwise load what somebody else has written there."""
        obstacle = self.obstacle()
        if obstacle is not None:
            raise obstacle
        row = self._store.read(fid)
        if row is None:
            raise RegionGoneError
        current = row[0]
        if current != expected:
            self._update({fid: current})
            who = current.reviewer or tr("Somebody else")
            text = tr("{} has judged this region meanwhile ({}): nothing was changed. Judge again to overrule.")
            raise ReviewError(text.format(who, current.status or OPEN))
        unchanged = self._store.state() == self._state
        self._store.write(fid, after)
        if unchanged:  # so the file's change is our own, and there is no need to read it all again
            self._state = self._store.state()
        self._update({fid: after})

    def _undo_judgement(self, fid: int, before: RegionJudgement, after: RegionJudgement) -> None:
        """Restore a row; one that somebody else has changed since stays, and the step is dropped."""
        try:
            self._write(fid, after, before)
        except ReviewError:
            row = self._store.read(fid)
            if row is None or row[0] != after:
                self._undo.pop()
            raise
        self._undo.pop()

    def _undo_correction(self, fid: int) -> None:
        corrections = self._open_corrections()
        if not has_correction(corrections, fid):
            self._undo.pop()
            raise ReviewError(tr("The drawn correction is gone already."))
        remove_correction(corrections, fid)
        self._undo.pop()

    def _open_corrections(self) -> QgsVectorLayer:
        """Return the table of corrections, opened or created where that is still to be done."""
        if self.corrections is None:
            obstacle = self.obstacle()
            if obstacle is not None:
                raise obstacle
            if self._corrections_path is None:
                text = tr("'{}' is in no file: save it as a GeoPackage to draw corrections beside it.")
                raise ReviewError(text.format(self.layer.name()))
            self.corrections = open_corrections(self._corrections_path, self.layer.crs())
        return self.corrections

    def _update(self, judgements: dict[int, RegionJudgement]) -> list[int]:
        """Update judgements from the file; returns the ids of the regions that changed."""
        changed = []
        for fid, judgement in judgements.items():
            index = self._index.get(fid)
            if index is not None and self.regions[index].judgement != judgement:
                self.regions[index] = replace(self.regions[index], judgement=judgement)
                changed.append(fid)
        if changed:
            self._progress = None
            self.changed.emit(changed)
        return changed


def _point_judgement(region: ReviewRegion, status: str, choice: ClassChoice | None) -> tuple[str, ClassChoice | None]:
    """Judge a point, which has one class: the one that the map shows is right, any other is wrong.

    Raises:
        ReviewError: The judgement leaves open which class it is.
    """
    if status == RIGHT and region.first is None:
        raise ReviewError(
            tr("This point does not show the class of the map: choose the class that it is (keys 1 to 9).")
        )
    if status == WRONG and choice is None:
        raise ReviewError(tr("Choose which class this point is (keys 1 to 9)."))
    if status == WRONG and choice is not None and choice.name == region.first:
        return RIGHT, None
    return status, choice


def _count(regions: list[ReviewRegion], by_area: bool) -> ReviewProgress:
    judged = [region for region in regions if not region.judgement.is_open]
    area = sum(region.area for region in regions)
    share = sum(region.area for region in judged) / area if area > 0 else len(judged) / max(1, len(regions))
    return ReviewProgress(len(judged), len(regions), share, by_area)
