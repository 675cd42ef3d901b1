"""The review dock: leads a person through the regions and writes down what they say.

Everything that a hand can do is a method too, so that scripts and tests drive the same code:

    dock = qgis.utils.plugins["uhrs_qgis_plugin"].open_review()
    dock.open_layer(layer)                  # any polygon layer; None closes the review
    dock.step(1)                            # the next region of the list; -1 the one before
    dock.judge("wrong", "roof")             # or 3, the number of the class; "right", "unsure", "open"
    dock.draw(geometry, "roof")             # a polygon, in the map's CRS, that is of that class
    dock.undo()
    dock.region()                           # what is shown: a gui.regions.Region, or None
    dock.message(), dock.progress_text()    # what the panel says
"""

from __future__ import annotations

from qgis.core import QgsGeometry, QgsMapLayer, QgsProject, QgsVectorLayer
from qgis.gui import QgsDockWidget, QgsMapCanvas
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QWidget

from uhrs_qgis_plugin.layers.region_fields import OPEN, WRONG, corrections_path
from uhrs_qgis_plugin.review.class_choices import ClassChoice
from uhrs_qgis_plugin.review.controller import ReviewWiring, load_reviewer
from uhrs_qgis_plugin.review.data.corrections import find_corrections, show_corrections
from uhrs_qgis_plugin.review.data.regions import Region
from uhrs_qgis_plugin.review.data.session import ReviewSession
from uhrs_qgis_plugin.review.map.drawing import Drawing
from uhrs_qgis_plugin.review.map.layer_guess import is_region_layer
from uhrs_qgis_plugin.review.map.layer_watch import LayerWatch
from uhrs_qgis_plugin.review.map.map_view import MapView, OutOfReachError
from uhrs_qgis_plugin.review.obstacles import Remedies, prepare
from uhrs_qgis_plugin.review.panel.display import ReviewDisplay
from uhrs_qgis_plugin.review.panel.layers import ReviewLayers
from uhrs_qgis_plugin.review.panel.panel import ReviewPanel, scrolling
from uhrs_qgis_plugin.review.wording import tr

REFRESH_MS = 5000  # how soon one sees what others have judged


class ReviewDock(QgsDockWidget):
    """Find, judge, correct: one layer of regions at a time."""

    def __init__(self, canvas: QgsMapCanvas, parent: QWidget | None = None) -> None:
        """Build panel and tools; nothing is open yet.

        Args:
            canvas: The map.
            parent: The window.
        """
        super().__init__(tr("Review uncertain regions"), parent)
        self.setObjectName("uhrsReview")
        self.canvas, self.panel = canvas, ReviewPanel()
        self.setWidget(scrolling(self.panel))
        self.session: ReviewSession | None = None
        self.fid: int | None = None
        self._removed = False
        self._geometry = QgsGeometry()
        self.view, self.drawing = MapView(canvas), Drawing(canvas, self.draw, self)
        self.layers, self.remedies = ReviewLayers(self.panel.layers, self), Remedies(self)
        self.display = ReviewDisplay(self.panel, self.layers, self.remedies.button)
        self.display.region = self.region
        self.watch, self._watch_corrections = LayerWatch(self), LayerWatch(self)
        self._watch_corrections.gone.connect(self._corrections_gone)
        self.panel.reviewer.setText(load_reviewer())
        self.timer = QTimer(self)
        self.timer.setInterval(REFRESH_MS)
        self.wiring = ReviewWiring(self)
        self.open_layer(None)

    def region(self) -> Region | None:
        """Return the region that is shown."""
        return None if self.session is None else self.session.region(self.fid)

    def message(self) -> str:
        """Return the line above the list, "" when there is none."""
        return self.panel.message.text()

    def progress_text(self) -> str:
        """Return how far the review is: '37 of 120, 61 % of the doubtful area'."""
        return self.panel.progress.format()

    def open_layer(self, layer: QgsMapLayer | None) -> bool:
        """Review a layer.

        Args:
            layer: A polygon layer of the project; None closes the review.

        Returns:
            Whether it is open; otherwise `message` says why not.
        """
        self._close()
        if layer is not None and not is_region_layer(layer):
            self.display.show_state()
            self.display.tell(tr("'{}' has no polygons to review: choose another layer.").format(layer.name()))
            return False
        self.wiring.choose_layer(layer)
        if layer is not None:
            prepare(layer)
            self.session = self.display.session = ReviewSession(layer, self.panel.reviewer.text().strip())
            self.session.told.connect(self.display.tell)
            self.session.changed.connect(self.display.show_facts)
            self.session.listed.connect(self.fill_list)
            self.watch.follow(layer)
        self.layers.follow(layer)
        if layer is not None:
            self._take_corrections(find_corrections(corrections_path(layer)))
        self.fill_list()
        return layer is not None

    def fill_list(self) -> None:
        """List the regions that are asked for, and go to the first that is open."""
        panel, fid = self.panel, self.fid
        panel.model.show(self.session, panel.filter.currentData(), panel.part.value(), panel.parts.value())
        row = panel.model.row(fid)
        if row is None:
            row = panel.model.next_open(-1)
        self.fid = None
        self.display.show_state()
        if row is None and panel.model.rowCount():
            row = 0
        self.show_region(None) if row is None else self.go_to(panel.model.fid(row))

    def step(self, by: int = 1) -> bool:
        """Go to another region of the list.

        Args:
            by: 1 = the next one, -1 = the one before.

        Returns:
            Whether there is one; otherwise `message` says so.
        """
        model = self.panel.model
        row = model.row(self.fid)
        wanted = 0 if row is None else row + by
        if not 0 <= wanted < model.rowCount():
            self.display.tell(
                tr("This is the end of the list.") if by > 0 else tr("This is the start of the list."), "info"
            )
            return False
        self.display.show_state()
        self.go_to(model.fid(wanted))
        return True

    def show_region(self, fid: int | None) -> bool:
        """Zoom to a region, flash it and tell its facts.

        Args:
            fid: Its id; None shows none.

        Returns:
            Whether the map shows it.
        """
        self.fid, self._geometry = fid, QgsGeometry()
        self.view.clear()
        if self.session is None or fid is None:
            self.display.show_facts()
            return False
        geometry = self.session.look(fid)
        problem = tr("The region is gone: somebody has deleted it.")
        if geometry is not None:
            self._geometry = geometry
            problem = self.view.go_to(geometry, self.session.layer.crs(), self.layers.pixel())
            self.display.suggest_class()
        self.display.show_facts()
        if problem:
            self.display.tell(problem)
        return not problem

    def go_to(self, fid: int) -> bool:
        """Show a region, and its row where the list has it; whether the map shows it."""
        row = self.panel.model.row(fid)
        if row is not None:
            self.wiring.choose_row(row)
        return self.show_region(fid)

    def frame(self) -> None:
        """Frame the region that is shown; the map stays where it is."""
        if self.session is not None:
            self.view.frame(self._geometry, self.session.layer.crs())

    def judge(self, status: str, wanted: ClassChoice | str | int | None = None) -> bool:
        """Say what the region is; it is in the file when this returns True.

        Args:
            status: `right`, `wrong`, `unsure`, or `open` to take a judgement back.
            wanted: What it is, where wrong: a class, its name or its number; None = not known.

        Returns:
            Whether it is saved; otherwise `message` says why not.
        """
        if self.session is None or self.fid is None:
            self.display.tell(tr("There is no region to judge: open a layer and choose one."))
            return False
        choice = self._choice(wanted)
        if choice is None and wanted is not None:
            self.display.tell(tr("There is no class '{}': choose one of the list.").format(wanted))
            return False
        fid = self.fid
        if not self.session.judge(fid, status, choice if status == WRONG else None):
            self.display.show_state(keep=True)
            return False
        self.display.show_state()
        if status != OPEN and self.panel.go_on.isChecked():
            self._go_on()
        return True

    def draw(self, geometry: QgsGeometry, wanted: ClassChoice | str | int | None = None) -> bool:
        """Keep a polygon as a correction; it is in the file when this returns True.

        Args:
            geometry: In the map's CRS.
            wanted: What it is: a class, its name or its number; None = the one that is chosen in the panel.

        Returns:
            Whether it is saved; otherwise `message` says why not.
        """
        choice = self.panel.picker.choice() if wanted is None else self._choice(wanted)
        if self.session is None or choice is None:
            self.display.tell(tr("Open a layer and choose a class first, then draw."))
            return False
        try:
            moved = self.view.from_map(geometry, self.session.layer.crs())
        except OutOfReachError:
            self.display.tell(tr("The drawing lies where the CRS of the regions does not reach."))
            return False
        region = self.fid if self._geometry.intersects(moved) else None
        if not self.session.draw(moved, choice, region):
            self.display.show_state(keep=True)
            return False
        self._take_corrections(self.session.corrections)
        self.display.show_facts()
        self.display.tell(tr("Kept: this part is {}.").format(choice.name), "info")
        return True

    def undo(self) -> bool:
        """Take the last judgement or drawing back, and go to the region; whether something was undone."""
        if self.session is None or not self.session.can_undo():
            self.display.tell(tr("There is nothing to undo."), "info")
            return False
        self.display.show_state()
        step = self.session.undo()
        if step is not None and step.before is not None:
            self.go_to(step.fid)
        self.display.show_facts()
        return step is not None

    def remove(self) -> None:
        """Leave the window for good; a second time does no harm."""
        if self._removed:
            return
        self._removed = True
        self._close()
        self.layers.remove()
        self.wiring.remove()
        self.drawing.remove()
        self.view.remove()

    def _close(self) -> None:
        """Leave the layer that is open; all judgements are in its file."""
        self.watch.follow(None)
        self._watch_corrections.follow(None)
        self.drawing.take_up("")
        self.panel.model.show(None)
        self.session = self.display.session = self.fid = None
        self._geometry = QgsGeometry()
        self.view.clear()

    def _go_on(self) -> None:
        """Go to the next region that nobody has judged, in this QGIS or in another one."""
        model, row = self.panel.model, self.panel.model.row(self.fid)
        for _ in range(model.rowCount()):
            row = model.next_open(-1 if row is None else row)
            if row is None:
                break
            fid = model.fid(row)
            self.session.look(fid)
            if self.session.region(fid).judgement.is_open:
                self.go_to(fid)
                return
        self.display.tell(tr("All regions of this list are judged."), "info")

    def _choice(self, wanted: ClassChoice | str | int | None) -> ClassChoice | None:
        """Find a class by name or number."""
        if wanted is None or isinstance(wanted, ClassChoice):
            return wanted
        return self.panel.picker.choose(wanted)

    def _take_corrections(self, corrections: QgsVectorLayer | None) -> None:
        """Show the corrections on the map, and write to the layer that is shown."""
        if corrections is None or self.session is None:
            return
        shown = show_corrections(corrections, self.session.layer, self.panel.picker.choices, QgsProject.instance())
        self.session.corrections = shown
        self._watch_corrections.follow(shown)

    def _corrections_gone(self) -> None:
        """The layer leaves the project; its file stays, and is opened again when something is drawn."""
        if self.session is not None:
            self.session.corrections = None
