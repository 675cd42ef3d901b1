"""The folder that training samples are kept in: the layout that training reads, and a list of what came from where.

    ROOT/classes.yaml
    ROOT/train/images/NAME.tif   ROOT/train/labels/NAME.tif
    ROOT/val/images/NAME.tif     ROOT/val/labels/NAME.tif
    ROOT/samples.json            the list; a folder without it is not ours and is never written into

Samples are written into a hidden folder inside and get their places when all are complete. Those of a raster replace
what the set held of the same raster before: going on with a review does not leave older labels behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from uhrs_qgis_plugin.engine import __version__
from uhrs_qgis_plugin.engine.errors import OptionsError, OutputError
from uhrs_qgis_plugin.engine.sample_list import FORMAT, LIST_FILE, SPLITS, check_fits, read_list

CLASSES_FILE = "classes.yaml"
KINDS = ("images", "labels")
IGNORE = 255  # the label of pixels that nobody judged


@dataclass(frozen=True)
class SampleClass:
    """A class of the samples.

    Attributes:
        value: Its number in the labels.
        name: Its name.
        colour: Red, green, blue.
    """

    value: int
    name: str
    colour: tuple[int, int, int]


@dataclass(frozen=True)
class Content:
    """What all samples of a set have in common.

    Attributes:
        classes: In the order of the labels that training makes of them.
        bands: Bands of the images.
        data_type: numpy name of their numbers.
    """

    classes: tuple[SampleClass, ...]
    bands: int
    data_type: str

    def __post_init__(self) -> None:
        """Check the classes as training would.

        Raises:
            OptionsError: Training would refuse them.
        """
        names = [entry.name for entry in self.classes]
        if not 2 <= len(names) <= 250 or len(set(names)) != len(names):
            raise OptionsError(
                f"The class raster names the classes {names}: training needs 2 to 250 with different names."
            )
        if any(entry.value == IGNORE for entry in self.classes):
            raise OptionsError(f"The class raster has a class {IGNORE}, which means 'not judged' in training samples.")

    def yaml(self) -> str:
        """Return what classes.yaml says; a JSON text is a YAML text too."""
        lines = ["# Written with the samples. Class names and colours are those of the class raster.", "classes:"]
        for entry in self.classes:
            name, colour = json.dumps(entry.name, ensure_ascii=False), "{:02X}{:02X}{:02X}".format(*entry.colour)
            lines.append(f'  - {{name: {name}, colour: "{colour}", value: {entry.value}}}')
        return "\n".join([*lines, f"ignore: [{IGNORE}]  # nobody judged these pixels", ""])

    def facts(self) -> dict[str, Any]:
        """Return what the list keeps."""
        classes = [{"value": e.value, "name": e.name, "colour": list(e.colour)} for e in self.classes]
        return {"classes": classes, "bands": self.bands, "data_type": self.data_type}


class SampleSet:
    """A folder of samples that one raster is added to. Use as a context manager: leaving it removes what is unfinished.

    Attributes:
        number: Of the raster in the set, from 1.
        others: Samples of other rasters in the set.
    """

    def __init__(self, root: str, content: Content, raster: str, append: bool) -> None:
        """Check the folder.

        Args:
            root: The folder; may be missing or empty.
            content: What the samples are.
            raster: Which raster they are cut from.
            append: Whether samples may be added to those that are there.

        Raises:
            OptionsError: The folder holds something else, or samples that these do not fit.
            OutputError: It cannot be read.
        """
        self._root, self._content, self._raster = root, content, raster
        self._list = read_list(root, append)
        if self._list is not None:
            check_fits(root, self._list, content.facts())
        entries: list[dict[str, Any]] = [] if self._list is None else self._list["rasters"]
        same = [entry for entry in entries if entry["raster"] == raster]
        self._old = same[0] if same else None
        self._entries = entries
        self.number = int(self._old["number"]) if self._old else 1 + max([0, *(int(e["number"]) for e in entries)])
        self.others = sum(len(entry["samples"]) for entry in entries if entry is not self._old)
        self._made: list[str] = []
        self._scratch = os.path.join(root, f".{os.getpid()}.part")
        self._written: list[tuple[str, str]] = []

    def __enter__(self) -> SampleSet:
        """Make the hidden folder.

        Raises:
            OutputError: It cannot be made.
        """
        try:
            folder = os.path.abspath(self._root)
            while not os.path.isdir(folder):
                self._made.append(folder)
                folder = os.path.dirname(folder)
            os.makedirs(self._scratch)
        except OSError as error:
            self._clean()
            raise _cannot_write(self._root, error) from error
        return self

    def __exit__(self, *error: object) -> None:
        """Remove what is unfinished."""
        self._clean()

    def paths(self, name: str, split: str) -> tuple[str, str]:
        """Name the files of a sample that is about to be written.

        Args:
            name: Without ending, new in its split.
            split: "train" or "val".

        Returns:
            Image and label, under their temporary names.
        """
        self._written.append((split, f"{name}.tif"))
        return self._hidden(split, KINDS[0], f"{name}.tif"), self._hidden(split, KINDS[1], f"{name}.tif")

    def publish(self, facts: Mapping[str, Any]) -> None:
        """Give all samples their places, and take those away that they replace.

        Args:
            facts: What the list keeps about the raster: "samples" with the "name" and "split" of each, and more.

        Raises:
            OutputError: A file cannot be moved.
        """
        entry = {"number": self.number, "raster": self._raster, **facts}
        entries = [entry if old is self._old else old for old in self._entries]
        entries += [] if self._old else [entry]
        content = {"format": FORMAT, "software": f"UHRS {__version__}", **self._content.facts(), "rasters": entries}
        try:
            for split, kind in ((split, kind) for split in SPLITS for kind in KINDS):
                os.makedirs(os.path.join(self._root, split, kind), exist_ok=True)
            self._write_text(LIST_FILE, json.dumps(content, indent=1, ensure_ascii=False))
            self._write_text(CLASSES_FILE, self._content.yaml())
            self._remove_old()
            for split, name in self._written:
                for kind in KINDS:
                    os.replace(self._hidden(split, kind, name), os.path.join(self._root, split, kind, name))
            if not os.path.exists(os.path.join(self._root, CLASSES_FILE)):  # somebody may have added to it since
                self._show(CLASSES_FILE)
            self._show(LIST_FILE)
        except OSError as error:
            raise _cannot_write(self._root, error) from error
        self._made.clear()

    def _write_text(self, name: str, text: str) -> None:
        """Write a file in the hidden folder."""
        with open(os.path.join(self._scratch, name), "w", encoding="utf-8") as file:
            file.write(text)

    def _show(self, name: str) -> None:
        """Give a file of the hidden folder its place."""
        os.replace(os.path.join(self._scratch, name), os.path.join(self._root, name))

    def _hidden(self, split: str, kind: str, name: str) -> str:
        """Name a file in the hidden folder."""
        return os.path.join(self._scratch, f"{split}-{kind}-{name}")

    def _remove_old(self) -> None:
        """Remove the samples that this raster had before."""
        for sample in [] if self._old is None else self._old["samples"]:
            for kind in KINDS:
                with contextlib.suppress(FileNotFoundError):
                    os.remove(os.path.join(self._root, sample["split"], kind, f"{sample['name']}.tif"))

    def _clean(self) -> None:
        """Remove the hidden folder, and folders that were made for nothing."""
        shutil.rmtree(self._scratch, ignore_errors=True)
        for folder in self._made:
            with contextlib.suppress(OSError):
                os.rmdir(folder)


def _cannot_write(root: str, error: OSError) -> OutputError:
    """Word a folder that cannot be written."""
    return OutputError(
        f"Training samples cannot be written into '{root}' ({error.strerror or error}): free disk space, or choose a "
        "folder that you may write to."
    )


def sample_names(stem: str, number: int) -> Iterator[str]:
    """Name samples.

    Args:
        stem: Name of the raster's file; letters and digits of it are kept.
        number: Of the raster in the set.

    Yields:
        '01_site_001', '01_site_002', ...
    """
    kept = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in stem)[:40].strip("_") or "raster"
    count = 0
    while True:
        count += 1
        yield f"{number:02d}_{kept}_{count:03d}"
