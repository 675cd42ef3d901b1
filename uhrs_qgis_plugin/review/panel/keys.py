"""Single keys for the review, in the panel and on the map alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qgis.gui import QgsMapCanvas, QgsMapTool
from qgis.PyQt.QtCore import QEvent, QObject, Qt
from qgis.PyQt.QtGui import QKeyEvent

# Key -> what it does; digits choose classes. Every button's tooltip names its key.
KEYS = {
    "next": Qt.Key.Key_N,
    "previous": Qt.Key.Key_P,
    "right": Qt.Key.Key_R,
    "unsure": Qt.Key.Key_S,
    "wrong": Qt.Key.Key_W,
    "undo": Qt.Key.Key_Z,
    "find": Qt.Key.Key_F,
    "draw": Qt.Key.Key_D,
    "paint": Qt.Key.Key_B,
    "image": Qt.Key.Key_I,
    "classes": Qt.Key.Key_C,
    "uncertainty": Qt.Key.Key_U,
}
DIGITS = 9  # keys 1 to 9
HELD = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
    | Qt.KeyboardModifier.ShiftModifier
)
# Not judged twice by a key that is held down; going through the list that way is wanted.
REPEATING = ("next", "previous")


class ReviewKeys(QObject):
    """Takes keys before anything else does: QGIS has shortcuts on some of them, and lists search by typing."""

    def __init__(
        self, actions: Mapping[str, Callable[[], object]], pick: Callable[[int], object], parent: QObject
    ) -> None:
        """Take over what keys do.

        Args:
            actions: What each of `KEYS` does.
            pick: What a digit does; gets 0 for key 1.
            parent: Owns this object.
        """
        super().__init__(parent)
        self.enabled = True
        self._by_key = {int(key): name for name, key in KEYS.items()}
        self._actions, self._pick = actions, pick

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Claim a key from QGIS's shortcuts, then do what it stands for."""
        kinds = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if not self.enabled or event.type() not in kinds or not self._is_ours(watched, event):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return self._do(event)

    def _is_ours(self, watched: QObject, event: QKeyEvent) -> bool:
        """Whether a key stands for something here: on the map only while nobody edits another layer with it."""
        if event.modifiers() & HELD:
            return False
        if isinstance(watched, QgsMapCanvas) and _edits(watched.mapTool()):
            return False
        return int(event.key()) in self._by_key or _digit(event) is not None

    def _do(self, event: QKeyEvent) -> bool:
        """Do what a key stands for."""
        digit = _digit(event)
        if digit is not None:
            if not event.isAutoRepeat():
                self._pick(digit)
            return True
        name = self._by_key[int(event.key())]
        if not event.isAutoRepeat() or name in REPEATING:
            self._actions[name]()
        return True


def _digit(event: QKeyEvent) -> int | None:
    """Return 0 for key 1 ... 8 for key 9, None for others."""
    place = int(event.key()) - int(Qt.Key.Key_1)
    return place if 0 <= place < DIGITS else None


def _edits(tool: QgsMapTool | None) -> bool:
    """Whether a map tool changes features: its keys are its own."""
    return tool is not None and bool(tool.flags() & QgsMapTool.Flag.EditTool)
