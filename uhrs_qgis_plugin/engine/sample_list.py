"""The list of a set of training samples, samples.json: read with care, because files are removed by its names."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from uhrs_qgis_plugin.engine.errors import OptionsError, OutputError

LIST_FILE = "samples.json"
SPLITS = ("train", "val")
FORMAT = 1
MOST_LIST_BYTES = 64 << 20


def read_list(root: str, append: bool) -> dict[str, Any] | None:
    """Read the list of a folder.

    Args:
        root: The folder.
        append: Whether samples may be added to those that are there.

    Returns:
        What samples.json says; None for a folder that is missing or empty.

    Raises:
        OptionsError: The folder holds something else, or holds samples and nothing shall be added.
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
    """Check what the list says of a raster: its samples are removed by these names.

    Raises:
        ValueError: A name leads elsewhere.
    """
    int(entry["number"]), str(entry["raster"])
    for sample in entry["samples"]:
        name = sample["name"]
        if sample["split"] not in SPLITS or os.path.basename(name) != name or name.startswith("."):
            raise ValueError(f"sample {name!r} of {sample['split']!r}")


def check_fits(root: str, known: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Check that samples are like those that are there.

    Args:
        root: The folder.
        known: What its list says.
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
