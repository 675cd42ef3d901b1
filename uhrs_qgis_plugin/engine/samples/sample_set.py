"""The folder that training samples are kept in: the layout that training reads, and a list of what came from where.

    ROOT/classes.yaml
    ROOT/train/images/NAME.tif   ROOT/train/labels/NAME.tif
    ROOT/val/images/NAME.tif     ROOT/val/labels/NAME.tif
    ROOT/samples.json            the list; a folder without it is foreign and is never written to

Samples are written into a hidden folder inside and moved to their places when all are complete. Those of a raster
replace earlier samples of the same raster, so continuing a review leaves no outdated labels behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uhrs_qgis_plugin.engine.errors import OptionsError, OutputError
from uhrs_qgis_plugin.engine.files import cannot_write, hidden, unique_mark
from uhrs_qgis_plugin.engine.results import NODATA, __version__

LIST_FILE, CLASSES_FILE = "samples.json", "classes.yaml"
SPLITS, KINDS = ("train", "val"), ("images", "labels")
FORMAT = 1  # of the list
MOST_LIST_BYTES = 64 << 20
UNJUDGED = NODATA  # the label of pixels without a judgement


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
        if any(entry.value == UNJUDGED for entry in self.classes):
            raise OptionsError(
                f"The class raster has a class {UNJUDGED}, which means 'not judged' in training samples."
            )

    def yaml(self) -> str:
        """Return the content of classes.yaml; JSON is valid YAML."""
        lines = ["# Written with the samples. Class names and colours are those of the class raster.", "classes:"]
        for entry in self.classes:
            name, colour = json.dumps(entry.name, ensure_ascii=False), "{:02X}{:02X}{:02X}".format(*entry.colour)
            lines.append(f'  - {{name: {name}, colour: "{colour}", value: {entry.value}}}')
        return "\n".join([*lines, f"ignore: [{UNJUDGED}]  # nobody judged these pixels", ""])

    def facts(self) -> dict[str, Any]:
        """Return the entries of the list."""
        classes = [{"value": e.value, "name": e.name, "colour": list(e.colour)} for e in self.classes]
        return {"classes": classes, "bands": self.bands, "data_type": self.data_type}


class SampleSet:
    """A folder of samples that one raster is added to. Use as a context manager: leaving it removes what is unfinished.

    Attributes:
        number: Number of the raster in the set, from 1.
        others: Samples of other rasters in the set.
    """

    def __init__(self, root: str, content: Content, raster: str, append: bool) -> None:
        """Check the folder.

        Args:
            root: The folder; may be missing or empty.
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
        self._scratch = hidden(os.path.join(root, "samples"), unique_mark(), "part")
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
            raise cannot_write(self._root, error) from error
        return self

    def __exit__(self, *error: object) -> None:
        """Remove what is unfinished."""
        self._clean()

    def paths(self, name: str, split: str) -> tuple[str, str]:
        """Name the files of a sample that is about to be written.

        Args:
            name: Without ending, new in its split.

        Returns:
            Image and label, under their temporary names.
        """
        self._written.append((split, f"{name}.tif"))
        return self._hidden(split, KINDS[0], f"{name}.tif"), self._hidden(split, KINDS[1], f"{name}.tif")

    def publish(self, facts: Mapping[str, Any]) -> None:
        """Move all samples to their places, and remove those that they replace.

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
            if not os.path.exists(os.path.join(self._root, CLASSES_FILE)):  # another run may have added to it since
                self._show(CLASSES_FILE)
            self._show(LIST_FILE)
        except OSError as error:
            raise cannot_write(self._root, error) from error
        self._made.clear()

    def _write_text(self, name: str, text: str) -> None:
        """Write a file in the hidden folder."""
        with open(os.path.join(self._scratch, name), "w", encoding="utf-8") as file:
            file.write(text)

    def _show(self, name: str) -> None:
        """Move a file of the hidden folder to its place."""
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
        """Remove the hidden folder, and folders that stayed empty."""
        shutil.rmtree(self._scratch, ignore_errors=True)
        for folder in self._made:
            with contextlib.suppress(OSError):
                os.rmdir(folder)


def sample_names(stem: str, number: int) -> Iterator[str]:
    """Name samples.

    Args:
        stem: Name of the raster's file; letters and digits of it are kept.
        number: Number of the raster in the set.

    Yields:
        '01_site_001', '01_site_002', ...
    """
    kept = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in stem)[:40].strip("_") or "raster"
    count = 0
    while True:
        count += 1
        yield f"{number:02d}_{kept}_{count:03d}"


def read_list(root: str, append: bool) -> dict[str, Any] | None:
    """Read the list of a folder.

    Args:
        append: Whether samples may be added to those that are there.

    Returns:
        Content of samples.json; None for a folder that is missing or empty.

    Raises:
        OptionsError: The folder holds something else, or holds samples and `append` is False.
        OutputError: It cannot be read.
    """
    path = os.path.join(root, LIST_FILE)
    try:
        there = os.listdir(root)
    except FileNotFoundError:
        there = []
    except NotADirectoryError:
        raise OptionsError(f"'{root}' is a file: choose a folder for the training samples.") from None
    except OSError as error:
        raise OutputError(f"The folder '{root}' cannot be read ({error.strerror or error}): choose another.") from error
    if not there:
        return None
    if LIST_FILE not in there:
        raise OptionsError(
            f"'{root}' is not empty and no set of training samples ({LIST_FILE} is missing): choose a new or an empty "
            "folder."
        )
    if not append:
        raise OptionsError(
            f"'{root}' holds training samples already: choose to add to them (those of this raster are then "
            "replaced), or choose a new folder."
        )
    return _parse_list(path)


def _parse_list(path: str) -> dict[str, Any]:
    """Read and check samples.json.

    Raises:
        OptionsError: It is damaged.
    """
    try:
        if os.path.getsize(path) > MOST_LIST_BYTES:
            raise ValueError(f"more than {MOST_LIST_BYTES >> 20} MB")
        with open(path, encoding="utf-8") as file:
            content: dict[str, Any] = json.load(file)
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']}, known is {FORMAT}")
        for entry in content["rasters"]:
            _check_entry(entry)
        for entry in content["classes"]:
            int(entry["value"]), str(entry["name"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise OptionsError(f"'{path}' is no list of training samples ({reason}): choose a new folder.") from error
    return content


def _check_entry(entry: Mapping[str, Any]) -> None:
    """Check the entries of a raster in the list: its samples are removed by these names.

    Raises:
        ValueError: A name leads elsewhere.
    """
    int(entry["number"]), str(entry["raster"])
    for sample in entry["samples"]:
        name = sample["name"]
        if sample["split"] not in SPLITS or os.path.basename(name) != name or name.startswith("."):
            raise ValueError(f"sample {name!r} of {sample['split']!r}")


def check_fits(root: str, known: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Check that new samples fit those in the folder.

    Args:
        known: Content of its list.
        new: "classes", "bands" and "data_type" of the new ones.

    Raises:
        OptionsError: They are not.
    """
    there, wanted = (_wording(facts["classes"]) for facts in (known, new))
    if there != wanted:
        raise OptionsError(
            f"'{root}' holds samples of the classes {there}, but the class raster has {wanted}: choose a class raster "
            "of the same model, or a new folder."
        )
    if any(known.get(key) != new[key] for key in ("bands", "data_type")):
        raise OptionsError(
            f"'{root}' holds images of {known.get('bands')} bands of {known.get('data_type')}, but this raster gives "
            f"{new['bands']} of {new['data_type']}: choose BANDS that fit, or a new folder."
        )


def _wording(classes: Sequence[Mapping[str, Any]]) -> str:
    """Word classes for people: '0 water, 1 road'."""
    return ", ".join(f"{entry['value']} {entry['name']}" for entry in classes)
