"""Connects the widgets, keys and layers of the review to what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import QgsApplication, QgsMapLayer, QgsProject, QgsSettings
from qgis.PyQt.QtCore import QModelIndex, QObject, QSignalBlocker

from uhrs_qgis_plugin.layers.region_fields import RIGHT, UNSURE, WRONG
from uhrs_qgis_plugin.review.map.drawing import DRAW, PAINT
from uhrs_qgis_plugin.review.map.layer_guess import KINDS, is_corrections_layer
from uhrs_qgis_plugin.review.panel.keys import ReviewKeys
from uhrs_qgis_plugin.review.wording import tr

if TYPE_CHECKING:
    from uhrs_qgis_plugin.review.dock import ReviewDock

REVIEWER = "uhrs/reviewer"  # the setting


def load_reviewer() -> str:
    """Return the name that was used last, else that of the account."""
    return QgsSettings().value(REVIEWER, "") or QgsApplication.userFullName() or QgsApplication.userLoginName()


class ReviewWiring(QObject):
    """Everything that happens because somebody clicks, types, or changes the project."""

    def __init__(self, dock: ReviewDock) -> None:
        """Connect.

        Args:
            dock: The dock; owns this object.
        """
        super().__init__(dock)
        self._dock, panel = dock, dock.panel
        self._by_hand = True  # False while the list follows the review, and not the other way round
        actions = {
            "next": lambda: dock.step(1),
            "previous": lambda: dock.step(-1),
            "find": lambda: dock.show_region(dock.fid),
            "undo": dock.undo,
            RIGHT: lambda: dock.judge(RIGHT),
            UNSURE: lambda: dock.judge(UNSURE),
            WRONG: self._judge_wrong,
            DRAW: lambda: self._take_up(DRAW),
            PAINT: lambda: self._take_up(PAINT),
        }
        for name, action in actions.items():
            panel.buttons[name].clicked.connect(lambda checked=False, action=action: action())
        shows = {kind: lambda kind=kind: dock.layers.show(kind) for kind in KINDS}
        self.keys = ReviewKeys({**actions, **shows}, self._pick, self)
        for watched in (dock, panel.list, panel.picker, dock.canvas):
            watched.installEventFilter(self.keys)
        panel.regions.layerChanged.connect(self._layer_chosen)
        panel.list.selectionModel().currentRowChanged.connect(self._row_chosen)
        panel.picker.decided.connect(self._judge_wrong)
        panel.picker.currentRowChanged.connect(self._class_chosen)
        panel.filter.currentIndexChanged.connect(lambda index: dock.fill_list())
        panel.part.valueChanged.connect(lambda value: dock.fill_list())
        panel.parts.valueChanged.connect(self._parts_chosen)
        panel.brush.valueChanged.connect(dock.drawing.set_brush)
        panel.reviewer.editingFinished.connect(self._reviewer_named)
        self._connect_project()

    def choose_row(self, row: int) -> None:
        """Mark a row of the list without going to its region."""
        panel = self._dock.panel
        self._by_hand = False
        panel.list.setCurrentIndex(panel.model.index(row, 0))
        self._by_hand = True

    def choose_layer(self, layer: QgsMapLayer | None) -> None:
        """Show in the chooser which layer is open, without opening it."""
        with QSignalBlocker(self._dock.panel.regions):
            self._dock.panel.regions.setLayer(layer)

    def remove(self) -> None:
        """Let go of the map and the project."""
        self._dock.timer.stop()
        for watched in (self._dock, self._dock.panel.list, self._dock.panel.picker, self._dock.canvas):
            watched.removeEventFilter(self.keys)
        self._dock.canvas.destinationCrsChanged.disconnect(self._dock.frame)
        QgsProject.instance().layersAdded.disconnect(self._leave_out_corrections)

    def _connect_project(self) -> None:
        """Listen to what happens outside the panel."""
        dock = self._dock
        dock.layers.classes_changed.connect(dock.display.show_classes)
        dock.drawing.changed.connect(self._tool_taken_up)
        dock.drawing.told.connect(dock.display.tell)
        dock.watch.gone.connect(self._layer_gone)
        dock.watch.edited.connect(dock.display.show_state)
        dock.watch.changed.connect(self._layer_changed)
        dock.watch.picked.connect(dock.go_to)
        dock.canvas.destinationCrsChanged.connect(dock.frame)
        dock.timer.timeout.connect(self._refresh)
        dock.visibilityChanged.connect(self._seen)
        QgsProject.instance().layersAdded.connect(self._leave_out_corrections)
        self._leave_out_corrections()

    def _judge_wrong(self) -> None:
        """Judge by the class that is chosen."""
        choice = self._dock.panel.picker.choice()
        if choice is None:
            self._dock.display.tell(tr("Choose below which class it is, or press its digit."), "info")
        else:
            self._dock.judge(WRONG, choice)

    def _pick(self, place: int) -> None:
        """Choose the class of a digit; with no drawing tool in hand that is a judgement."""
        dock, choices = self._dock, self._dock.panel.picker.choices
        if place >= len(choices):
            return
        if dock.drawing.name():
            dock.panel.picker.setCurrentRow(place)
        elif dock.panel.buttons[WRONG].isEnabled():
            dock.judge(WRONG, choices[place])

    def _take_up(self, name: str) -> None:
        """Take a drawing tool up, or put it down when it is in hand."""
        drawing = self._dock.drawing
        if drawing.name() == name:
            drawing.take_up("")
        elif self._dock.panel.buttons[name].isEnabled():
            if self._dock.panel.picker.choice() is None:
                self._dock.display.tell(tr("Choose first which class to draw."), "info")
                self._tool_taken_up(drawing.name())
                return
            drawing.take_up(name)
            self._dock.canvas.setFocus()

    def _tool_taken_up(self, name: str) -> None:
        """Show which tool is in hand."""
        for tool in (DRAW, PAINT):
            self._dock.panel.buttons[tool].setChecked(tool == name)

    def _class_chosen(self, row: int) -> None:
        """Draw in its colour from now on, and name it on the button."""
        choice = self._dock.panel.picker.choice()
        self._dock.panel.name_class("" if choice is None else choice.name)
        if choice is not None:
            self._dock.drawing.set_colour(choice.colour)

    def _row_chosen(self, current: QModelIndex, previous: QModelIndex) -> None:
        """Show the region of the row that was clicked, or reached by an arrow key."""
        if current.isValid() and self._by_hand:
            self._dock.display.show_state()
            self._dock.show_region(self._dock.panel.model.fid(current.row()))

    def _layer_chosen(self, layer: QgsMapLayer | None) -> None:
        """Open the layer that was chosen."""
        session = self._dock.session
        if layer is (None if session is None else session.layer):
            return
        if layer is None:  # also when it is on its way out of the project
            self._layer_gone()
        else:
            self._dock.open_layer(layer)

    def _parts_chosen(self, parts: int) -> None:
        """Show one of so many parts."""
        self._dock.panel.part.setMaximum(parts)
        self._dock.fill_list()

    def _reviewer_named(self) -> None:
        """Keep the name, and sign with it from now on."""
        name = self._dock.panel.reviewer.text().strip()
        QgsSettings().setValue(REVIEWER, name)
        if self._dock.session is not None:
            self._dock.session.reviewer = name

    def _layer_gone(self) -> None:
        """Close the review, as the layer leaves the project or nothing is chosen."""
        if self._dock.session is None:
            return
        name = self._dock.session.layer.name()
        self._dock.open_layer(None)
        text = tr("'{}' is closed. All judgements are saved in its file.")
        self._dock.display.tell(text.format(name), "info")

    def _layer_changed(self) -> None:
        """Read all again."""
        dock = self._dock
        if dock.session is not None:
            dock.session.reload()
            dock.fill_list()

    def _refresh(self) -> None:
        """Show what others have judged meanwhile."""
        session = self._dock.session
        if session is not None and session.refresh():
            self._dock.display.show_facts()

    def _seen(self, visible: bool) -> None:
        """Rest while nobody sees the panel: no keys on the map, no tool in hand, no reading."""
        dock = self._dock
        self.keys.enabled = visible
        if visible:
            dock.timer.start()
            self._refresh()
            dock.frame()
        else:
            dock.timer.stop()
            dock.drawing.take_up("")
            dock.view.clear()

    def _leave_out_corrections(self, *_: object) -> None:
        """Offer no drawn corrections as regions."""
        layers = QgsProject.instance().mapLayers().values()
        self._dock.panel.regions.setExceptedLayerList([layer for layer in layers if is_corrections_layer(layer)])
