"""Run scripted sessions of the QGIS desktop on a virtual screen, with the plugin from its zip in a fresh profile.

    .venv-qgis/bin/python scripts/desktop/run.py RASTER FOLDER      pictures for the docs, into FOLDER

Two stories: `install_story.py`, in a QGIS without onnxruntime; `review_story.py`, in one with it. Needs Xvfb.
Imports nothing of the repository, so that it runs as a script from anywhere.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess  # nosec B404  # starts QGIS and Xvfb, with arguments of our own
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SYSTEM_PATH = "/usr/bin:/bin"
SCRATCH = ROOT / "build" / "desktop"  # not the system's folder for temporary files: QGIS marks layers in there
PROGRAMS = ("Xvfb", "qgis")
SCREEN = "1280x800x24"
STORY_S = 600  # timeout of a story
COLOURS = 192  # of a picture: a quarter of the bytes without a visible difference
LARGEST_PICTURE = 400_000  # bytes; noisy imagery compresses badly


@dataclass(frozen=True)
class Desktop:
    """A screen and a profile.

    Attributes:
        folder: Contains profile, state and pictures.
        display: Name of the screen, such as ":5".
        timeout_s: Of one story.
    """

    folder: Path
    display: str
    timeout_s: float = STORY_S

    def play(self, story: str, python: str | None, **variables: str) -> dict[str, Any]:
        """Start QGIS, play a story, and wait until QGIS has gone.

        Args:
            story: Name of the script without extension.
            python: Folder of the Python whose packages QGIS sees; None = the system's alone.
            variables: Additional environment variables.

        Returns:
            The state that the story left; "error" where it failed.
        """
        state = self.folder / "state.json"
        state.unlink(missing_ok=True)
        environment = self._environment(python, variables)
        command = [_program("qgis"), "--nologo", "--noversioncheck", "--code", str(HERE / f"{story}.py")]
        try:
            done = subprocess.run(  # nosec B603  # no shell, our own script
                command, env=environment, capture_output=True, text=True, timeout=self.timeout_s, check=False
            )
        except subprocess.TimeoutExpired:
            return {"error": f"{story} was not done after {self.timeout_s:.0f} s."}
        if not state.exists():
            return {"error": f"QGIS ended with {done.returncode} before the story did:\n{done.stdout}{done.stderr}"}
        return {**json.loads(state.read_text(encoding="utf-8")), "exit status": done.returncode, "stderr": done.stderr}

    def _environment(self, python: str | None, variables: Mapping[str, str]) -> dict[str, str]:
        """Return an environment without anything of this machine's user.

        Of the repository QGIS sees the package `scripts` alone, by a link: the plugin is to come from its zip.
        """
        stories = self.folder / "stories"
        if not stories.exists():
            stories.mkdir()
            (stories / "scripts").symlink_to(ROOT / "scripts")
        runtime = self.folder / "run"
        runtime.mkdir(mode=0o700, exist_ok=True)
        return {
            "DISPLAY": self.display,
            "HOME": str(self.folder),
            "PATH": SYSTEM_PATH if python is None else f"{python}:{SYSTEM_PATH}",
            "PYTHONPATH": str(stories),
            "QGIS_CUSTOM_CONFIG_PATH": str(self.folder / "profile"),
            "XDG_RUNTIME_DIR": str(runtime),
            "LC_ALL": "C.UTF-8",
            "ORT_DISABLE_TELEMETRY": "1",
            "UHRS_DESKTOP_FOLDER": str(self.folder),
            **variables,
        }


def missing_programs() -> list[str]:
    """Return the programs that are not installed."""
    return [program for program in PROGRAMS if _program(program) == ""]


@contextmanager
def open_desktop(folder: Path, timeout_s: float = STORY_S) -> Iterator[Desktop]:
    """Open a virtual screen with an empty profile.

    Args:
        folder: An empty folder.
        timeout_s: Of one story.

    Yields:
        The desktop; the screen closes afterwards, the folder stays.

    Raises:
        OSError: Xvfb does not start.
    """
    reading, writing = os.pipe()
    command = [_program("Xvfb"), "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as screen:  # nosec B603  # no shell
        os.close(writing)
        try:
            with os.fdopen(reading) as stream:
                number = stream.readline().strip()
            if not number:
                raise OSError("Xvfb found no free screen.")
            yield Desktop(folder, f":{number}", timeout_s)
        finally:
            screen.terminate()


def build_zip(path: Path) -> Path:
    """Build the zip as `make package` does; returns its path."""
    command = [sys.executable, str(ROOT / "scripts" / "package.py"), "zip", str(path)]
    subprocess.run(command, check=True, capture_output=True)  # nosec B603  # no shell, our own script
    return path


def keep_picture(source: Path, target: Path, colours: int = COLOURS) -> None:
    """Copy a PNG with fewer colours.

    Raises:
        SystemExit: It stays too large for the docs.
    """
    from PIL import Image  # comes with QGIS; the tests need no pictures

    Image.open(source).convert("RGB").quantize(colours, dither=Image.Dither.NONE).save(target, optimize=True)
    if target.stat().st_size > LARGEST_PICTURE:
        raise SystemExit(f"{target} has {target.stat().st_size} bytes, allowed are {LARGEST_PICTURE}.")


def _program(name: str) -> str:
    """Return the path of a program of the system, "" when it is missing."""
    return shutil.which(name, path=f"{SYSTEM_PATH}:/usr/local/bin") or ""


def main(arguments: list[str]) -> None:
    """Draw the pictures of the docs.

    Args:
        arguments: Raster, and folder for the pictures.

    Raises:
        SystemExit: Wrong usage, or a story failed.
    """
    if len(arguments) != 2 or not Path(arguments[0]).is_file():
        raise SystemExit(__doc__)
    if missing_programs():
        raise SystemExit(f"Install first: {', '.join(missing_programs())} (apt-get install xvfb qgis).")
    raster, pictures = (Path(argument).resolve() for argument in arguments)
    pictures.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir(parents=True)
    with open_desktop(SCRATCH) as screen:
        package = build_zip(screen.folder / "plugin.zip")
        stories = (("install_story", None), ("review_story", str(Path(sys.prefix) / "bin")))
        for story, python in stories:
            variables = {"UHRS_DESKTOP_ZIP": str(package), "UHRS_DESKTOP_RASTER": str(raster)}
            state = screen.play(story, python, **variables)
            for picture in sorted(screen.folder.glob("*.png")):
                keep_picture(picture, pictures / picture.name)
                print(pictures / picture.name)
            if "error" in state:
                raise SystemExit(state["error"])


if __name__ == "__main__":
    main(sys.argv[1:])
