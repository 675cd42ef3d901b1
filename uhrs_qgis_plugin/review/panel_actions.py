"""What the widgets and keys of the panel lead to: each calls the controller, as scripts do."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import QgsMapLayer
from qgis.PyQt.QtCore import QModelIndex, QObject

from uhrs_qgis_plugin.layers import RIGHT, UNSURE, WRONG
from uhrs_qgis_plugin.review.controller import ReviewController
from uhrs_qgis_plugin.review.map import DRAW, KINDS, PAINT
from uhrs_qgis_plugin.review.panel import ClassDialog, ReviewKeys
from uhrs_qgis_plugin.review.wording import tr


class PanelActions(QObject):
    """Connects the panel with the controller.

    Attributes:
        keys: The single-key shortcuts, an event filter.
    """

    def __init__(self, controller: ReviewController, parent: QObject) -> None:
        """Connect widgets and keys."""
        super().__init__(parent)
        self._controller, self._panel = controller, controller.panel
        self.keys = self._connect_buttons()
        self._watched = (self._panel.list, self._panel.picker, controller.canvas)
        for watched in self._watched:
            watched.installEventFilter(self.keys)
        self._connect_panel()

    def set_active(self, active: bool) -> None:
        """Take no keys on the map while the panel is hidden."""
        self.keys.enabled = active

    def remove(self) -> None:
        """Let go of the keys, on unload; idempotent."""
        for watched in self._watched:
            watched.removeEventFilter(self.keys)

    def _connect_buttons(self) -> ReviewKeys:
        """Connect buttons and keys, which do the same."""
        controller = self._controller
        actions: dict[str, Callable[[], object]] = {
            "next": lambda: controller.step(1),
            "previous": lambda: controller.step(-1),
            "find": lambda: controller.show_region(controller.fid),
            "undo": controller.undo,
            RIGHT: lambda: controller.judge(RIGHT),
            UNSURE: lambda: controller.judge(UNSURE),
            WRONG: self._judge_wrong,
            DRAW: lambda: self._toggle_tool(DRAW),
            PAINT: lambda: self._toggle_tool(PAINT),
        }
        for name, action in actions.items():
            self._panel.buttons[name].clicked.connect(lambda checked=False, action=action: action())
        toggles = {kind: lambda kind=kind: controller.layers.show(kind) for kind in KINDS}
        return ReviewKeys({**actions, **toggles}, self._on_digit, self)

    def _connect_panel(self) -> None:
        panel, controller = self._panel, self._controller
        panel.regions.layerChanged.connect(self._on_layer_chosen)
        panel.list.selectionModel().currentRowChanged.connect(self._on_row_chosen)
        panel.picker.confirmed.connect(self._judge_wrong)
        panel.picker.wanted.connect(self._ask_class)
        panel.picker.currentRowChanged.connect(self._on_class_chosen)
        panel.filter.currentIndexChanged.connect(lambda index: controller.fill_list())
        panel.part.valueChanged.connect(lambda value: controller.fill_list())
        panel.parts.valueChanged.connect(self._on_parts_chosen)
        panel.brush.valueChanged.connect(controller.drawing.set_brush)
        panel.reviewer.editingFinished.connect(self._on_reviewer_named)
        controller.drawing.activated.connect(self._on_tool_activated)

    def _judge_wrong(self) -> None:
        """Judge by the class chosen in the panel."""
        choice = self._panel.picker.choice()
        if choice is None:
            self._controller.display.show_message(tr("Choose below which class it is, or press its digit."), "info")
        else:
            self._controller.judge(WRONG, choice)

    def _on_digit(self, index: int) -> None:
        """Choose the class of a digit. Judging is another key: who wants to draw a part must not judge all of it.

        A point has no parts: the digit judges it.
        """
        choices = self._panel.picker.choices
        if index >= len(choices):
            return
        self._panel.picker.setCurrentRow(index)
        session, draws = self._controller.session, bool(self._controller.drawing.name())
        if session is not None and session.are_points and not draws:
            if self._panel.buttons[WRONG].isEnabled():
                self._controller.judge(WRONG, choices[index])
        elif not draws and self._panel.buttons[WRONG].isEnabled():
            text = tr("{} is chosen: W if all of the region is it, D or B to draw a part.")
            self._controller.display.show_message(text.format(choices[index].name), "info")

    def _ask_class(self) -> None:
        """Ask for a class that the model does not know, and add it."""
        dialog = ClassDialog(self._panel.picker.choices, self._panel)
        if dialog.exec():
            self._controller.add_class(dialog.name.text(), dialog.colour.color())

    def _toggle_tool(self, name: str) -> None:
        """Activate a drawing tool, or deactivate it."""
        drawing = self._controller.drawing
        if drawing.name() == name:
            drawing.activate("")
        elif self._panel.buttons[name].isEnabled():
            if self._panel.picker.choice() is None:
                self._controller.display.show_message(tr("Choose first which class to draw."), "info")
                self._on_tool_activated(drawing.name())
                return
            drawing.activate(name)
            self._controller.canvas.setFocus()

    def _on_tool_activated(self, name: str) -> None:
        for tool in (DRAW, PAINT):
            self._panel.buttons[tool].setChecked(tool == name)

    def _on_class_chosen(self, row: int) -> None:
        """Draw in the colour of the class from now on, and name it on the button."""
        choice = self._panel.picker.choice()
        self._panel.name_class("" if choice is None else choice.name)
        if choice is not None:
            self._controller.drawing.set_colour(choice.colour)

    def _on_row_chosen(self, current: QModelIndex, previous: QModelIndex) -> None:
        """Show the region of the row that was clicked, or reached by an arrow key."""
        if current.isValid() and not self._controller.moves_list:
            self._controller.display.show_state()
            self._controller.show_region(self._panel.model.fid(current.row()))

    def _on_layer_chosen(self, layer: QgsMapLayer | None) -> None:
        session = self._controller.session
        if layer is (None if session is None else session.layer):
            return
        if layer is None:  # also when it is about to leave the project
            self._controller.close_gone_layer()
        else:
            self._controller.open_layer(layer)

    def _on_parts_chosen(self, parts: int) -> None:
        self._panel.part.setMaximum(parts)
        self._controller.fill_list()

    def _on_reviewer_named(self) -> None:
        """Write the name with the judgements from now on."""
        if self._controller.session is not None:
            self._controller.session.reviewer = self._panel.reviewer.name()
