"""The review panel: its widgets and their layout. What they do is in the controller."""

from __future__ import annotations

from qgis.core import QgsApplication
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from uhrs_qgis_plugin.layers import REVIEW_LAYERS
from uhrs_qgis_plugin.review.map import BRUSH_PX, CLASSES, IMAGE, LEAST_BRUSH_PX, MOST_BRUSH_PX, UNCERTAINTY
from uhrs_qgis_plugin.review.panel.keys import KEYS
from uhrs_qgis_plugin.review.panel.layers import LayerRow
from uhrs_qgis_plugin.review.panel.region_model import CLASS, FILTERS, STATUS, RegionModel
from uhrs_qgis_plugin.review.panel.widgets import ClassPicker, MessageRow, ReviewerEdit
from uhrs_qgis_plugin.review.wording import mark, tr

MOST_PARTS = 50
LIST_HEIGHT = 90  # pixels, at least
HINT = mark("R right, S unsure; 1 to 9 choose a class, then W all of it, D or B a part")
HINT_POINTS = mark("R right, S unsure; 1 to 9 judge at once: it is that class")
COLUMN_DIGITS = (7, 6, 11)  # widths of rank, uncertainty and area; the others share the rest
# Name -> label, theme icon, tooltip; the key is added to both.
BUTTONS = {
    "previous": (mark("Previous"), "mActionArrowLeft.svg", mark("Go to the region before")),
    "next": (mark("Next"), "mActionArrowRight.svg", mark("Go to the region after")),
    "find": (mark("Find"), "mActionZoomToSelected.svg", mark("Show this region on the map again, and flash it")),
    "undo": (mark("Undo"), "mActionUndo.svg", mark("Take your last judgement or drawn correction back")),
    "right": (mark("Right"), "mActionEditTable.svg", mark("The classes are right in this region")),
    "unsure": (
        mark("Unsure"),
        "mActionHelpContents.svg",
        mark("You cannot tell: the region counts as seen and trains nothing"),
    ),
    "wrong": (mark("Wrong"), "", mark("All of this region is the class chosen below")),
    "draw": (mark("Draw"), "mActionCapturePolygon.svg", ""),
    "paint": (mark("Paint"), "mActionCaptureLine.svg", ""),
}
ICONS = {"right": "mIconSuccess.svg"}
DRAW_TIP = mark(
    "Draw a part that is the class chosen above: left click sets corners, right click ends, Backspace takes a corner "
    "back, Esc drops the drawing"
)
PAINT_TIP = mark("Paint a part that is the class chosen above: hold the left button down; Esc drops the stroke")
LAYERS = {
    IMAGE: (mark("Image"), mark("Show or hide the image")),
    CLASSES: (mark("Classes"), mark("Show or hide the classes")),
    UNCERTAINTY: (mark("Uncertainty"), mark("Show or hide the uncertainty")),
}


def key_of(name: str) -> str:
    """Return the key of an action as a letter."""
    return chr(int(KEYS[name]))


class ReviewPanel(QWidget):
    """All widgets of the review, from the choice of the layer down to the layers to show."""

    def __init__(self) -> None:
        """Build the panel from top to bottom."""
        super().__init__()
        self.regions = QgsMapLayerComboBox()
        self.regions.setFilters(REVIEW_LAYERS)
        self.regions.setAllowEmptyLayer(True)
        self.regions.setSizeAdjustPolicy(self.regions.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.message = MessageRow(tr(HINT))
        self.model = RegionModel(self)
        self.list = _make_list(self.model)
        self.facts = QLabel()
        self.facts.setWordWrap(True)
        self.facts.setTextFormat(Qt.TextFormat.RichText)
        self.picker = ClassPicker()
        self.buttons = {name: _make_button(name, *texts) for name, texts in BUTTONS.items()}
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.layers = {
            kind: LayerRow(f"{tr(label)} ({key_of(kind)})", f"{tr(tip)} ({key_of(kind)})")
            for kind, (label, tip) in LAYERS.items()
        }
        width = max(row.tick.sizeHint().width() for row in self.layers.values())
        for row in self.layers.values():
            row.tick.setFixedWidth(width)
        self.name_class("")
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.addLayout(_labelled(tr("Regions"), self.regions))
        column.addWidget(self.message)
        column.addLayout(self._choice_of_regions())
        column.addWidget(self.list, 1)
        column.addWidget(self.progress)
        column.addWidget(self.facts)
        column.addLayout(self._steps())
        column.addLayout(self._judgements())
        column.addWidget(self.picker)
        column.addLayout(self._drawing())
        for row in self.layers.values():
            column.addWidget(row)
        column.addLayout(self._person())

    def name_class(self, name: str) -> None:
        """Name the chosen class on the button "Wrong"; "" = none."""
        key = key_of("wrong")
        self.buttons["wrong"].setText(
            tr("Wrong: it is {} ({})").format(name, key) if name else tr("Wrong: it is ... ({})").format(key)
        )

    def _choice_of_regions(self) -> QHBoxLayout:
        """Lay out which regions the list shows."""
        self.filter = QComboBox()
        for name, (label, _) in FILTERS.items():
            self.filter.addItem(tr(label), name)
        self.filter.setCurrentIndex(self.filter.findData("all"))
        self.part, self.parts = QSpinBox(), QSpinBox()
        for box in (self.part, self.parts):
            box.setRange(1, MOST_PARTS)
            box.setToolTip(tr("People who share the work take one part each: every second, third ... region"))
        self.part.setMaximum(1)
        row = QHBoxLayout()
        row.addWidget(QLabel(tr("Show")))
        row.addWidget(self.filter, 1)
        for widget in (QLabel(tr("part")), self.part, QLabel(tr("of")), self.parts):
            row.addWidget(widget)
        return row

    def _steps(self) -> QHBoxLayout:
        """Lay out the buttons that move through the list."""
        row = QHBoxLayout()
        for name in ("previous", "next", "find", "undo"):
            row.addWidget(self.buttons[name])
        return row

    def _judgements(self) -> QGridLayout:
        """Lay out the buttons that judge."""
        self.go_on = QCheckBox(tr("Go on to the next one"))
        self.go_on.setToolTip(tr("After a judgement, go to the next region that nobody has judged"))
        self.go_on.setChecked(True)
        grid = QGridLayout()
        grid.addWidget(self.buttons["right"], 0, 0)
        grid.addWidget(self.buttons["unsure"], 0, 1)
        grid.addWidget(self.buttons["wrong"], 1, 0, 1, 2)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        return grid

    def _drawing(self) -> QHBoxLayout:
        """Lay out the drawing tools."""
        self.brush = QSpinBox()
        self.brush.setRange(LEAST_BRUSH_PX, MOST_BRUSH_PX)
        self.brush.setValue(BRUSH_PX)
        self.brush.setSuffix(tr(" px"))
        self.brush.setToolTip(tr("Width of the brush on the screen"))
        row = QHBoxLayout()
        for name, tip in (("draw", DRAW_TIP), ("paint", PAINT_TIP)):
            self.buttons[name].setCheckable(True)
            self.buttons[name].setToolTip(f"{tr(tip)} ({key_of(name)})")
            row.addWidget(self.buttons[name])
        row.addWidget(self.brush)
        return row

    def _person(self) -> QHBoxLayout:
        """Lay out the reviewer's name, and whether to go on automatically."""
        self.reviewer = ReviewerEdit()
        self.reviewer.setToolTip(tr("Your name, which is kept with each of your judgements"))
        row = _labelled(tr("Your name"), self.reviewer)
        row.addWidget(self.go_on)
        return row


def scrolling(panel: ReviewPanel) -> QScrollArea:
    """Wrap the panel in a scroll area: on a small screen it is higher than the window."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setMinimumWidth(panel.minimumSizeHint().width() + area.verticalScrollBar().sizeHint().width())
    area.setWidget(panel)
    return area


class RegionList(QTableView):
    """A table that asks for a few rows only: on a small screen the buttons below it matter more."""

    def sizeHint(self) -> QSize:
        """Return the minimum height; the layout adds what is left."""
        return QSize(super().sizeHint().width(), self.minimumHeight())


def _make_list(model: RegionModel) -> RegionList:
    """Make the list of regions; with rows of one height ten thousand open without delay."""
    view = RegionList()
    view.setModel(model)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setWordWrap(False)
    view.setShowGrid(False)
    view.setAlternatingRowColors(True)
    view.setTabKeyNavigation(False)
    view.setMinimumHeight(LIST_HEIGHT)
    rows, columns = view.verticalHeader(), view.horizontalHeader()
    rows.hide()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(view.fontMetrics().height() + 6)
    unit = view.fontMetrics().horizontalAdvance("0")
    for column, digits in enumerate(COLUMN_DIGITS):
        view.setColumnWidth(column, digits * unit)
    for column in (CLASS, STATUS):
        columns.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
    columns.setHighlightSections(False)
    return view


def _make_button(name: str, label: str, icon: str, tip: str) -> QToolButton:
    """Make a button that names its key."""
    button = QToolButton()
    button.setText(f"{tr(label)} ({key_of(name)})")
    icon = ICONS.get(name, icon)
    if icon:
        button.setIcon(QgsApplication.getThemeIcon(f"/{icon}"))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    button.setToolTip(f"{tr(tip)} ({key_of(name)})")
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys go on to the list and the map
    return button


def _labelled(label: str, widget: QWidget) -> QHBoxLayout:
    """Put a label in front of a widget."""
    row = QHBoxLayout()
    row.addWidget(QLabel(label))
    row.addWidget(widget, 1)
    return row
