"""Write the card of a model from its bundle, texts and measurements.

    python training/write_card.py uhrs_qgis_plugin/models/default.uhrs
    python training/write_card.py mine.uhrs --measure val test --data folder --root DIR

Beside MODEL.uhrs lie MODEL.card.yaml, texts that people write (training/cards/texts.py lists them), and
MODEL.card.json, what was measured of these very graphs; MODEL.md is the card. With --measure the splits are measured
through the engine first: hours on large sets. Tables of places.py, looks.py and pixel_size.py (--out) in
benchmarks/models/ are added with --places, --looks and --pixel-sizes. The bundle gets the texts about version, data
and licence, and the scores of the test split; its graphs stay.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from training.cards import Record, Texts, card, measure_split, read_rows, read_texts
from training.data.datasets import DATASETS, SceneSource
from training.errors import command
from uhrs_qgis_plugin.engine.bundle import Bundle, amend_bundle, read_bundle, read_manifest
from uhrs_qgis_plugin.engine.files import replacing

_TABLES = {"places": "places", "looks": "looks", "pixel_sizes": "pixel_size"}  # option -> script of benchmarks/


def parse(args: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path, help="the .uhrs file")
    splits = "measure these splits first; what was measured of other graphs is forgotten"
    parser.add_argument("--measure", nargs="+", default=[], choices=("val", "test"), metavar="SPLIT", help=splits)
    parser.add_argument("--data", choices=sorted(DATASETS), help="the dataset of --measure")
    parser.add_argument("--root", default="", help="folder of the dataset as downloaded")
    parser.add_argument("--resolution-m", type=float, metavar="M", help="bring its images to M metres a pixel first")
    for name, script in _TABLES.items():
        text = f"add the rows that benchmarks/models/{script}.py wrote, under a title"
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, nargs="+", default=[], type=_titled, metavar="TITLE=FILE", help=text)
    options = parser.parse_args(args)
    if options.measure and options.data is None:
        parser.error("--measure needs --data, the dataset that the model was trained for")
    return options


def _titled(text: str) -> tuple[str, Path]:
    """Parse TITLE=FILE."""
    title, separator, path = text.rpartition("=")
    if not separator or not title:
        raise argparse.ArgumentTypeError(f"'{text}': give TITLE=FILE")
    return title, Path(path)


@command
def main(args: Sequence[str] | None = None) -> None:
    """Write the card as the command line says.

    Raises:
        TrainingError: Texts or measurements are missing or of another model, or the data do not fit.
        UhrsError: The bundle cannot be read or written.
    """
    options = parse(args)
    path = options.bundle
    bundle, texts = read_bundle(path), read_texts(path.with_suffix(".card.yaml"))
    kept = path.with_suffix(".card.json")
    record = Record.read(kept, bundle, anew=bool(options.measure))
    for split in options.measure:
        source = SceneSource(options.data, options.root, options.resolution_m)
        found = measure_split(path, source, split, split == "val", lambda text: print(text, flush=True))
        record.splits[f"{options.data}, {split}"] = found
        record.write(kept)
    for kind in _TABLES:
        for title, file in getattr(options, kind):
            record.add_rows(kind, title, read_rows(file))
    record.write(kept)
    amend(path, texts, record)
    text = page(path)
    with replacing(path.with_suffix(".md")) as part:
        part.write_text(text, encoding="utf-8")
    print(f"Written to {path.with_suffix('.md')}")


def page(path: Path) -> str:
    """The card of a bundle, from the files beside it.

    Raises:
        SettingsError: One is missing, damaged, or about other graphs.
    """
    bundle = read_bundle(path)
    texts, record = (
        read_texts(path.with_suffix(".card.yaml")),
        Record.read(path.with_suffix(".card.json"), bundle, False),
    )
    return card(bundle, texts, record, f"python training/write_card.py {path.name}")


def amend(path: Path, texts: Texts, record: Record) -> Bundle:
    """Put version, texts and scores into the bundle; it is not written where nothing changes."""
    entries: dict[str, object] = {
        "uhrs:version": texts.version,
        "uhrs:training_data": " ".join(texts.training_data.split()),
        "uhrs:licence": texts.licence,
    }
    for name, split in record.splits.items():
        rows = split["precisions"].get("float")
        if name.endswith(", test") and rows:
            entries["uhrs:metrics"] = {
                setting: {
                    "how": f"{name}; through the engine, in floating point",
                    "rule": "mean",
                    "score": row["miou"][0],
                    "miou": row["miou"][0],
                    "accuracy": row["accuracy"][0],
                    "iou": {label: None if value is None else value[0] for label, value in row["iou"].items()},
                }
                for setting, row in rows.items()
            }
            break  # the model's own data come first
    manifest = read_manifest(path)
    if all(manifest.get(key) == value for key, value in entries.items()):
        return read_bundle(path)
    return amend_bundle(path, entries)


if __name__ == "__main__":
    main()
