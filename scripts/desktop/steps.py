"""What the stories share, inside the QGIS desktop: wait without blocking, look at the window, keep pictures and state.

A story is a generator. Between its steps it yields what it waits for: a function that answers True, or seconds. QGIS
goes on meanwhile, and so do its modal dialogs.
"""

from __future__ import annotations

import json
import os
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Union

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication, QDockWidget, QWidget
from qgis.utils import iface

FOLDER = Path(os.environ["UHRS_DESKTOP_FOLDER"])  # state and pictures go here
PATIENCE_S = 120.0  # of one wait: the machine may be busy
TICK_MS = 50
SIZE = (1280, 800)  # pixels of the window: there is no window manager that would fill the screen with it
Waiting = Union[Callable[[], bool], float]


class Story:
    """Plays a generator, step by step; at its end the state is in `state.json`, and QGIS is left.

    Attributes:
        state: What the story found out, for a test to assert on; "error" where it failed.
    """

    def __init__(self, tell: Callable[[Story], Iterator[Waiting]]) -> None:
        """Start when QGIS has nothing else to do.

        Args:
            tell: The story.
        """
        self.state: dict[str, Any] = {}
        self._steps = tell(self)
        self._wanted: Waiting = 0.5
        self._since = time.monotonic()
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)
        iface.mainWindow().setGeometry(0, 0, *SIZE)

    def picture(self, name: str) -> None:
        """Keep a picture of the whole screen.

        Args:
            name: Of the file, without folder and extension.
        """
        QApplication.primaryScreen().grabWindow(0).save(str(FOLDER / f"{name}.png"))

    def _tick(self) -> None:
        """Go on when what is waited for has happened."""
        try:
            if self._is_fulfilled():
                self._wanted = next(self._steps)
                self._since = time.monotonic()
        except StopIteration:
            self._end()
        except Exception:
            self.state["error"] = traceback.format_exc()
            self.picture("error")
            self._end()

    def _is_fulfilled(self) -> bool:
        """Ask what is waited for."""
        waited = time.monotonic() - self._since
        if isinstance(self._wanted, float):
            return waited >= self._wanted
        if self._wanted():
            return True
        if waited > PATIENCE_S:
            raise TimeoutError(f"Waited {PATIENCE_S:.0f} s in vain, at {self._place()}.")
        return False

    def _place(self) -> str:
        """Name the step that waits."""
        steps = self._steps
        while steps.gi_yieldfrom is not None:
            steps = steps.gi_yieldfrom
        return f"line {steps.gi_frame.f_lineno} of {steps.__name__}"

    def _end(self) -> None:
        """Write the state down and leave QGIS as a person does, without the question whether to save."""
        self._timer.stop()
        for widget in QApplication.topLevelWidgets():
            if widget is not iface.mainWindow() and widget.isVisible():
                widget.close()
        (FOLDER / "state.json").write_text(json.dumps(self.state, indent=1), encoding="utf-8")
        QgsProject.instance().removeAllMapLayers()
        QgsProject.instance().setDirty(False)
        iface.actionExit().trigger()


def later(action: Callable[[], object]) -> None:
    """Do something that may open a modal dialog: the story goes on while the dialog is open.

    Args:
        action: What to do.
    """
    QTimer.singleShot(0, action)


def window(title: str) -> QWidget | None:
    """Find a window that is visible.

    Args:
        title: Its title or the beginning of it; newer QGIS puts the group of an algorithm before its name.

    Returns:
        The window, None while there is none.
    """
    for widget in QApplication.topLevelWidgets():
        name = widget.windowTitle()
        if widget.isVisible() and (name.startswith(title) or f" - {title}" in name):
            return widget
    return None


def hide_docks(*names: str) -> None:
    """Make room on a small screen.

    Args:
        names: Object names of docks.
    """
    for name in names:
        dock = iface.mainWindow().findChild(QDockWidget, name)
        if dock is not None:
            dock.hide()


def is_drawn() -> bool:
    """Whether the map has finished drawing."""
    return not iface.mapCanvas().isDrawing()
