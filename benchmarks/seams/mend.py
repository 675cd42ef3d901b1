"""Try what would mend patch seams: halos, larger patches, other padding; the engine does the rest unchanged.

    .venv-train/bin/python benchmarks/seams/mend.py --raster site.tif [--dubai FOLDER] [--ratio 0.5 1]

Zeros that convolutions see beyond a patch's edge are the cause of patch seams, if any. Every variant's high features
are computed beforehand over the whole raster and handed to the engine instead of its own; squares of 1024 with a halo
of 128 stand for a high stream without patches. The raster must have no nodata, and onnx is needed (.venv-train).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run from anywhere: the repository root, not this folder, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[2])

import numpy as np
from numpy.typing import NDArray

from benchmarks.intercept import PatchFinder, intercepted
from benchmarks.seams.borders import NODATA
from benchmarks.seams.padding import Variant, feature_map, high_session
from benchmarks.seams.seams import MODEL, kind_ratios, read_image
from uhrs_qgis_plugin.engine.bundle import Bundle, read_bundle
from uhrs_qgis_plugin.engine.grid import CELL8, CELL32, Canvas, Window
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.raster import open_raster
from uhrs_qgis_plugin.engine.segmentation import Options, segment

SEAMLESS = Variant(1024, 128)
VARIANTS = (
    SEAMLESS,
    Variant(128),
    Variant(128, 16),
    Variant(128, 32),
    Variant(128, 64),
    Variant(256),
    Variant(512),
    Variant(512, 32),
    Variant(128, padding="edge"),
)
RING = 16  # pixels beside patch borders whose labels are looked at on their own


def segment_with(
    features: NDArray[np.float32], raster: str, model: Bundle, ratio: float, finder: PatchFinder
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Run the engine with high features that were computed beforehand.

    Args:
        features: (F, rows, cols) on cells of 8 pixels, of the whole canvas.
        raster: Path.
        model: The model.
        ratio: K.
        finder: Knows where patches are.

    Returns:
        labels (H, W); and (patch rows, patch cols) bool, which patches got them.
    """
    cells = model.patch_side // CELL8
    selected = np.zeros(finder.shape, np.bool_)

    def look_up(high: Any, patches: NDArray[Any]) -> NDArray[np.float32]:
        places = [finder.find(patch) for patch in patches]
        for place in places:
            selected[place] = True
        return np.stack([features[:, r * cells : (r + 1) * cells, c * cells : (c + 1) * cells] for r, c in places])

    with tempfile.TemporaryDirectory() as folder, intercepted(model, "cpu", high=look_up):
        path = str(Path(folder) / "classes.tif")
        segment(raster, model, Outputs(path), Options(ratio=ratio, device="cpu"))
        with open_raster(path) as reader:
            labels = reader.read([1], Window(0, 0, reader.info.height, reader.info.width))[0]
    return labels, selected


def mean_iou(labels: NDArray[np.uint8], truth: NDArray[np.uint8], classes: int) -> float:
    """Mean intersection over union, in per cent, of the classes that occur; truth 255 does not count."""
    known = truth != NODATA
    pairs = truth[known].astype(np.int64) * classes + labels[known]
    matrix = np.bincount(pairs, minlength=classes**2).reshape(classes, classes)
    union = matrix.sum(0) + matrix.sum(1) - np.diag(matrix)
    return float(100 * np.mean(np.diag(matrix)[union > 0] / union[union > 0]))


def changed(labels: NDArray[np.uint8], seamless: NDArray[np.uint8], side: int) -> tuple[float, float]:
    """Share of the labels that differ, in per cent: everywhere, and within 16 pixels of a patch border."""
    differs = labels != seamless
    near = [np.minimum(np.arange(n) % side, side - 1 - np.arange(n) % side) < RING for n in labels.shape]
    ring = near[0][:, None] | near[1]
    return float(100 * differs.mean()), float(100 * differs[ring].mean())


def try_variants(
    raster: str, model: Bundle, ratios: Sequence[float], truth: NDArray[np.uint8] | None
) -> list[dict[str, Any]]:
    """Measure every variant at every K.

    Args:
        raster: Path.
        model: The model.
        ratios: K to try.
        truth: (H, W) labels, 255 = unknown; None leaves the accuracy out.

    Returns:
        One row per variant and K.
    """
    image = read_image(raster, len(model.bands))
    canvas = Canvas(image.shape[1], image.shape[2], model.patch_side)
    finder = PatchFinder(image, model.patch_side, canvas.unit)
    seamless: dict[float, NDArray[np.uint8]] = {}
    rows = []
    for variant in VARIANTS:
        print(f"{variant.name} ...", file=sys.stderr, flush=True)
        session = high_session(model.graphs["high"], variant.padding)
        start = time.perf_counter()
        features = feature_map(session, finder.image, variant)
        seconds = time.perf_counter() - start
        for ratio in ratios:
            labels, selected = segment_with(features, raster, model, ratio, finder)
            everywhere, ring = changed(labels, seamless.setdefault(ratio, labels), model.patch_side)
            row = {"variant": variant.name, "K": ratio, "cost": variant.cost(selected, model.patch_side)}
            row |= {"seconds_whole_raster": seconds, "changed": everywhere, "changed_in_ring": ring}
            for width in (1, CELL8 - 1):
                kinds = kind_ratios(labels, selected, model.patch_side, CELL32, width)
                row |= {f"{kind}, {width} px": str(kinds[kind]) for kind in ("both selected", "one selected")}
            row["miou"] = None if truth is None else mean_iou(labels, truth, len(model.classes))
            rows.append(row)
    return rows


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Draw the Markdown table."""
    kinds = [name for name in rows[0] if name.endswith("px")]
    names = ["high stream", "K", "pixels it sees", "labels changed", f"within {RING} px of borders", "mIoU", *kinds]
    lines = ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
    for row in rows:
        miou = "-" if row["miou"] is None else f"{row['miou']:.2f}"
        cells = [row["variant"], f"{row['K']:g}", f"{row['cost']:.2f}"]
        cells += [f"{row['changed']:.2f} %", f"{row['changed_in_ring']:.2f} %", miou, *(row[kind] for kind in kinds)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Try everything and print the table; 0 = done."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--raster", required=True, help="raster without nodata")
    parser.add_argument("--model", default=str(MODEL), help="bundle (default: the one that comes with the plugin)")
    parser.add_argument("--ratio", type=float, nargs="+", default=[0.5, 1.0], metavar="K", help="K to try")
    parser.add_argument("--dubai", help="folder of the Dubai data, when the raster is its tile 8: gives the mIoU")
    parser.add_argument("--out", type=Path, help="folder for mend.json and mend.md")
    args = parser.parse_args(arguments)
    model = read_bundle(args.model)
    truth = None
    if args.dubai:
        from training.data.datasets import DATASETS

        truth = DATASETS["dubai"].load(args.dubai, "test")[0].labels
    rows = try_variants(args.raster, model, args.ratio, truth)
    text = (
        f"Variants of the high stream on {Path(args.raster).name}, model {model.name} ({model.sha256[:12]}). Pixels it "
        f"sees: against the selected patches alone. Labels changed: against {SEAMLESS.name}, which has no patch "
        f"borders. Right: patch borders against other multiples of {CELL32} beside them, by kind and line width.\n\n"
        + table(rows)
    )
    print(text)
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "mend.md").write_text(text + "\n", encoding="utf-8")
        (args.out / "mend.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
