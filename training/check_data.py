"""Check a dataset before training on it: is it complete, and what does it contain?

    python training/check_data.py --config training/configs/deepglobe.yaml --data.root DIR
    python training/check_data.py --data folder --root DIR

Prints scenes, pixels and the share of each class for every split. Every mask is read completely, so that an undefined
value is found before hours of training. Files that cannot be used are listed, a line each, and left out of the table.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import numpy as np
import numpy.typing as npt
import yaml

from training.data.arrays import FIRST_SET, Scene, samples
from training.data.datasets import DATASETS, SceneSource, check_alike
from training.errors import DatasetError, command

_CROP = 640  # of training, where no configuration tells
_MOST_ALIKE = 0.05  # share of pixels with one number in all bands that is no accident
_KEYS = ("dataset", "root", "crop", "seed", "resolution_m", "split")  # of the data section
_PIXELS = 1 << 24  # read at a time: masks may be larger than memory


def class_pixels(scene: Scene, classes: int, sets: int = 0, images: bool = False) -> npt.NDArray[np.int64]:
    """Pixels of each class (C,) and each set of classes (S,), then the ignored ones: (C + S + 1,).

    Args:
        scene: the scene, read from its first row to its last.
        sets: how many labels stand for several classes.
        images: read the image as well; its pixels are not looked at.

    Raises:
        DatasetError: Something cannot be read, or means nothing.
    """
    counts = np.zeros(256, np.int64)
    height, width = scene.labels.shape
    rows = max(1, _PIXELS // width)
    for row in range(0, height, rows):
        counts += np.bincount(scene.labels[row : row + rows].ravel(), minlength=256)
        if images:
            _ = scene.image[:, row : row + rows]
    told = np.append(counts[:classes], counts[FIRST_SET : FIRST_SET + sets])
    return np.append(told, counts.sum() - told.sum())


def parse(args: Sequence[str] | None) -> argparse.Namespace:
    """The command line, with what it leaves out taken from the configuration.

    Raises:
        DatasetError: The configuration cannot be read, or no dataset is named.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--config", type=Path, help="a configuration of train.py: its data section tells the dataset")
    names = ", ".join(sorted(DATASETS))
    parser.add_argument("--data", "--data.dataset", dest="dataset", metavar="NAME", help=f"which dataset: {names}")
    parser.add_argument("--root", "--data.root", dest="root", metavar="DIR", help="its folder")
    parser.add_argument("--splits", nargs="+", default=["train", "val"], help="what to look at (default: train val)")
    size = "metres a pixel to which training brings all images (default: as configured)"
    parser.add_argument("--data.resolution_m", dest="resolution_m", type=float, metavar="M", help=size)
    share = "share of the labelled area that training takes for validation (default: as configured)"
    parser.add_argument("--data.split", dest="split", type=float, metavar="SHARE", help=share)
    parser.add_argument("--images", action="store_true", help="read the images whole, too: finds damaged downloads")
    options = parser.parse_args(args)
    section = _data_section(options.config) if options.config else {}
    options.dataset = options.dataset or section.get("dataset")
    options.root = options.root or section.get("root") or ""
    options.seed = int(section.get("seed", 0))
    options.crop = int(section.get("crop", 0))
    for name in ("resolution_m", "split"):
        if getattr(options, name) is None and section.get(name, "None") != "None":
            setattr(options, name, float(section[name]))
    if not options.dataset:
        raise DatasetError("No dataset is named; give --config FILE, or --data with one of " + names)
    return options


def _data_section(path: Path) -> dict[str, str]:
    """The data section of a configuration."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {key: str(content["data"][key]) for key in _KEYS if key in content["data"]}
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise DatasetError(
            f"Cannot read the data section of '{path}' ({reason}); give one of training/configs"
        ) from error


@dataclass
class Findings:
    """What a look through a dataset brings.

    Attributes:
        rows: Of the table, a split each.
        notes: Lines that say what people should know.
        problems: Lines that say what cannot be used.
        looked_at: Pairs of files, those that cannot be used included.
        sets: How many labels stand for several classes.
    """

    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    looked_at: int = 0
    sets: int = 0


@command
def main(args: Sequence[str] | None = None) -> None:
    """Check as the command line says.

    Raises:
        DatasetError: When something is wrong with the folder.
    """
    options = parse(args)
    side = options.crop or _CROP
    source = SceneSource(options.dataset, options.root, options.resolution_m, options.split, side, options.seed)
    dataset = source.kind
    names, _ = dataset.classes(options.root)
    sets = dataset.sets(options.root) if dataset.sets else []
    names = (*names, *(" or ".join(names[label] for label in labels) for labels in sets))
    found = Findings(sets=len(sets))
    loaded = {split: _load(source, split, found) for split in options.splits}
    found.notes += source.notes
    try:
        for split, scenes in loaded.items():
            look_through(split, scenes, names, options, found)
    finally:
        _show("")
    _compare(loaded, found)
    for split, scenes in loaded.items():
        published = dataset.published.get(split, len(scenes))
        if len(scenes) != published and not found.problems:
            found.notes.append(f"{split} has {len(scenes)} scenes, the published split has {published}")
    head = ["split", "scenes", "million pixels", *(f"{name}, %" for name in (*names, "ignored"))]
    table = [head, ["---"] * len(head), *found.rows]
    print("\n".join(["| " + " | ".join(row) + " |" for row in table] + [f"Note: {note}." for note in found.notes]))
    if len(found.problems) > 1:
        sys.stdout.flush()
        print("\n".join(f"check_data.py: {problem}" for problem in found.problems), file=sys.stderr)
        raise DatasetError(
            f"{len(found.problems)} problems in {found.looked_at} scenes, listed above; the table leaves out what "
            "cannot be used. Training stops at the first: correct or remove these files"
        )
    if found.problems:
        raise DatasetError(found.problems[0])


def look_through(
    split: str, scenes: list[Scene], names: Sequence[str], options: argparse.Namespace, found: Findings
) -> None:
    """Read the scenes of a split; those that cannot be read are left out of the row that it adds to the table."""
    pixels, empty, without_data, small = np.zeros(len(names) + 1, np.int64), [], 0, []
    for number, scene in enumerate(list(scenes), 1):
        _show(f"{split}: {number} of {len(scenes)}")
        try:
            counts = class_pixels(scene, len(names) - found.sets, found.sets, options.images)
            without_data += missing_pixels(scene)
        except DatasetError as error:
            found.problems.append(str(error))
            scenes.remove(scene)
            continue
        pixels += counts
        found.notes.extend((*scene.notes, *undeclared(scene)))
        empty += [scene.name] if not counts[:-1].any() else []
        small += [scene] if min(scene.labels.shape) < options.crop else []
    shares = (f"{100 * value / max(1, pixels.sum()):.1f}" for value in pixels)
    found.rows.append([split, str(len(scenes)), f"{pixels.sum() / 1e6:.1f}", *shares])
    if not scenes:
        return
    if not pixels[:-1].any():
        found.problems.append(f"The {split} split has no labelled pixel; label some, or correct 'ignore'")
    elif split == "train" and np.count_nonzero(pixels[:-1]) == 1:
        found.problems.append(
            f"All labelled pixels of train are '{names[int(pixels[:-1].argmax())]}': a network would learn to say "
            "nothing else. Label other classes too, or name the class of what lies in no polygon (vector: "
            "{background: NAME} in classes.yaml)"
        )
    elif empty:
        found.notes.append(f"{_some(empty)} of {split} have no labelled pixel: nothing is learnt from them")
    absent = [name for name, value in zip(names, pixels[:-1], strict=True) if not value]
    if absent and pixels[:-1].any():
        found.notes.append(f"{split} has no pixel of {', '.join(absent)}")
    if without_data:
        share = 100 * without_data / max(1, pixels.sum())
        found.notes.append(f"{share:.1f} % of the pixels of {split} hold no data in the image: ignored, and filled")
    if small and split == "train":
        sides = min(min(scene.labels.shape) for scene in small)
        found.notes.append(
            f"{len(small)} of {len(scenes)} scenes of {split} are smaller than a crop of {options.crop} px (the "
            f"smallest: {sides}); they are not magnified but padded, without labels: give a smaller --data.crop"
        )


def missing_pixels(scene: Scene) -> int:
    """Pixels of the image that hold no data."""
    if scene.valid is None:
        return 0
    height, width = scene.labels.shape
    rows = max(1, _PIXELS // width)
    return sum(int((~scene.valid[row : row + rows]).sum()) for row in range(0, height, rows))


def undeclared(scene: Scene) -> list[str]:
    """A note where many pixels hold one number in all bands that usually means no data, and nothing declares it."""
    try:
        pixels = samples(scene.image)
        pixels = pixels if scene.valid is None else pixels[:, samples(scene.valid)[0]]
    except DatasetError:
        return []  # a damaged image: --images looks for those
    if not pixels.size:
        return []
    limits = np.iinfo(pixels.dtype) if pixels.dtype.kind in "iu" else np.finfo(pixels.dtype)
    for number in (0, limits.min, limits.max, -9999, -10000, -32768):
        share = np.mean((pixels == number).all(0))
        if share > _MOST_ALIKE:
            return [
                f"about {100 * share:.0f} % of the pixels of {scene.name} are {number:g} in all bands; if they hold no "
                f"data, declare it (gdal_edit.py -a_nodata {number:g} FILE)"
            ]
    return []


def _load(source: SceneSource, split: str, found: Findings) -> list[Scene]:
    """The scenes of a split that can be used."""
    before = len(found.problems)
    scenes = source.scenes(split, found.problems)
    found.looked_at += len(scenes) + len(found.problems) - before
    return list(scenes)


def _compare(loaded: dict[str, list[Scene]], found: Findings) -> None:
    """Note where the splits hold images of other kinds."""
    try:
        check_alike([scenes[0] for scenes in loaded.values() if scenes])
    except DatasetError as error:
        found.problems.append(str(error))


def _some(names: list[str]) -> str:
    """A few names, and how many more there are."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _show(text: str) -> None:
    """Show the progress."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
