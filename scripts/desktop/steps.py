"""Plays a story inside the QGIS desktop: waits without blocking, finds windows, saves pictures and state.

A story is a generator. Between its steps it yields what it waits for: a function that returns True, or seconds. QGIS
runs on meanwhile, and so do its modal dialogs.
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
TIMEOUT_S = 120.0  # of one wait: the machine may be busy
TICK_MS = 50
SIZE = (1280, 800)  # pixels of the window: there is no window manager to maximise it
Waiting = Union[Callable[[], bool], float]


class Story:
    """Runs a generator step by step; at its end it writes `state.json` and quits QGIS.

    Attributes:
        state: What the story observed, for a test to assert on; "error" where it failed.
    """

    def __init__(self, story: Callable[[Story], Iterator[Waiting]]) -> None:
        """Start as soon as QGIS is idle."""
        self.state: dict[str, Any] = {}
        self._steps = story(self)
        self._wanted: Waiting = 0.5
        self._since = time.monotonic()
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)
        iface.mainWindow().setGeometry(0, 0, *SIZE)

    def picture(self, name: str) -> None:
        """Save a picture of the whole screen under a file name without folder and extension."""
        QApplication.primaryScreen().grabWindow(0).save(str(FOLDER / f"{name}.png"))

    def _tick(self) -> None:
        """Continue when what is waited for has happened."""
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
        """Whether what is waited for has happened."""
        waited = time.monotonic() - self._since
        if isinstance(self._wanted, float):
            return waited >= self._wanted
        if self._wanted():
            return True
        if waited > TIMEOUT_S:
            raise TimeoutError(f"Waited {TIMEOUT_S:.0f} s in vain, at {self._position()}.")
        return False

    def _position(self) -> str:
        """Return the step that waits, as line and function."""
        steps = self._steps
        while steps.gi_yieldfrom is not None:
            steps = steps.gi_yieldfrom
        return f"line {steps.gi_frame.f_lineno} of {steps.__name__}"

    def _end(self) -> None:
        """Write the state and quit QGIS by its menu, without the question whether to save."""
        self._timer.stop()
        for widget in QApplication.topLevelWidgets():
            if widget is not iface.mainWindow() and widget.isVisible():
                widget.close()
        (FOLDER / "state.json").write_text(json.dumps(self.state, indent=1), encoding="utf-8")
        QgsProject.instance().removeAllMapLayers()
        QgsProject.instance().setDirty(False)
        iface.actionExit().trigger()


def later(action: Callable[[], object]) -> None:
    """Run an action that may open a modal dialog: the story continues while the dialog is open."""
    QTimer.singleShot(0, action)


def window(title: str) -> QWidget | None:
    """Return the visible window whose title starts so; None while there is none.

    Newer QGIS puts the group of an algorithm before its name.
    """
    for widget in QApplication.topLevelWidgets():
        name = widget.windowTitle()
        if widget.isVisible() and (name.startswith(title) or f" - {title}" in name):
            return widget
    return None


def hide_docks(*names: str) -> None:
    """Hide docks by object name, to make room on a small screen."""
    for name in names:
        dock = iface.mainWindow().findChild(QDockWidget, name)
        if dock is not None:
            dock.hide()


def is_drawn() -> bool:
    """Whether the map has finished drawing."""
    return not iface.mapCanvas().isDrawing()
