"""Measure seams: label changes across scene, block and patch borders against those beside them.

    .venv-train/bin/python benchmarks/seams/seams.py --raster site.tif [--model mine.uhrs] [--ratio 0 0.5 1]

Runs the engine with scenes small enough that there are several, and notes which patches got the high stream. A ratio of
1 means no seam; intervals are 95 %, from a bootstrap over pieces of borders. The raster must have no nodata.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run from anywhere: the repository root, not this folder, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[2])

import numpy as np
from numpy.typing import NDArray

from benchmarks.intercept import PatchFinder, intercepted
from benchmarks.seams.borders import Ratio, Reference, border_ratio, count_units, ratio_of
from uhrs_qgis_plugin.engine.bundle import Bundle, read_bundle
from uhrs_qgis_plugin.engine.grid import CELL8, CELL32, Canvas, Window, fit_side, scenes
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.raster import open_raster
from uhrs_qgis_plugin.engine.segmentation import Options, segment

__all__ = ["Ratio", "border_ratio", "kind_ratios", "main", "scene_ratio"]

MODEL = Path(__file__).resolve().parents[2] / "uhrs_qgis_plugin/models/default.uhrs"
RATIOS = (0.0, 0.25, 0.5, 1.0)
# What patch borders are compared with: pixels between lines, and pixel pairs per line. The low stream's cells of 32
# show in its map without any patch, so that only other multiples of 32 are lines of the same kind as those of 128.
LINES = ((CELL8, 1), (CELL32, 1), (CELL32, CELL8 - 1))


@dataclass(frozen=True)
class Run:
    """What the engine made of a raster.

    Attributes:
        labels: (H, W) uint8.
        selected: (patch rows, patch cols) bool, which patches got the high stream.
        canvas: The canvas.
        ambiguous: Selected patches whose place is not certain, because others look the same.
    """

    labels: NDArray[np.uint8]
    selected: NDArray[np.bool_]
    canvas: Canvas
    ambiguous: int


def read_image(raster: str, bands: int) -> NDArray[Any]:
    """Read the first bands of a whole raster: (B, H, W)."""
    with open_raster(raster) as reader:
        window = Window(0, 0, reader.info.height, reader.info.width)
        return reader.read(list(range(1, bands + 1)), window)


def run_engine(raster: str, model: Bundle, options: Options, image: NDArray[Any]) -> Run:
    """Segment a raster and note which patches went through the high stream.

    Args:
        raster: Path, without nodata.
        model: The model.
        options: How to segment.
        image: (B, H, W) pixels of the raster.

    Returns:
        Labels and selection.
    """
    canvas = Canvas(image.shape[1], image.shape[2], model.patch_side)
    finder = PatchFinder(image, model.patch_side, canvas.unit)
    selected = np.zeros(canvas.patch_shape, np.bool_)

    def note(high: Any, patches: NDArray[Any]) -> Any:
        for patch in patches:
            selected[finder.find(patch)] = True
        return high(patches)

    with tempfile.TemporaryDirectory() as folder, intercepted(model, options.device, high=note):
        path = str(Path(folder) / "classes.tif")
        report = segment(raster, model, Outputs(path), options)
        with open_raster(path) as reader:
            labels = reader.read([1], Window(0, 0, reader.info.height, reader.info.width))[0]
    if int(selected.sum()) != report.selected_patches:
        raise RuntimeError(f"{int(selected.sum())} patches were seen, {report.selected_patches} reported.")
    return Run(labels, selected, canvas, finder.ambiguous)


def scene_ratio(labels: NDArray[np.uint8], canvas: Canvas, side: int, overlap: int) -> Ratio:
    """Compare the lines where scenes begin and end with other lines of the same place on the patch grid.

    Args:
        labels: (H, W).
        canvas: The canvas.
        side: Scene side as given to the engine, rounded.
        overlap: Scene overlap.

    Returns:
        The ratio; NaN where there is one scene.
    """
    windows = [window for window, _ in scenes(canvas, side, overlap)]
    patch = canvas.patch_side
    reference = Reference(patch, 4 * patch, patch)
    units = []
    for picture, ends, length in (
        (labels, {end for w in windows for end in (w.col, w.col_end)}, canvas.width),
        (labels.T, {end for w in windows for end in (w.row, w.row_end)}, canvas.height),
    ):
        units.append(count_units(picture, sorted(ends - {0, length}), reference).reshape(-1, 4))
    return ratio_of(np.concatenate(units))


def kind_ratios(
    labels: NDArray[np.uint8], selected: NDArray[np.bool_], side: int, step: int, width: int = 1
) -> dict[str, Ratio]:
    """Compare patch borders with lines inside the two patches that meet, by kind of border.

    Args:
        labels: (H, W).
        selected: (patch rows, patch cols) bool.
        side: Side of a patch.
        step: Pixels between the reference lines.
        width: Pixel pairs per line, odd.

    Returns:
        "all", "both selected", "one selected" and "none selected" -> ratio.
    """
    reference = Reference(step, side // 2, side, width)
    counts, chosen = [], []
    for picture, flags in ((labels, selected), (labels.T, selected.T)):
        units = count_units(picture, range(0, picture.shape[1], side), reference)
        number = flags[:, 1:].astype(int) + flags[:, :-1]
        lines, pieces = units.shape[0] - 1, units.shape[1]
        counts.append(units[1:].reshape(-1, 4))
        chosen.append(number.T[:lines, :pieces].ravel())
    units, number = np.concatenate(counts), np.concatenate(chosen)
    ratios = {"all": ratio_of(units)}
    for name, value in (("both selected", 2), ("one selected", 1), ("none selected", 0)):
        ratios[name] = ratio_of(units[number == value])
    return ratios


def measure(run: Run, options: Options) -> dict[str, Ratio]:
    """All ratios of one run.

    Args:
        run: What the engine made.
        options: How it did.

    Returns:
        What is compared -> ratio.
    """
    side = run.canvas.patch_side
    scene, block = (fit_side(asked, side) for asked in (options.scene_side, options.block_side))
    overlap = min(options.scene_overlap, scene - CELL32)
    rows = {
        "scene ends": scene_ratio(run.labels, run.canvas, scene, overlap),
        "block borders": border_ratio(run.labels, block, side) if block > side else Ratio(*[math.nan] * 5, 0),
    }
    for step, width in LINES:
        for name, ratio in kind_ratios(run.labels, run.selected, side, step, width).items():
            rows[f"patch borders, {name}; lines of {step}, {width} px wide"] = ratio
    return rows


def table(columns: dict[float, dict[str, Ratio]]) -> str:
    """Draw a Markdown table.

    Args:
        columns: K -> what is compared -> ratio.

    Returns:
        The table, one row per comparison.
    """
    lines = [
        "| borders | " + " | ".join(f"K = {ratio:g}" for ratio in columns) + " |",
        "|---" * (1 + len(columns)) + "|",
    ]
    for name in next(iter(columns.values())):
        lines.append(f"| {name} | " + " | ".join(str(rows[name]) for rows in columns.values()) + " |")
    return "\n".join(lines)


def describe(raster: str, model: Bundle, options: Options, ambiguous: int) -> str:
    """Say what the table holds."""
    note = f" The places of {ambiguous} patches are not certain." if ambiguous else ""
    return (
        "How often labels change across a border, divided by how often they change across reference lines beside it "
        f"(1 = no seam), with 95 % bootstrap intervals. Raster: {Path(raster).name}; model {model.name} "
        f"({model.sha256[:12]}); scenes of at most {options.scene_side} px with an overlap of "
        f"{options.scene_overlap}, blocks of {options.block_side}, patches of {model.patch_side}.\n\n"
        "Reference lines of scene ends and block borders lie a few patches away. Those of patch borders are other "
        f"multiples of {CELL8} or {CELL32} in the nearer halves of the two patches. At K = 0 no patch is refined: "
        f"deviations from 1 there come from the grid of the low stream.{note}"
    )


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--raster", required=True, help="raster without nodata")
    parser.add_argument("--model", default=str(MODEL), help="bundle (default: the one that comes with the plugin)")
    parser.add_argument("--ratio", type=float, nargs="+", default=list(RATIOS), metavar="K", help="K to try")
    parser.add_argument("--scene-side", type=int, default=2048, help="pixels (default: 2048, for several scenes)")
    parser.add_argument("--block-side", type=int, default=1024, help="pixels (default: 1024, for many blocks)")
    parser.add_argument("--device", default="auto", help="as for the engine")
    parser.add_argument("--out", type=Path, help="folder for seams.json and seams.md")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the engine and print the table; 0 = done."""
    args = parse(arguments)
    model = read_bundle(args.model)
    image = read_image(args.raster, len(model.bands))
    columns: dict[float, dict[str, Ratio]] = {}
    ambiguous = 0
    for ratio in args.ratio:
        options = Options(ratio=ratio, scene_side=args.scene_side, block_side=args.block_side, device=args.device)
        print(f"K = {ratio:g} ...", file=sys.stderr, flush=True)
        run = run_engine(args.raster, model, options, image)
        columns[ratio] = measure(run, options)
        ambiguous = max(ambiguous, run.ambiguous)
    text = f"{describe(args.raster, model, options, ambiguous)}\n\n{table(columns)}"
    print(text)
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "seams.md").write_text(text + "\n", encoding="utf-8")
        numbers = {f"{k:g}": {name: asdict(ratio) for name, ratio in rows.items()} for k, rows in columns.items()}
        (args.out / "seams.json").write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
