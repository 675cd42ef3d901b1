"""The controller of a review: leads through the regions, and has judgements and drawings written at once.

Whatever the user can do is a method, so that scripts and tests drive the same code:

    review = qgis.utils.plugins["uhrs_qgis_plugin"].open_review()
    review.open_layer(layer)                # any polygon layer; None closes the review
    review.step(1)                          # the next region of the list; -1 = the previous one
    review.judge("wrong", "roof")           # or 3, the number of the class; "right", "unsure", "open"
    review.add_class("pool", QColor("cyan"))    # a class that the model does not know
    review.draw(geometry, "roof")           # a polygon of that class, in the map's CRS
    review.undo()
    review.region()                         # the region that is shown, a `ReviewRegion`, or None
    review.message(), review.progress_text()    # the texts of the panel
"""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import QgsGeometry, QgsMapLayer, QgsProject, QgsVectorLayer
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QObject, QSignalBlocker, QTimer
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QFileDialog

from uhrs_qgis_plugin.layers import OPEN, WRONG
from uhrs_qgis_plugin.review.class_choices import ClassChoice
from uhrs_qgis_plugin.review.data import (
    ObstacleError,
    RegionGoneError,
    ReviewRegion,
    ReviewSession,
    open_store,
    show_corrections,
)
from uhrs_qgis_plugin.review.errors import ReviewError
from uhrs_qgis_plugin.review.map import Drawing, LayerWatch, MapView, is_region_layer
from uhrs_qgis_plugin.review.obstacles import ObstacleActions
from uhrs_qgis_plugin.review.panel import ReviewDisplay, ReviewLayers, ReviewPanel
from uhrs_qgis_plugin.review.wording import tr

REFRESH_MS = 5000  # until the judgements of other reviewers show


class ReviewController(QObject):
    """Finds, judges, corrects: one layer of regions at a time.

    Attributes:
        panel: The widgets.
        canvas: The map.
        session: The open review; None = none is open.
        fid: Id of the region that is shown; None = none is shown.
        moves_list: Whether the row of the list is being set to the region, and not chosen by the user.
    """

    def __init__(self, panel: ReviewPanel, canvas: QgsMapCanvas, parent: QObject) -> None:
        """Connect map and project; no layer is open yet."""
        super().__init__(parent)
        self.panel, self.canvas = panel, canvas
        self.session: ReviewSession | None = None
        self.fid: int | None = None
        self._geometry = QgsGeometry()  # of that region
        self._removed = False
        self.moves_list = False  # while the list follows the review, not the reverse
        self.view, self.drawing = MapView(canvas), Drawing(canvas, self.draw, self)
        self.layers = ReviewLayers(panel.regions, panel.layers, self)
        self.obstacle_actions = ObstacleActions(self.open_layer, self._ask_path)
        self.display = ReviewDisplay(panel, self.layers, self.region, self._obstacle_button)
        self.watch, self._watch_corrections = LayerWatch(self), LayerWatch(self)
        self.timer = QTimer(self)
        self.timer.setInterval(REFRESH_MS)
        self._connect_project()
        self.open_layer(None)

    # What scripts and the user's actions have in common.

    def region(self) -> ReviewRegion | None:
        """Return the region that is shown."""
        return None if self.session is None else self.session.region(self.fid)

    def message(self) -> str:
        """Return the line above the list, "" without one."""
        return self.panel.message.text()

    def progress_text(self) -> str:
        """Return the progress: '37 of 120, 61 % of the doubtful area'."""
        return self.panel.progress.format()

    def attempt(self, action: Callable[..., object], *arguments: object) -> bool:
        """Run an action; the one place where a ReviewError is shown.

        Returns:
            Whether it succeeded; otherwise `message` says why not.
        """
        try:
            action(*arguments)
        except ReviewError as error:
            self.display.show_state(error)
            return False
        return True

    def open_layer(self, layer: QgsMapLayer | None) -> bool:
        """Review a polygon layer; None closes the review.

        Returns:
            Whether a review is open; where the layer has no polygons `message` says so.
        """
        self._close()
        if layer is not None and not is_region_layer(layer):
            text = tr("'{}' has no polygons to review: choose another layer.")
            self.display.show_state(ReviewError(text.format(layer.name())))
            return False
        with QSignalBlocker(self.panel.regions):
            self.panel.regions.setLayer(layer)
        if layer is not None:
            session = ReviewSession(open_store(layer), self.panel.reviewer.name())
            session.changed.connect(self.display.show_facts)
            session.listed.connect(self.fill_list)
            self.session = self.display.session = session
            self.watch.follow(layer)
        self.layers.follow(layer)
        if self.session is not None:
            self._show_corrections(self.session.find_corrections())
        self.fill_list()
        return layer is not None

    def fill_list(self) -> None:
        """List the regions of filter and part; keep the region that is shown, else go to the first open one."""
        panel, fid = self.panel, self.fid
        panel.model.show(self.session, panel.filter.currentData(), panel.part.value(), panel.parts.value())
        row = panel.model.row(fid)
        if row is None:
            row = panel.model.next_open(-1)
        if row is None and panel.model.rowCount():
            row = 0
        self.fid = None
        self.display.show_state()
        if row is None:
            self.show_region(None)
        else:
            self.go_to(panel.model.fid(row))

    def step(self, by: int = 1) -> bool:
        """Go to the next region of the list (1), or the previous one (-1).

        Returns:
            Whether there is one; otherwise `message` says so.
        """
        model = self.panel.model
        row = model.row(self.fid)
        wanted = 0 if row is None else row + by
        if not 0 <= wanted < model.rowCount():
            end = tr("This is the end of the list.") if by > 0 else tr("This is the start of the list.")
            self.display.show_message(end, "info")
            return False
        self.display.show_state()
        self.go_to(model.fid(wanted))
        return True

    def go_to(self, fid: int) -> bool:
        """Show a region and select its row, where the list has it; returns whether the map shows it."""
        row = self.panel.model.row(fid)
        if row is not None:
            self.moves_list = True
            self.panel.list.setCurrentIndex(self.panel.model.index(row, 0))
            self.moves_list = False
        return self.show_region(fid)

    def show_region(self, fid: int | None) -> bool:
        """Zoom to a region, flash it and show its facts; None shows none.

        Returns:
            Whether the map shows it; otherwise `message` says why not.
        """
        self.fid, self._geometry = fid, QgsGeometry()
        self.view.clear()
        if self.session is None or fid is None:
            self.display.show_facts()
            return False
        return self.attempt(self._show_region, self.session, fid)

    def frame(self) -> None:
        """Frame the region that is shown without moving the map."""
        if self.session is not None:
            self.view.frame(self._geometry, self.session.layer.crs())

    def judge(self, status: str, wanted: ClassChoice | str | int | None = None) -> bool:
        """Judge the region that is shown; the file has it when this returns True.

        Args:
            status: `right`, `wrong`, `unsure`, or `open` to withdraw a judgement.
            wanted: The right class of a wrong region, by name or number; None = unknown.

        Returns:
            Whether it is saved; otherwise `message` says why not.
        """
        return self.attempt(self._judge, status, wanted)

    def draw(self, geometry: QgsGeometry, wanted: ClassChoice | str | int | None = None) -> bool:
        """Save a polygon as a correction; the file has it when this returns True.

        Args:
            geometry: In the map's CRS.
            wanted: Its class, by name or number; None = the one chosen in the panel.

        Returns:
            Whether it is saved; otherwise `message` says why not.
        """
        return self.attempt(self._draw, geometry, wanted)

    def add_class(self, name: str, colour: QColor) -> bool:
        """Add a class that the model does not know, and choose it; the file has it when this returns True.

        Returns:
            Whether it is added; otherwise `message` says why not.
        """
        return self.attempt(self._add_class, name, colour)

    def undo(self) -> bool:
        """Undo the last judgement or drawing, and go to its region; returns whether something was undone."""
        if self.session is None or not self.session.can_undo():
            self.display.show_message(tr("There is nothing to undo."), "info")
            return False
        return self.attempt(self._undo, self.session)

    def set_active(self, active: bool) -> None:
        """Pause while the panel is hidden: no drawing tool, no reading of the file."""
        if active:
            self.timer.start()
            self._refresh()
            self.frame()
        else:
            self.timer.stop()
            self.drawing.activate("")
            self.view.clear()

    def remove(self) -> None:
        """Disconnect from map and project, on unload; idempotent."""
        if self._removed:
            return
        self._removed = True
        self._close()
        self.layers.remove()
        self.timer.stop()
        self.canvas.destinationCrsChanged.disconnect(self.frame)
        self.drawing.remove()
        self.view.remove()

    # The actions themselves; they raise a ReviewError where they fail.

    def _show_region(self, session: ReviewSession, fid: int) -> None:
        geometry = session.reread(fid)
        if geometry is None:
            raise RegionGoneError
        crs, pixel = session.layer.crs(), self.layers.pixel()
        self._geometry = self.view.framed(geometry, crs, pixel)
        self.display.suggest_class()
        self.display.show_facts()
        self.view.go_to(self._geometry, crs, pixel)

    def _judge(self, status: str, wanted: ClassChoice | str | int | None) -> None:
        if self.session is None or self.fid is None:
            raise ReviewError(tr("There is no region to judge: open a layer and choose one."))
        choice = self._find_choice(wanted)
        if choice is None and wanted is not None:
            raise ReviewError(tr("There is no class '{}': choose one of the list.").format(wanted))
        self.session.judge(self.fid, status, choice if status == WRONG else None)
        self.display.show_state()
        if status != OPEN and self.panel.go_on.isChecked():
            self._go_to_next_open(self.session)

    def _draw(self, geometry: QgsGeometry, wanted: ClassChoice | str | int | None) -> None:
        choice = self.panel.picker.choice() if wanted is None else self._find_choice(wanted)
        if self.session is None or choice is None:
            raise ReviewError(tr("Open a layer and choose a class first, then draw."))
        polygon = self.view.from_map(geometry, self.session.layer.crs())
        self.session.draw(polygon, choice, self.fid if self._geometry.intersects(polygon) else None)
        self._show_corrections(self.session.corrections)
        self.display.show_facts()
        self.display.show_message(tr("Kept: this part is {}.").format(choice.name), "info")

    def _add_class(self, name: str, colour: QColor) -> None:
        if self.session is None:
            raise ReviewError(tr("Open a layer of regions first, then add classes."))
        added = self.session.add_class(name, colour, self.panel.picker.choices)
        self.display.show_classes()
        self.panel.picker.choose(added.name)
        self.display.show_message(
            tr("'{}' is class {} of this review from now on.").format(added.name, added.value), "info"
        )

    def _undo(self, session: ReviewSession) -> None:
        step = session.undo()
        self.display.show_state()
        if step.before is not None:
            self.go_to(step.fid)

    def _go_to_next_open(self, session: ReviewSession) -> None:
        """Go to the next region that nobody has judged, in this QGIS or in another one."""
        model, row = self.panel.model, self.panel.model.row(self.fid)
        for _ in range(model.rowCount()):
            row = model.next_open(-1 if row is None else row)
            if row is None:
                break
            fid = model.fid(row)
            session.reread(fid)
            region = session.region(fid)
            if region is not None and region.judgement.is_open:
                self.go_to(fid)
                return
        self.display.show_message(tr("All regions of this list are judged."), "info")

    def _find_choice(self, wanted: ClassChoice | str | int | None) -> ClassChoice | None:
        """Find a class by name or number."""
        if wanted is None or isinstance(wanted, ClassChoice):
            return wanted
        return self.panel.picker.choose(wanted)

    def _close(self) -> None:
        """Leave the open layer; all judgements are in its file."""
        self.watch.follow(None)
        self._watch_corrections.follow(None)
        self.drawing.activate("")
        self.panel.model.show(None)
        self.session = self.display.session = self.fid = None
        self._geometry = QgsGeometry()
        self.view.clear()

    def _show_corrections(self, corrections: QgsVectorLayer | None) -> None:
        """Add the corrections to the project, and write to the layer that the project shows."""
        if corrections is None or self.session is None:
            return
        shown = show_corrections(corrections, self.session.layer, self.panel.picker.choices, QgsProject.instance())
        self.session.corrections = shown
        self._watch_corrections.follow(shown)

    def _obstacle_button(self, obstacle: ObstacleError) -> tuple[str, Callable[[], object] | None]:
        """Return label and action of the button beside an obstacle."""
        if self.session is None:
            return "", None
        label, action = self.obstacle_actions.button(obstacle, self.session.layer)
        return label, None if action is None else lambda: self.attempt(action)

    def _ask_path(self, suggestion: str) -> str:
        path, _ = QFileDialog.getSaveFileName(self.panel, tr("Save regions as"), suggestion, "GeoPackage (*.gpkg)")
        return str(path)

    # What project, map and other reviewers lead to; `panel_actions` has the same for the panel.

    def _connect_project(self) -> None:
        self.layers.classes_changed.connect(self.display.show_classes)
        self.drawing.refused.connect(self.display.show_message)
        self.watch.deleted.connect(self.close_gone_layer)
        self.watch.editable_changed.connect(self.display.show_state)
        self.watch.changed.connect(self._on_layer_changed)
        self.watch.selected.connect(self.go_to)
        self._watch_corrections.deleted.connect(self._on_corrections_deleted)
        self.canvas.destinationCrsChanged.connect(self.frame)
        self.timer.timeout.connect(self._refresh)

    def close_gone_layer(self) -> None:
        """Close the review, as the layer leaves the project or none is chosen."""
        if self.session is None:
            return
        name = self.session.layer.name()
        self.open_layer(None)
        text = tr("'{}' is closed. All judgements are saved in its file.")
        self.display.show_message(text.format(name), "info")

    def _on_layer_changed(self) -> None:
        if self.session is not None:
            self.session.reload()
            self.fill_list()

    def _on_corrections_deleted(self) -> None:
        """Forget the layer, as it leaves the project; the next drawing or undo opens its file again."""
        if self.session is not None:
            self.session.corrections = None

    def _refresh(self) -> None:
        """Show what others have judged meanwhile."""
        if self.session is not None and self.session.refresh():
            self.display.show_facts()
