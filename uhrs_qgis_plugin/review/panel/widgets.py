"""Small widgets of the review panel: a line with one thing to do, the classes to choose from, a chooser of a layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qgis.core import Qgis, QgsMapLayer, QgsRasterLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import QSize, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from uhrs_qgis_plugin.review.class_choices import SWATCH, ClassChoice, swatch

# The enum moved into Qgis in 3.34.
if hasattr(Qgis, "LayerFilter"):
    RASTERS, POLYGONS = Qgis.LayerFilter.RasterLayer, Qgis.LayerFilter.PolygonLayer
else:
    from qgis.core import QgsMapLayerProxyModel

    RASTERS, POLYGONS = QgsMapLayerProxyModel.RasterLayer, QgsMapLayerProxyModel.PolygonLayer

ROWS_SHOWN = 4  # of classes, before the list scrolls
COLUMN = 150  # pixels of a class in the list
# Kind of a message -> how it looks; the same in a dark theme, so both colours are given.
MESSAGE_STYLES = {
    "hint": "QLabel {font-style: italic}",
    "info": "MessageRow {background: #d8e9f7; border-radius: 3px} QLabel {color: #112233}",
    "warning": "MessageRow {background: #fff0c2; border-radius: 3px} QLabel {color: #443311}",
}


class MessageRow(QFrame):
    """One line for the person, and at most one button that does what the line asks for.

    It is always there, with a hint when there is nothing to say: the list below must not jump under the mouse.
    """

    def __init__(self, hint: str) -> None:
        """Start with the hint.

        Args:
            hint: A line about what can be done.
        """
        super().__init__()
        self._hint, self._text = hint, ""
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button = QPushButton()
        self.button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.button.clicked.connect(self._act)
        self._action: Callable[[], object] | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 4, 6, 4)
        row.addWidget(self._label, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignBottom)
        self.tell("")

    def tell(self, text: str, kind: str = "info", label: str = "", action: Callable[[], object] | None = None) -> None:
        """Show a line; "" shows the hint.

        Args:
            text: The line.
            kind: Key of `MESSAGE_STYLES`.
            label: Text of the button; "" = no button.
            action: What the button does.
        """
        self.setStyleSheet(MESSAGE_STYLES[kind if text else "hint"])
        self._label.setText(text or self._hint)
        self._text, self._action = text, action
        self.button.setText(label)
        self.button.setVisible(bool(label))

    def text(self) -> str:
        """Return the line that is shown; "" for the hint."""
        return self._text

    def _act(self) -> None:
        if self._action is not None:
            self._action()


class ClassPicker(QListWidget):
    """The classes, each with its colour and, for the first nine, its key.

    Signals:
        decided(): A class was double-clicked.
    """

    decided = pyqtSignal()

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.choices: list[ClassChoice] = []
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(SWATCH, SWATCH))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemDoubleClicked.connect(lambda item: self.decided.emit())

    def show_choices(self, choices: Sequence[ClassChoice]) -> None:
        """Fill the list; the class that was chosen stays chosen where it is still there."""
        before = self.choice()
        self.choices = list(choices)
        self.clear()
        height = self.fontMetrics().height() + 6
        for place, choice in enumerate(choices):
            text = f"{place + 1}  {choice.name}" if place < 9 else choice.name
            item = QListWidgetItem(swatch(choice.colour), text)
            item.setSizeHint(QSize(COLUMN, height))
            item.setToolTip(choice.name)
            self.addItem(item)
        rows = max(1, min(ROWS_SHOWN, -(-len(choices) // 2)))
        self.setFixedHeight(rows * height + 2 * self.frameWidth() + 2)
        if before is not None:
            self.choose(before.name)

    def choice(self) -> ClassChoice | None:
        """Return the class that is chosen."""
        row = self.currentRow()
        return self.choices[row] if 0 <= row < len(self.choices) else None

    def choose(self, wanted: str | int | None) -> ClassChoice | None:
        """Choose a class.

        Args:
            wanted: Its name or its number; None or an unknown one chooses nothing.

        Returns:
            The class.
        """
        for row, choice in enumerate(self.choices):
            if wanted is not None and wanted in (choice.name, choice.value):
                self.setCurrentRow(row)
                return choice
        self.setCurrentRow(-1)
        return None


class LayerRow(QWidget):
    """A layer of the review: a tick that shows or hides it, and which one it is.

    Signals:
        chosen(): Another layer was chosen by hand.
        shown(bool): The tick was set or taken away by hand.
    """

    chosen = pyqtSignal()
    shown = pyqtSignal(bool)

    def __init__(self, label: str, tip: str) -> None:
        """Prepare both.

        Args:
            label: What the layer is.
            tip: What the tick does.
        """
        super().__init__()
        self.tick = QCheckBox(label)
        self.tick.setToolTip(tip)
        self.tick.clicked.connect(self.shown.emit)
        self.box = QgsMapLayerComboBox()
        self.box.setFilters(RASTERS)
        self.box.setAllowEmptyLayer(True)
        self.box.setSizeAdjustPolicy(self.box.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.layerChanged.connect(self._changed)
        self._by_hand = True
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.tick)
        row.addWidget(self.box, 1)
        self.set_layer(None)

    def layer(self) -> QgsRasterLayer | None:
        """Return the layer; None when there is none."""
        return self.box.currentLayer()

    def set_layer(self, layer: QgsMapLayer | None) -> None:
        """Choose a layer by program: `chosen` keeps silent."""
        self._by_hand = False
        self.box.setLayer(layer)
        self._by_hand = True
        self.tick.setEnabled(layer is not None)

    def _changed(self, layer: QgsMapLayer | None) -> None:
        self.tick.setEnabled(layer is not None)
        if self._by_hand:
            self.chosen.emit()
