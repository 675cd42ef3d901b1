"""What the benchmarks of the review loop share: places to judge, and a model that learns from the judgements.

Everything goes through the code that users run: `find_regions`, `Judgements`, `cut_samples`, `train.py`,
`export_model.py`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import numpy as np
import numpy.typing as npt

from training import export_model, train
from uhrs_qgis_plugin.engine.areas import PixelPolygon
from uhrs_qgis_plugin.engine.corrections import Judgement, Judgements
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import open_raster
from uhrs_qgis_plugin.engine.regions import RegionOptions, find_regions, trace
from uhrs_qgis_plugin.engine.samples import SampleClass, SampleOptions, SampleSources, cut_samples

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = str(ROOT / "uhrs_qgis_plugin" / "models" / "default.uhrs")
CONFIG = str(ROOT / "training" / "configs" / "folder.yaml")
CELL = 8  # pixels of a cell of the uncertainty raster
TRIES = 10_000

Cells = npt.NDArray[np.int64]  # (n, 3) row, first column, column after the last


@dataclass(frozen=True)
class Lesson:
    """How a model is taught.

    Attributes:
        model: The bundle to go on from.
        config: Configuration of `train.py`.
        crop: Side of a training crop in pixels, and of a sample.
        validation: Share of the samples for validation.
        settings: Further settings of `train.py`.
        options: Further options of `export_model.py`.
    """

    model: str = BUNDLED
    config: str = CONFIG
    crop: int = 320
    validation: float = 0.2
    settings: Mapping[str, object] = field(default_factory=dict)
    options: tuple[str, ...] = ()


def read(path: Path) -> npt.NDArray[np.uint8]:
    """The first band of a raster (h, w)."""
    with open_raster(str(path)) as reader:
        return reader.read([1], Window(0, 0, reader.info.height, reader.info.width))[0]


def uncertain_regions(
    path: Path, top: float, band: int | None = None, spread: int = 0, min_cells: int = 1
) -> list[Cells]:
    """The most uncertain regions of an uncertainty raster, or of each square of it, as runs of cells."""
    options = RegionOptions(band=band, top=top, min_cells=min_cells, limit=50_000, spread=spread)
    return [region.runs.astype(np.int64) for region in find_regions(str(path), options).regions]


def scattered_regions(regions: Sequence[Cells], grid: tuple[int, int], rng: np.random.Generator) -> list[Cells]:
    """The same regions at random places that do not overlap, the largest first."""
    taken, placed = np.zeros(grid, np.bool_), []
    for runs in sorted(regions, key=lambda item: -count_cells([item])):
        origin = np.array([runs[:, 0].min(), runs[:, 1].min(), runs[:, 1].min()])
        height, width = runs[:, 0].max() + 1 - origin[0], runs[:, 2].max() - origin[1]
        for _ in range(TRIES):
            row, col = rng.integers(0, grid[0] - height + 1), rng.integers(0, grid[1] - width + 1)
            moved = runs - origin + (row, col, col)
            if not any(taken[r, first:after].any() for r, first, after in moved):
                break
        for r, first, after in moved:
            taken[r, first:after] = True
        placed.append(moved)
    return placed


def scattered_cells(regions: Sequence[Cells], grid: tuple[int, int], rng: np.random.Generator) -> list[Cells]:
    """As many single cells at random."""
    rows, cols = np.unravel_index(rng.choice(grid[0] * grid[1], count_cells(regions), replace=False), grid)
    return [np.array([[row, col, col + 1]]) for row, col in zip(rows, cols, strict=True)]


def count_cells(regions: Sequence[Cells]) -> int:
    """Cells of regions."""
    return sum(int((runs[:, 2] - runs[:, 1]).sum()) for runs in regions)


def judge(regions: Sequence[Cells]) -> Judgements:
    """Say that the class raster is right in these regions."""
    outlines = [
        [[ring.astype(np.float64) * CELL for ring in part] for part in trace(runs.astype(np.int32))] for runs in regions
    ]
    return Judgements([Judgement(PixelPolygon.of(parts), None) for parts in outlines])


def learn(
    folder: Path, image: Path, truth: Path, classes: Sequence[SampleClass], judgements: Judgements, lesson: Lesson
) -> tuple[str, int]:
    """Cut samples, go on training, export.

    Args:
        folder: For scratch files.
        image: The raster under review.
        truth: Its true classes, at the pixels of its class raster.
        classes: Of the truth.
        judgements: That the truth is right in some places.

    Returns:
        The bundle and the judged pixels.
    """
    sources = SampleSources(str(image), str(truth), tuple(classes))
    work = Path(tempfile.mkdtemp(dir=folder))
    options = SampleOptions(side=lesson.crop, validation=lesson.validation)
    done = cut_samples(sources, judgements, str(work / "samples"), options)
    arguments = {
        "config": lesson.config,
        "model.start_from": lesson.model,
        "data.root": work / "samples",
        "data.crop": lesson.crop,
        "data.workers": 0,
        "trainer.accelerator": "cpu",
        "trainer.max_epochs": 1,
        "trainer.default_root_dir": work,
        "run": "taught",
        "trainer.callbacks": _part("callbacks.ModelCheckpoint", "save_last: true"),
        "trainer.enable_progress_bar": "false",
        "trainer.enable_model_summary": "false",
        **lesson.settings,
    }
    with mock.patch.object(sys, "argv", ["train.py"]):  # Lightning warns of other arguments than those that it got
        train.main(["fit", *(f"--{name}={value}" for name, value in arguments.items())])
    export_model.main([str(work / "taught" / "last.ckpt"), str(work / "taught.uhrs"), *lesson.options])
    return str(work / "taught.uhrs"), int(done.pixels.sum())


def rgb(text: str) -> tuple[int, int, int]:
    """A colour of six hexadecimal digits."""
    red, green, blue = bytes.fromhex(text)
    return red, green, blue


def _part(name: str, settings: str) -> str:
    """A list of one part of Lightning, as its command line takes it."""
    return f"[{{class_path: lightning.pytorch.{name}, init_args: {{{settings}}}}}]"
