"""Run docs/tutorial-review.md with a real QGIS and real training, and draw its pictures.

    .venv-qgis/bin/python -m scripts.tutorial_pictures docs

All files go to build/tutorial. Prints the judgements, and the accuracy of both models on a raster of the same look that
nobody has reviewed. Needs Xvfb and both environments; takes about five minutes on two cores.
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
    *("fit", "--config", str(ROOT / "training" / "configs" / "folder.yaml"), "--data.root", str(WORK / "samples")),
    *("--trainer.max_epochs", "2", "--data.steps", "50", "--data.crop", "384", "--data.balance", "1"),
    *("--model.warmup", "10"),
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


def make_rasters() -> None:
    """The raster under review, and one to measure on, in the layout of `evaluate.py --data folder`."""
    shutil.rmtree(WORK, ignore_errors=True)
    for kind in ("images", "labels"):
        (WORK / "check" / "test" / kind).mkdir(parents=True)
    site, check = [str(WORK / name) for name in ("site.tif", "site_truth.tif")], WORK / "check" / "test"
    command("training/make_raster.py", site[0], "--size", "2048", "--seed", "21", "--labels", site[1], *LOOK)
    unseen = [str(check / kind / "unseen.tif") for kind in ("images", "labels")]
    command("training/make_raster.py", unseen[0], "--size", "1536", "--seed", "22", "--labels", unseen[1], *LOOK)


def teach() -> None:
    """Train, export, and measure both models."""
    command("training/check_data.py", "--data", "folder", "--root", str(WORK / "samples"))
    command("training/train.py", *TRAIN)
    command(
        "training/export_model.py",
        str(WORK / "runs" / "folder" / "version_0" / "last.ckpt"),
        str(WORK / "mine.uhrs"),
        "--name",
        "mine",
    )
    shutil.copy(WORK / "samples" / "classes.yaml", WORK / "check")
    for bundle in (str(ROOT / "uhrs_qgis_plugin" / "models" / "default.uhrs"), str(WORK / "mine.uhrs")):
        out = str(WORK / f"evaluation_{Path(bundle).stem}")
        measured = ("--data", "folder", "--root", str(WORK / "check"), "--ratios", "0.5", "1.0", "--out", out)
        command("training/evaluate.py", "--bundle", bundle, *measured)


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
    make_rasters()
    stage = [sys.executable, str(ROOT / "scripts" / "package.py"), "stage", str(WORK / "plugins")]
    subprocess.run(stage, check=True)  # nosec B603  # no shell, our own script
    with tempfile.TemporaryDirectory() as name, run.open_desktop(Path(name), STORY_S) as screen:
        settings = screen.folder / "profile" / "profiles" / "default" / "QGIS"
        settings.mkdir(parents=True)
        (settings / "QGIS3.ini").write_text("[PythonPlugins]\nuhrs_qgis_plugin=true\n", encoding="utf-8")
        play(screen, "tutorial_review_story", pictures)
        teach()
        play(screen, "tutorial_again_story", pictures)


if __name__ == "__main__":
    main(sys.argv[1:])
