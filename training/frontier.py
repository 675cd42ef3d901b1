"""The frontier: accuracy on whole scenes over the cost of inference, of networks that were trained alike.

    python training/frontier.py --data dubai --root DIR --split val \
        --network ours=land.ckpt --network "high stream alone=high.ckpt" --network DeepLabv3+=deeplab.ckpt

Give each network as NAME=FILE: a checkpoint, or a bundle, or one of each by the same name. The accuracy is that of
whole scenes, with intervals over the scenes. The cost is measured in onnxruntime, one process a point, at one size of
image: a checkpoint as one graph from the image to logits of its size, and a bundle as the engine runs it, to labels and
uncertainty, in floating point and, where it has them, in 8 bits: two streams as three graphs, any other network in
windows.
Speed is megapixels a second of the processor's time, not of the clock, so that other work on the machine hardly changes
it; with one thread (the default) both are the same on a quiet machine.
Two-stream networks are measured at every K. The line of the others joins the networks, measured in the same way, that
no other beats in both speed and score; the table tells how far each of our points lies above it.
Writes frontier.json, frontier.md and the plot frontier.png after each network. What an earlier run into the same folder
measured in the same way, of the same files, is taken over. So a busy machine can do the scores first (--scores-only),
and the same command without that option the costs of all networks in one go, when it is quiet.
`make frontier` trains the networks of docs/networks/frontier.md alike, exports and measures them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import zlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import numpy as np

from training.benchmarking import (
    BUNDLE_MODES,
    Job,
    Point,
    Scores,
    Subject,
    describe_machine,
    frontier_page,
    measured,
    point_of,
    save_frontier,
    scene_matrices,
    summary,
)
from training.data.arrays import Scene
from training.data.datasets import DATASETS, SceneSource
from training.errors import DatasetError, command
from training.evaluation import BundleSegmenter, NetworkSegmenter, Segmenter, default_rule, rule_classes
from training.networks import DualStream, name_of
from training.running import whole_work
from training.weights import load_start
from uhrs_qgis_plugin.engine.bundle import read_bundle
from uhrs_qgis_plugin.engine.files import replacing

_LATER = {"missing": "the scores alone were asked for"}  # stands for a cost
_UNIT = 256  # pixels: sides of images are multiples of it, so that patches and windows of every network fit


def parse(args: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--network", action="append", required=True, type=_named, metavar="NAME=FILE", help="a .ckpt or a .uhrs")
    about = "a sentence for the page, such as how a network was trained; may be repeated"
    add("--note", action="append", default=[], type=_named, metavar="NAME=TEXT", help=about)
    add("--about", default="", metavar="TEXT", help="a paragraph for the page, such as how all were trained")
    add("--data", required=True, choices=sorted(DATASETS), help="which dataset")
    add("--root", default="", help="folder of the dataset as downloaded")
    add("--split", default="val", choices=("train", "val", "test"), help="choices are made by val")
    add("--ratios", type=float, nargs="+", default=[0.0, 0.25, 0.5, 0.75, 1.0], metavar="K")
    add("--rule", help="which mean counts; the dataset's own by default, see training/evaluation/rules.py")
    add("--side", type=int, default=2048, metavar="PX", help="of the square image whose cost is measured")
    add("--threads", type=int, default=1, help="threads of the processor")
    add("--warmup", type=int, default=1, help="passes before the clock starts")
    add("--timed", type=int, default=3, help="passes by the clock")
    add("--scores-only", action="store_true", help="leave the cost to a later run, on a quiet machine")
    add("--out", type=Path, default=Path("runs/frontier"), help="folder for the results")
    options = parser.parse_args(args)
    options.notes = {name: str(text) for name, text in options.note}
    names = [f"{name} ({'bundle' if _is_bundle(Path(path)) else 'checkpoint'})" for name, path in options.network]
    if len(set(names)) < len(names):
        parser.error(f"--network: there are {', '.join(names)}; give each network a name of its own")
    if not all(0 <= ratio <= 1 for ratio in options.ratios):
        parser.error(f"--ratios {options.ratios}: K is a share of the patches, from 0 to 1")
    if options.side < _UNIT or options.side % _UNIT:
        parser.error(f"--side {options.side}: give a multiple of {_UNIT}")
    for name in ("threads", "warmup", "timed"):
        if getattr(options, name) < 1:
            parser.error(f"--{name} {getattr(options, name)}: give at least 1")
    return options


def _named(text: str) -> tuple[str, str]:
    """NAME=VALUE."""
    name, mark, value = text.partition("=")
    if not (name and mark and value):
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=VALUE")
    return name, value


def _is_bundle(path: Path) -> bool:
    return path.suffix == ".uhrs"


def ways(path: Path) -> list[str]:
    """The modes in which a network's cost is measured."""
    if not _is_bundle(path):
        return ["onnxruntime"]
    there = read_bundle(path).precisions
    return [mode for mode, precision in BUNDLE_MODES.items() if precision in there]


def points_of(
    name: str, path: Path, options: argparse.Namespace, scenes: Sequence[Scene], like: Job, before: Sequence[Point]
) -> list[Point]:
    """All points of a network: segment the scenes, then measure the cost.

    Args:
        before: points of this network whose scores an earlier run has found.

    Raises:
        DatasetError: When the network was trained for other classes.
    """
    dataset = DATASETS[options.data]
    names, colours = dataset.classes(options.root)
    trained = load_start(path)
    if trained.class_names != list(names):
        raise DatasetError(
            f"The classes of '{path}' are {trained.class_names}, those of '{options.data}' are {list(names)}; "
            "leave this network out"
        )
    two_streams = isinstance(trained.network, DualStream)
    bands = trained.network.settings.bands
    subject = Subject(name, name_of(trained.network), {}, str(path), trained.network.takes_ratio, bands)
    found = []
    for mode in ways(path):
        precision = BUNDLE_MODES.get(mode)
        by_ratio = {point.ratio: point.matrices for point in before if point.mode == mode}
        if not by_ratio:
            segmenter: Segmenter = BundleSegmenter(path, precision) if precision else NetworkSegmenter(trained)
            by_ratio = scene_matrices(segmenter, scenes, options.ratios, dict(zip(names, colours, strict=True)))
        jobs = [replace(like, subject=subject, mode=mode, ratio=1.0 if k is None else k) for k in by_ratio]
        with tempfile.TemporaryDirectory() as folder:
            costs = repeat(_LATER) if options.scores_only else measured(jobs, Path(folder))
            for (ratio, matrices), row in zip(by_ratio.items(), costs, strict=False):
                found.append(Point(name, mode, ratio, two_streams, matrices, row, digest(path)))
                print(f"{found[-1].label}: {found[-1].speed:.2f} Mpx/s", flush=True)
    return found


@command
def main(args: Sequence[str] | None = None) -> dict[str, Any]:
    """Measure as the command line says; returns what frontier.json holds."""
    options = parse(args)
    names, _ = DATASETS[options.data].classes(options.root)
    rule = options.rule or default_rule(options.data)
    rule_classes(rule, names)  # fails before hours of computing
    networks = [(name, Path(path)) for name, path in options.network]
    for _, path in networks:
        load_start(path)
    scenes = SceneSource(options.data, options.root).scenes(options.split)
    options.out.mkdir(parents=True, exist_ok=True)
    machine = describe_machine(options.threads)
    scored: dict[str, Any] = {
        "data": f"{options.data}, {options.split}",
        "rule": rule,
        "scenes": len(scenes),
        "ratios": options.ratios,
    }
    content = {
        **scored,
        **{name: getattr(options, name) for name in ("side", "threads", "warmup", "timed")},
        "processor": machine["processor"],
    }
    files = {(name, digest(path)): path for name, path in networks}
    before = kept(options.out, scored, files)
    points = [point for point in kept(options.out, content, files) if options.scores_only or point.row != _LATER]
    scores = Scores(rule, names, len(scenes))
    trained = {name: told for name, path in networks if (told := work_of(path))}
    content |= {"machine": machine, "about": options.about, "notes": options.notes, "trained": trained}
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "scene.npy"
        np.save(picture, np.asarray(max(scenes, key=lambda scene: scene.labels.size).image))
        like = Job(Subject("", "", {}, None, True, 0), options.side, options.side, image=str(picture))
        like = like.lasting(options.warmup, options.timed, None, options.threads)
        for (name, file), path in files.items():
            if (name, file) not in {(point.network, point.file) for point in points}:
                known = [point for point in before if (point.network, point.file) == (name, file)]
                points += points_of(name, path, options, scenes, like, known)
            content["points"] = summary(points, scores)
            write(options.out, content, "mIoU" if rule == "mean" else f"IoU, {rule}")  # the rest may take hours
    print(f"Written to {options.out}")
    return content


def digest(path: Path) -> str:
    """What tells a file from those that stood under its name before."""
    content = path.read_bytes()
    return f"{len(content)} bytes, CRC-32 {zlib.crc32(content)}"


def work_of(path: Path) -> str:
    """How long a checkpoint was trained, as the run.json beside it tells; nothing where it does not."""
    work = whole_work(path.parent) if path.suffix == ".ckpt" else None
    return "" if work is None else f"trained for {work[0]:,} steps, {work[1]:,.0f} s of the processor's work"


def kept(out: Path, conditions: dict[str, Any], files: Collection[tuple[str, str]]) -> list[Point]:
    """The points of these names and files that an earlier run under these conditions has left in the folder."""
    try:
        before = json.loads((out / "frontier.json").read_text(encoding="utf-8"))
        if any(before[name] != value for name, value in conditions.items()):
            return []
        return [point_of(row) for row in before["points"] if (row["network"], row["file"]) in files]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []  # none, or of another kind: all is measured


def write(out: Path, content: dict[str, Any], title: str) -> None:
    """Write the three files, each at once under its name."""
    with replacing(out / "frontier.json") as part:
        part.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    with replacing(out / "frontier.md") as part:
        part.write_text(frontier_page(content, title) + "\n", encoding="utf-8")
    with replacing(out / "frontier.png") as part:
        save_frontier(part, content["points"], title)


if __name__ == "__main__":
    main()
