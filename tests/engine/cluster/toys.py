"""A workplace that squares numbers, fails, hangs and dies as a test wants it. Workers import it by this name."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from uhrs_qgis_plugin.engine.errors import OutputError

FACTS = {"onnxruntime": "1.0", "model": "m"}


@dataclass(frozen=True)
class Toy:
    """Opens a `ToyPlace`.

    Attributes:
        folder: Where it writes a file a task, and where files of these names tell it what to do.
    """

    folder: str

    def __call__(self, cores, check):
        return ToyPlace(Path(self.folder), cores, check)


class ToyPlace:
    def __init__(self, folder, cores, check):
        self.folder, self.check, self.device, self.messages = folder, check, "toy", []
        self.facts = {**FACTS, "device": "toy"}
        if first(folder / "other"):
            self.facts["onnxruntime"] = "0.9"

    def do(self, kind, content):
        self.check()
        if kind == "sleep":
            for _ in range(int(content / 0.01)):
                self.check()
                time.sleep(0.01)
        if first(self.folder / "die"):
            os.kill(os.getpid(), signal.SIGKILL)
        if first(self.folder / "hang"):
            time.sleep(60)
        if (self.folder / "fail").exists() or first(self.folder / "fail-once"):
            raise OutputError("The disk is full.")
        (self.folder / f"{kind}-{content}").touch()
        return content**2

    def close(self):
        pass


def first(path):
    """Whether a file is there, for the first who asks."""
    try:
        path.unlink()
    except OSError:
        return False
    return True
