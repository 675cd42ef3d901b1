"""The scenes of a dataset's splits, as training, evaluation and the checker see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from training.data.arrays import Scene, at_resolution, check_resolution, pixel_m
from training.data.datasets.area_split import check_share, split_by_area
from training.data.datasets.registry import Dataset, find_dataset
from training.data.datasets.servers import SERVER, server_scenes
from training.errors import DatasetError, SettingsError
from uhrs_qgis_plugin.engine.raster import NEAR


@dataclass
class SceneSource:
    """Loads splits of a dataset, each once, at one pixel size where that is asked for.

    Attributes:
        dataset: Its name.
        root: Its folder.
        resolution_m: Working pixel size in metres; None keeps each image's own.
        split: Share of the training scenes that is taken for validation, by area; None: the dataset has its own.
        side: Least side of the blocks of that split in pixels.
        seed: Of that split.
        notes: What people should know, a line each; grows while splits are loaded.
    """

    dataset: str
    root: str | Path = ""
    resolution_m: float | None = None
    split: float | None = None
    side: int = 640
    seed: int = 0
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            SettingsError: One is outside its range.
            DatasetError: A dataset that has validation scenes is to be split.
        """
        self.kind: Dataset = find_dataset(self.dataset)
        self._loaded: dict[str, list[Scene]] = {}
        check_resolution(self.resolution_m)
        check_share(self.split)
        if self.split is None:
            return
        if not self.kind.splits_by_area:
            raise SettingsError(f"data.split is for your own folder; '{self.dataset}' has published splits: give null")
        if (Path(self.root) / "val").exists():
            raise DatasetError(
                f"--data.split {self.split} would take validation from the training images, but '{self.root}' has "
                "a folder 'val'; leave --data.split out, or move the images of 'val' to 'train'"
            )

    def scenes(self, split: str, problems: list[str] | None = None) -> list[Scene]:
        """The scenes of "train", "val" or "test", or the images without labels that a benchmark's server scores.

        Args:
            problems: Gets a line for each image that cannot be used, which is then left out; None raises the first.

        Raises:
            DatasetError: An image cannot be used, or none is there.
        """
        if split not in self._loaded:
            if self.split is None or split in ("test", SERVER):
                self._loaded[split] = self._load(split, problems)
            else:
                made = split_by_area(self._load("train", problems), self.split, self.side, self.seed)
                self._loaded.update(train=made.train, val=made.val)
                self.notes.append(made.message)
        return self._loaded[split]

    @property
    def loaded(self) -> dict[str, list[Scene]]:
        """What was loaded so far, by split."""
        return self._loaded

    def _load(self, split: str, problems: list[str] | None) -> list[Scene]:
        usable = self.kind.usable
        if split == SERVER:
            given = server_scenes(self.dataset, self.root)
        elif usable is None or problems is None:
            given = self.kind.load(self.root, split)
        else:
            given = usable(self.root, split, problems)
        self.notes += _told_sizes(given, split, self.resolution_m)
        scenes = []
        for scene in given:
            try:
                scenes.append(at_resolution(scene, self.resolution_m))
            except DatasetError as error:
                if problems is None:
                    raise
                problems.append(str(error))
        return scenes


def _told_sizes(scenes: Sequence[Scene], split: str, resolution_m: float | None) -> list[str]:
    """A note on pixel sizes that change, or that should."""
    sizes = [size for size in map(pixel_m, scenes) if size is not None]
    if not sizes:
        return []
    least, most = min(sizes), max(sizes)
    shown = f"{least:.3g}" if most < 1.01 * least else f"{least:.3g} to {most:.3g}"
    if resolution_m is None:
        if most <= NEAR * least:
            return []
        return [
            f"pixels of {split} images are {shown} m, and things look {most / least:.1f} times larger in some than in "
            f"others: --data.resolution_m {sorted(sizes)[len(sizes) // 2]:.2g} brings them to one size"
        ]
    if max(most / resolution_m, resolution_m / least) < 1.01:
        return []
    return [f"pixels of {split} images are {shown} m: read at {resolution_m:g} m, as the engine reads rasters"]
