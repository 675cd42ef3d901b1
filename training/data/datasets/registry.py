"""Every dataset by its name, as training, evaluation and the checker use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.data.arrays import Scene
from training.data.datasets import cityscapes, crag, deepglobe, dubai, folder, generated, inria, isic, urur
from training.data.datasets.alike import statistics
from training.errors import DatasetError

Classes = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Dataset:
    """A kind of dataset.

    Attributes:
        load: root and split -> scenes, their pixels still on disk where they are large.
        classes: root -> names and colours (RRGGBB) of the classes.
        measure: training scenes -> properties of the input for the network; None: three bands like photographs.
        usable: root, split and a list -> the scenes that can be used; the list gets a line for each of the others.
            None: `load` raises the first error.
        splits_by_area: whether `SceneSource.split` may take validation from the training scenes.
        sets: root -> the labels of the classes that FIRST_SET, FIRST_SET + 1, ... stand for; None: there are none.
        published: number of scenes per split, where the files do not show that one is missing.
    """

    load: Callable[[str | Path, str], list[Scene]]
    classes: Callable[[str | Path], Classes]
    measure: Callable[[list[Scene]], dict[str, Any]] | None = None
    usable: Callable[[str | Path, str, list[str]], list[Scene]] | None = None
    splits_by_area: bool = False
    sets: Callable[[str | Path], list[list[int]]] | None = None
    published: Mapping[str, int] = field(default_factory=dict)


def _fixed(names: tuple[str, ...], colours: tuple[str, ...]) -> Callable[[str | Path], Classes]:
    """Classes that do not depend on the folder."""
    return lambda root: (names, colours)


def _folder_classes(root: str | Path) -> Classes:
    classes = folder.read_classes(root)
    return classes.names, classes.colours


def _folder_sets(root: str | Path) -> list[list[int]]:
    return [list(labels) for labels in folder.read_classes(root).sets.values()]


DATASETS = {
    "cityscapes": Dataset(
        cityscapes.load, _fixed(cityscapes.CLASSES, cityscapes.COLOURS), published=cityscapes.PUBLISHED
    ),
    "crag": Dataset(crag.load, _fixed(crag.CLASSES, crag.COLOURS), published=crag.PUBLISHED),
    "deepglobe": Dataset(deepglobe.load, _fixed(deepglobe.CLASSES, deepglobe.COLOURS)),
    "dubai": Dataset(dubai.load, _fixed(dubai.CLASSES, dubai.COLOURS)),
    "folder": Dataset(
        folder.load, _folder_classes, statistics, usable=folder.load, splits_by_area=True, sets=_folder_sets
    ),
    "generated": Dataset(generated.load, _fixed(generated.CLASSES, generated.COLOURS)),
    "inria": Dataset(inria.load, _fixed(inria.CLASSES, inria.COLOURS)),
    "isic": Dataset(isic.load, _fixed(isic.CLASSES, isic.COLOURS)),
    "urur": Dataset(urur.load, _fixed(urur.CLASSES, urur.COLOURS), published=urur.PUBLISHED),
}


def find_dataset(name: str) -> Dataset:
    """A dataset by its name.

    Raises:
        DatasetError: There is no such dataset.
    """
    if name not in DATASETS:
        raise DatasetError(f"Unknown dataset '{name}'; there are {', '.join(sorted(DATASETS))}")
    return DATASETS[name]
