"""Run docs/tutorial-review.md with a real QGIS and real training, and draw its pictures.

    .venv-qgis/bin/python -m scripts.tutorial_pictures docs

All files go to build/tutorial. Prints the judgements. Needs Xvfb and both environments; takes some minutes on two
cores. The picture of a real place, before and after, is that of benchmarks/review/run.py.
"""

from __future__ import annotations

import shutil
import subprocess  # nosec B404  # our own scripts
import sys
import tempfile
from pathlib import Path

from scripts.desktop import run

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "tutorial"
PYTHON = str(ROOT / ".venv-train" / "bin" / "python")
LOOK = ["--style", "haze=0.4", "contrast=0.7", "noise=8"]
STORY_S = 3600  # timeout of a story: the machine may be busy
COLOURS = 256  # of a picture
TRAIN = [
    *("fit", "--config", str(ROOT / "training" / "configs" / "review.yaml"), "--data.root", str(WORK / "samples")),
]


def command(*words: str) -> None:
    """Run a command line of the tutorial, in a folder of its own: runs/ is made there.

    Raises:
        SystemExit: It failed.
    """
    print("$ python", " ".join(word.replace(f"{ROOT}/", "") for word in words), flush=True)
    script, *arguments = words
    done = subprocess.run([PYTHON, str(ROOT / script), *arguments], cwd=WORK, check=False)  # nosec B603  # no shell
    if done.returncode:
        raise SystemExit(done.returncode)


def make_raster() -> None:
    """The raster under review, and its truth."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    site = [str(WORK / name) for name in ("site.tif", "site_truth.tif")]
    command("training/make_raster.py", site[0], "--size", "2048", "--seed", "21", "--labels", site[1], *LOOK)


def teach() -> None:
    """Check the samples, train and export."""
    command("training/check_data.py", "--data", "folder", "--root", str(WORK / "samples"))
    command("training/train.py", *TRAIN)
    checkpoint = WORK / "runs" / "review" / "version_0" / "last.ckpt"
    command("training/export_model.py", str(checkpoint), str(WORK / "mine.uhrs"))


def play(screen: run.Desktop, story: str, pictures: Path) -> None:
    """Play a story and keep its pictures.

    Raises:
        SystemExit: It failed.
    """
    staged = str(WORK / "plugins")
    python = str(ROOT / ".venv-qgis" / "bin")
    state = screen.play(story, python, QGIS_PLUGINPATH=staged, UHRS_TUTORIAL_FOLDER=str(WORK))
    for picture in sorted(screen.folder.glob("*.png")):
        run.keep_picture(picture, pictures / picture.name, COLOURS)
    print({key: value for key, value in state.items() if key != "stderr"}, flush=True)
    if "error" in state:
        raise SystemExit(1)


def main(arguments: list[str]) -> None:
    """Run the tutorial; `arguments` is the folder for the pictures.

    Raises:
        SystemExit: Wrong usage, or a step failed.
    """
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    pictures = Path(arguments[0]).resolve()
    make_raster()
    stage = [sys.executable, str(ROOT / "scripts" / "package.py"), "stage", str(WORK / "plugins")]
    subprocess.run(stage, check=True)  # nosec B603  # no shell, our own script
    with tempfile.TemporaryDirectory() as name, run.open_desktop(Path(name), STORY_S) as screen:
        settings = screen.folder / "profile" / "profiles" / "default" / "QGIS"
        settings.mkdir(parents=True)
        (settings / "QGIS3.ini").write_text("[PythonPlugins]\nuhrs_qgis_plugin=true\n", encoding="utf-8")
        play(screen, "tutorial_review_story", pictures)
    teach()


if __name__ == "__main__":
    main(sys.argv[1:])
