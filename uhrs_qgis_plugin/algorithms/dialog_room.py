"""Room in Processing's dialogs: with long labels or large letters its own size hides the buttons at the right."""

from __future__ import annotations

from functools import partial

from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import QApplication, QDialog, QScrollArea, QSplitter, QWidget

LINES = 34  # height of a dialog with large letters


def make_room_later(algorithm_id: str) -> None:
    """Widen the dialog of an algorithm, which is about to open."""
    QTimer.singleShot(0, partial(_make_room_of, algorithm_id))


def _make_room_of(algorithm_id: str) -> None:
    for widget in QApplication.topLevelWidgets():
        algorithm = getattr(widget, "algorithm", None)
        if isinstance(widget, QDialog) and widget.isVisible() and callable(algorithm):
            shown = algorithm()
            if shown is not None and shown.id() == algorithm_id:
                make_room(widget)


def make_room(dialog: QWidget) -> None:
    """Widen a dialog of Processing until no field is cut off, within the screen."""
    panel = dialog.mainWidget() if hasattr(dialog, "mainWidget") else None
    areas = [] if panel is None else [area for area in panel.findChildren(QScrollArea) if area.parent() is panel]
    screen = dialog.screen() if hasattr(dialog, "screen") else None
    if not areas or areas[0].widget() is None or screen is None:
        return
    area, room = areas[0], screen.availableGeometry()
    bar = area.verticalScrollBar().sizeHint().width() + 2 * area.frameWidth()
    wanted = area.widget().minimumSizeHint().width() + bar
    missing = wanted - area.width()
    if missing <= 0:
        return
    height = max(dialog.height(), min(room.height(), LINES * dialog.fontMetrics().lineSpacing()))
    dialog.resize(min(room.width(), dialog.width() + missing), min(room.height(), height))
    place = dialog.frameGeometry()
    dialog.move(
        max(room.left(), min(place.left(), room.right() - place.width())),
        max(room.top(), min(place.top(), room.bottom() - place.height())),
    )
    for splitter in dialog.findChildren(QSplitter):
        if splitter.isAncestorOf(area) and splitter.orientation() == Qt.Orientation.Horizontal:
            first = splitter.widget(0).width() + max(0, wanted - area.width())
            splitter.setSizes([first, max(0, sum(splitter.sizes()) - first)])
