"""Single-key shortcuts of the review, in the panel and on the map."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qgis.gui import QgsMapCanvas, QgsMapTool
from qgis.PyQt.QtCore import QEvent, QObject, Qt
from qgis.PyQt.QtGui import QKeyEvent

# Action -> its key; digits choose classes. Every button's tooltip names its key.
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
# A key that is held down repeats these only: it must not judge twice.
REPEATING = ("next", "previous")


class ReviewKeys(QObject):
    """Event filter that takes its keys first: QGIS has shortcuts on some of them, and lists search by typing."""

    def __init__(
        self, actions: Mapping[str, Callable[[], object]], on_digit: Callable[[int], object], parent: QObject
    ) -> None:
        """Map keys to actions.

        Args:
            actions: By name in `KEYS`.
            on_digit: Called with 0 for key 1.
            parent: Owns this object.
        """
        super().__init__(parent)
        self.enabled = True
        self._by_key = {int(key): name for name, key in KEYS.items()}
        self._actions, self._on_digit = actions, on_digit

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Claim a key from QGIS's shortcuts, then run its action."""
        kinds = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if not self.enabled or event.type() not in kinds or not self._is_ours(watched, event):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return self._run(event)

    def _is_ours(self, watched: QObject, event: QKeyEvent) -> bool:
        """Whether a key has an action here: on the map only while no editing tool is active."""
        if event.modifiers() & HELD:
            return False
        if isinstance(watched, QgsMapCanvas) and _edits(watched.mapTool()):
            return False
        return int(event.key()) in self._by_key or _digit(event) is not None

    def _run(self, event: QKeyEvent) -> bool:
        """Run the action of a key."""
        digit = _digit(event)
        if digit is not None:
            if not event.isAutoRepeat():
                self._on_digit(digit)
            return True
        name = self._by_key[int(event.key())]
        if not event.isAutoRepeat() or name in REPEATING:
            self._actions[name]()
        return True


def _digit(event: QKeyEvent) -> int | None:
    """Return 0 for key 1 ... 8 for key 9, None for others."""
    digit = int(event.key()) - int(Qt.Key.Key_1)
    return digit if 0 <= digit < DIGITS else None


def _edits(tool: QgsMapTool | None) -> bool:
    """Whether a map tool edits features: then the keys are the tool's."""
    return tool is not None and bool(tool.flags() & QgsMapTool.Flag.EditTool)
