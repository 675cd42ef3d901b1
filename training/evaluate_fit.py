"""Measure whether the fit that a bundle gives tells strange imagery from imagery of the kind it was trained on.

    python training/evaluate_fit.py --bundle uhrs_qgis_plugin/models/default.uhrs --data dubai --root DIR
        --generated 6 --others DIR --out docs/fit.md

Scenes of 1024 x 1024 pixels of the validation and the test split, and generated ones, are compared with changed copies
of themselves and with other rasters. Prints a table, and writes it where --out says.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from training.data.datasets import DATASETS, generated_scenes
from training.errors import SettingsError, command
from training.imagery import Study, study_fit, study_table
from uhrs_qgis_plugin.engine.bundle import Bundle, read_bundle
from uhrs_qgis_plugin.engine.files import replacing

_SEED = 3_000  # of generated scenes: none of a training or validation scene


def parse(args: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path, required=True, help="a .uhrs bundle with statistics of its imagery")
    parser.add_argument("--data", required=True, choices=sorted(DATASETS), help="which dataset it was trained on")
    parser.add_argument("--root", default="", help="folder of the dataset as downloaded")
    parser.add_argument(
        "--splits", nargs="+", default=["val", "test"], choices=("val", "test"), help="what is familiar"
    )
    parser.add_argument("--generated", type=int, default=0, metavar="N", help="generated scenes that are familiar too")
    parser.add_argument("--others", type=Path, help="folder of rasters (*.tif without *labels*) that are strange")
    parser.add_argument("--out", type=Path, help="file for the table (Markdown)")
    return parser.parse_args(args)


def page(bundle: Bundle, rows: Sequence[Study]) -> str:
    """The page that --out gets."""
    return "\n".join(
        [
            "# Does the fit tell strange imagery apart?",
            "",
            f"Written by `training/evaluate_fit.py` for the model {bundle.name} (SHA-256 {bundle.sha256[:12]}).",
            "A scene has 1024 x 1024 pixels (at the end of an image at least half of that along each side). AUROC: how "
            "probably a strange scene has a lower fit than a familiar one, over all pairs with the familiar scenes of "
            "the first rows. Warned: scenes with a fit below 0.5. The threshold was set on validation scenes.",
            "",
            study_table(rows),
            "",
        ]
    )


@command
def main(args: Sequence[str] | None = None) -> list[Study]:
    """Measure as the command line says; returns the rows of the table.

    Raises:
        SettingsError: when the bundle carries no statistics.
    """
    options = parse(args)
    bundle = read_bundle(options.bundle)
    if bundle.imagery is None:
        raise SettingsError(
            f"'{options.bundle}' carries no statistics of its training imagery; describe it first "
            "(training/describe_imagery.py)"
        )
    dataset = DATASETS[options.data]
    familiar = {
        f"{options.data}, {split}": [scene.image for scene in dataset.load(options.root, split)]
        for split in options.splits
    }
    if options.generated:
        familiar["generated"] = [scene.image for scene in generated_scenes(options.generated, 1024, _SEED)]
    others = [] if options.others is None else sorted(options.others.glob("*.tif"))
    others = [path for path in others if "labels" not in path.stem]
    rows = study_fit(bundle.imagery, familiar, others, bundle.resolution_m)
    text = page(bundle, rows)
    if options.out is not None:
        with replacing(options.out) as part:
            part.write_text(text, encoding="utf-8")
    print(text)
    return rows


if __name__ == "__main__":
    main()
