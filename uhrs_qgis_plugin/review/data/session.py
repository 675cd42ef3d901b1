"""A review without its widgets: which regions there are, what has been judged, progress, undo, and what others do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from qgis.core import QgsGeometry, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal

from uhrs_qgis_plugin.layers.region_fields import OPEN, WRONG, corrections_path, now
from uhrs_qgis_plugin.review.class_choices import ClassChoice
from uhrs_qgis_plugin.review.data.corrections import (
    Correction,
    add_correction,
    has_correction,
    open_corrections,
    remove_correction,
)
from uhrs_qgis_plugin.review.data.region_store import Obstacle, RegionStore
from uhrs_qgis_plugin.review.data.regions import Judgement, Region
from uhrs_qgis_plugin.review.wording import tr


@dataclass(frozen=True)
class Progress:
    """How far a review is.

    Attributes:
        judged: Regions that somebody has judged.
        total: All regions.
        share: Part of their area that is judged, 0 to 1.
    """

    judged: int
    total: int
    share: float


@dataclass(frozen=True)
class Step:
    """Something that can be undone: a judgement, or a drawn correction.

    Attributes:
        fid: Id of the region, or of the correction.
        before: What its row held; None for a correction.
        after: What it holds since.
    """

    fid: int
    before: Judgement | None = None
    after: Judgement | None = None


class ReviewSession(QObject):
    """Judges the regions of one layer.

    Signals:
        changed(list): Ids of regions whose judgement is another one now, whoever changed it.
        listed(): There are other regions than before.
        told(str): One line for the person.
    """

    changed = pyqtSignal(list)
    listed = pyqtSignal()
    told = pyqtSignal(str)

    def __init__(self, layer: QgsVectorLayer, reviewer: str = "") -> None:
        """Read the regions.

        Args:
            layer: Polygons; must outlive this object's use.
            reviewer: Who judges; written into the file.
        """
        super().__init__()
        self.layer, self.reviewer = layer, reviewer
        self.corrections: QgsVectorLayer | None = None  # set to None before it is deleted: the file stays
        self._store = RegionStore(layer)
        self._undo: list[Step] = []
        self.reload()

    def reload(self) -> None:
        """Read all again, as after edits of the layer."""
        self._state, self._progress = self._store.state(), None
        self.regions = self._store.load()
        self._place = {region.fid: place for place, region in enumerate(self.regions)}

    def obstacle(self) -> Obstacle | None:
        """Say why nothing can be judged now; None when it can."""
        return self._store.obstacle()

    def region(self, fid: int | None) -> Region | None:
        """Return a region, None when there is none of that id."""
        place = self._place.get(fid)
        return None if place is None else self.regions[place]

    def place(self, fid: int) -> int:
        """Return where a region stands in the order, from 0."""
        return self._place[fid]

    def look(self, fid: int) -> QgsGeometry | None:
        """Read a region's row again, in case somebody else has judged it.

        Args:
            fid: Its id.

        Returns:
            Its polygon; None when it is gone.
        """
        found = self._store.read(fid)
        if found is None:
            return None
        self._take({fid: found[0]})
        return found[1]

    def judge(self, fid: int, status: str, choice: ClassChoice | None = None) -> bool:
        """Say what a region is; in the file when this returns True.

        Args:
            fid: Its id.
            status: `right`, `wrong`, `unsure`, or `open` to take a judgement back.
            choice: What it is, where wrong and known.

        Returns:
            Whether it is saved; otherwise `told` says why not.
        """
        if fid not in self._place:
            return self._fail(tr("Choose a region first."))
        time, reviewer = (None, None) if status == OPEN else (now(), self.reviewer or None)
        after = Judgement(status, reviewer=reviewer, time=time)
        if status == WRONG and choice is not None:
            after = replace(after, value=choice.value, name=choice.name)
        before = self.region(fid).judgement
        if not self._write(fid, before, after):
            return False
        self._undo.append(Step(fid, before, after))
        return True

    def draw(self, geometry: QgsGeometry, choice: ClassChoice, region: int | None) -> bool:
        """Keep a drawn polygon; in the file when this returns True.

        Args:
            geometry: In the CRS of the regions.
            choice: What it is.
            region: Id of the region that is shown.

        Returns:
            Whether it is saved; otherwise `told` says why not.
        """
        if choice.value is None:
            text = tr("The number of class '{}' is not known: choose the class raster below.")
            return self._fail(text.format(choice.name))
        if not self.open_corrections():
            return False
        correction = Correction(geometry, choice.value, choice.name, region, self.reviewer, now())
        fid, problem = add_correction(self.corrections, correction)
        if fid is None:
            return self._fail(problem)
        self._undo.append(Step(fid))
        return True

    def open_corrections(self) -> bool:
        """Open the table of corrections, made where it is missing; `told` says why it cannot be had."""
        if self.corrections is not None:
            return True
        obstacle, path = self.obstacle(), corrections_path(self.layer)
        if obstacle is not None:
            return self._fail(obstacle.text)
        if path is None:
            text = tr("'{}' is in no file: save it as a GeoPackage to draw corrections beside it.")
            return self._fail(text.format(self.layer.name()))
        self.corrections, problem = open_corrections(path, self.layer.crs())
        return self._fail(problem) if problem else True

    def can_undo(self) -> bool:
        """Whether there is something to undo."""
        return bool(self._undo)

    def undo(self) -> Step | None:
        """Take the last judgement or correction of this session back.

        Returns:
            What was undone; None when nothing was, and `told` says why.
        """
        if not self._undo:
            self.told.emit(tr("There is nothing to undo."))
            return None
        step = self._undo[-1]
        undone = self._undo_correction(step.fid) if step.before is None else self._undo_judgement(step)
        return step if undone else None

    def progress(self, fids: Iterable[int] | None = None) -> Progress:
        """Count what has been judged.

        Args:
            fids: Ids of some regions; None = all. All are counted once, until something is judged.
        """
        if fids is None:
            if self._progress is None:
                self._progress = self._count(self.regions)
            return self._progress
        return self._count([self.regions[self._place[fid]] for fid in fids])

    def _count(self, regions: list[Region]) -> Progress:
        """Count what has been judged of some regions."""
        judged = [region for region in regions if not region.judgement.is_open]
        area = sum(region.area for region in regions)
        share = sum(region.area for region in judged) / area if area > 0 else len(judged) / max(1, len(regions))
        return Progress(len(judged), len(regions), share)

    def refresh(self) -> bool:
        """Read what others have judged since; cheap when the file has not changed. True when something is new."""
        state = self._store.state()
        if state == self._state or self.layer.isEditable():
            return False
        self._state = state
        found = self._store.judgements()
        if found.keys() != self._place.keys():
            self.reload()
            self.listed.emit()
            return True
        changed = self._take(found)
        if changed:
            self.layer.triggerRepaint()
        return bool(changed)

    def _write(self, fid: int, expected: Judgement, after: Judgement) -> bool:
        """Write a row that still is as expected; otherwise show what somebody else has written there."""
        obstacle = self.obstacle()
        if obstacle is not None:
            return self._fail(obstacle.text)
        found = self._store.read(fid)
        if found is None:
            return self._fail(tr("The region is gone: somebody has deleted it."))
        if found[0] != expected:
            self._take({fid: found[0]})
            who = found[0].reviewer or tr("Somebody else")
            text = tr("{} has judged this region meanwhile ({}): nothing was changed. Judge again to overrule.")
            return self._fail(text.format(who, found[0].status or OPEN))
        nobody_else = self._store.state() == self._state
        problem = self._store.write(fid, after)
        if problem:
            return self._fail(problem)
        if nobody_else:  # then the change of the file is our own, and there is no need to read it all again
            self._state = self._store.state()
        self._take({fid: after})
        return True

    def _undo_judgement(self, step: Step) -> bool:
        """Write what stood in the row before; what somebody else has written there since is not ours to take back."""
        done = self._write(step.fid, step.after, step.before)
        found = self._store.read(step.fid)
        if done or found is None or found[0] != step.after:
            self._undo.pop()
        return done

    def _undo_correction(self, fid: int) -> bool:
        """Take the last drawn polygon back."""
        if not self.open_corrections():
            return False
        gone = not has_correction(self.corrections, fid)
        problem = tr("The drawn correction is gone already.") if gone else remove_correction(self.corrections, fid)
        if gone or not problem:
            self._undo.pop()
        return self._fail(problem) if problem else True

    def _take(self, judgements: dict[int, Judgement]) -> list[int]:
        """Take over what the file says; tells which regions that changed."""
        changed = []
        for fid, judgement in judgements.items():
            place = self._place.get(fid)
            if place is not None and self.regions[place].judgement != judgement:
                self.regions[place] = replace(self.regions[place], judgement=judgement)
                changed.append(fid)
        if changed:
            self._progress = None
            self.changed.emit(changed)
        return changed

    def _fail(self, problem: str) -> bool:
        """Tell why something is not done."""
        self.told.emit(problem)
        return False
