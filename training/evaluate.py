"""Measure a checkpoint or a bundle on labelled scenes.

    python training/evaluate.py --checkpoint runs/dubai/version_0/last.ckpt --data dubai --root DIR --out DIR
    python training/evaluate.py --bundle uhrs_qgis_plugin/models/default.uhrs --data generated

One confusion matrix over the whole set gives each class's IoU and F1, their means by the published rules (the
dataset's own first, see training/evaluation/rules.py), the pixel accuracy and the boundary IoU, at several K.
A checkpoint runs in torch, as on the whole scene but part by part, so that memory does not grow with it; a bundle runs
in the engine, reading and writing rasters like a user. What looks at scenes whole (--uncertainty, --flips, --scales,
--long-side, and networks that are not the dual-stream one with patches of one size) needs memory for them.
Writes metrics.json and metrics.md, scenes.csv with the numbers of each scene, confusion.csv and confusion.png, and one
picture a scene: image, truth, prediction, uncertainty. --save-predictions adds a GeoTIFF a scene, --overlay 0.5 a
picture with the classes over the image. With --uncertainty also how useful U is: whether it finds the low stream's
errors, and what selecting patches by it gains.

    python training/evaluate.py --checkpoint F --data cityscapes --root DIR --split server   # writes OUT/server

--split server takes the images whose labels only a benchmark's server knows (cityscapes, deepglobe, inria, isic) and
writes what that server takes, at the largest K; there is nothing to score. --save-predictions server writes the same
form for labelled scenes.

    torchrun --nproc_per_node=4 training/evaluate.py --checkpoint F --data urur --root DIR   # shares out the scenes
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import torch

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from training.data.arrays import Scene
from training.data.datasets import DATASETS, SERVER, SceneSource, find_server
from training.errors import DatasetError, StoppedError, command
from training.evaluation import (
    DILATION,
    BundleSegmenter,
    Counts,
    NetworkSegmenter,
    Segmenter,
    TestTimeSegmenter,
    confusion_figure,
    default_rule,
    judged_scenes,
    rule_classes,
    save_confusion_table,
    save_for_server,
    save_overlay,
    save_panels,
    save_prediction,
    save_scene_table,
    save_uncertainty_plots,
    score_summary,
    score_table,
    setting,
    study_uncertainty,
    summed,
    uncertainty_summary,
    uncertainty_table,
)
from training.networks import DualStream
from training.running import DEVICES, choose_device, duration, joined_processes, processes, together
from training.weights import load_trained
from uhrs_qgis_plugin.engine.files import replacing
from uhrs_qgis_plugin.engine.inference import PRECISIONS


def build_segmenter(options: argparse.Namespace) -> tuple[Segmenter, NetworkSegmenter | None]:
    """The segmenter that the command line asks for, and the plain network's where there is one."""
    options.trained_on = {}
    if options.bundle:
        return BundleSegmenter(options.bundle, options.precision), None
    trained = load_trained(options.checkpoint)
    if options.long_side is None:
        options.long_side = trained.recipe.get("data", {}).get("eval_long_side")
    options.trained_on = trained.recipe.get("data", {})
    plain = NetworkSegmenter(trained, options.never, choose_device(options.device))
    if options.uncertainty and not isinstance(plain.network, DualStream):
        raise DatasetError("--uncertainty is about networks that select patches by U; this one does not. Leave it out")
    if options.flips or options.scales != [1.0] or options.long_side:
        return TestTimeSegmenter(plain, options.scales, options.flips, options.long_side or None), plain
    return plain, plain


def parse(args: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    model = parser.add_mutually_exclusive_group(required=True)
    model.add_argument("--checkpoint", type=Path, help="a .ckpt of train.py, run in torch")
    model.add_argument("--bundle", type=Path, help="a .uhrs bundle, run in the engine")
    parser.add_argument("--data", required=True, choices=sorted(DATASETS), help="which dataset")
    parser.add_argument("--root", default="", help="folder of the dataset as downloaded")
    split = "server: the images without public labels that a benchmark's server scores"
    parser.add_argument("--split", default="test", choices=("train", "val", "test", SERVER), help=split)
    parser.add_argument("--ratios", type=float, nargs="+", default=[0.0, 0.25, 0.5, 1.0], metavar="K")
    rule = "which mean counts: mean, without_class_0, class:NAME, or several; the dataset's own by default"
    parser.add_argument("--rule", nargs="+", default=[], metavar="RULE", help=rule)
    boundary = "width of a boundary, as a share of the diagonal (default 0.02); 0 leaves boundary IoU out"
    parser.add_argument("--boundary", type=float, default=DILATION, metavar="SHARE", help=boundary)
    never = "classes that are never predicted; the published DeepGlobe numbers were measured with --never unknown"
    parser.add_argument("--never", nargs="+", default=[], metavar="CLASS", help=never)
    flips = "average over mirrored images; not how published numbers are measured"
    parser.add_argument("--flips", action="store_true", help=flips)
    scales = "average over magnifications, such as 0.75 1 1.25; the default is 1 alone"
    parser.add_argument("--scales", type=float, nargs="+", default=[1.0], metavar="S", help=scales)
    side = "resize images so that the longer side has N pixels; by default as in validation, 0 never"
    parser.add_argument("--long-side", type=int, metavar="N", help=side)
    size = "bring images to M metres a pixel; by default as in training, 0 never"
    parser.add_argument("--resolution-m", type=float, metavar="M", help=size)
    parser.add_argument("--uncertainty", action="store_true", help="also measure what U is worth; needs --checkpoint")
    device = "where a checkpoint runs; by default on the card where there is one"
    parser.add_argument("--device", default="auto", choices=DEVICES, help=device)
    predictions = "also write each prediction at the largest K: as a GeoTIFF where its image lies (the default), or in "
    predictions += "the form that the benchmark's server takes"
    forms = ("geotiff", SERVER)
    parser.add_argument("--save-predictions", nargs="?", const=forms[0], choices=forms, help=predictions)
    overlay = "also draw the classes over the image, with this opacity from 0 to 1"
    parser.add_argument("--overlay", type=float, metavar="OPACITY", help=overlay)
    parser.add_argument("--no-pictures", action="store_true", help="draw no panels")
    precision = "float, int8, or auto, as in the engine; needs --bundle"
    parser.add_argument("--precision", default="auto", choices=PRECISIONS, help=precision)
    parser.add_argument("--out", type=Path, default=Path("runs/evaluation"), help="folder for the results")
    options = parser.parse_args(args)
    _check(parser, options)
    return options


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuse values and combinations that cannot work; ends the program with one line."""
    if not all(0 <= ratio <= 1 for ratio in options.ratios):
        parser.error(f"--ratios {options.ratios}: K is a share of the patches, from 0 to 1")
    if not all(0.1 <= scale <= 4 for scale in options.scales):
        parser.error(f"--scales {options.scales}: give magnifications from 0.1 to 4")
    if options.long_side is not None and options.long_side != 0 and options.long_side < 16:
        parser.error(f"--long-side {options.long_side}: give at least 16 pixels, or 0 to keep images as they are")
    if not 0 <= options.boundary <= 0.5:
        parser.error(f"--boundary {options.boundary}: give a share of the diagonal from 0 to 0.5")
    if options.overlay is not None and not 0 <= options.overlay <= 1:
        parser.error(f"--overlay {options.overlay}: give an opacity from 0 to 1")
    if options.split == SERVER and options.uncertainty:
        parser.error("--uncertainty needs labels: leave it out, or give another --split")
    if options.bundle is None:
        if options.precision != "auto":
            parser.error("--precision is for bundles: give --bundle instead of --checkpoint")
        return
    for_checkpoints = {
        "--uncertainty": options.uncertainty,
        "--never": options.never,
        "--flips": options.flips,
        "--scales": options.scales != [1.0],
        "--long-side": options.long_side,
        "--device": options.device not in ("auto", "cpu"),
    }
    for name in (name for name, given in for_checkpoints.items() if given):
        parser.error(f"{name} reaches inside the network: give --checkpoint instead of --bundle")


def scene_source(options: argparse.Namespace) -> SceneSource:
    """The dataset at the pixel size, and with the split by area, that the checkpoint was trained with."""
    told = options.trained_on
    resolution = told.get("resolution_m") if options.resolution_m is None else options.resolution_m
    same = told.get("dataset") == options.data and not (Path(options.root) / "val").exists()
    share = told.get("split") if same and options.split in ("train", "val") else None
    side, seed = told.get("crop", 640), told.get("seed", 0)
    return SceneSource(options.data, options.root, resolution or None, share, side, seed)


@command
def main(args: Sequence[str] | None = None) -> dict[str, Any]:
    """Evaluate as the command line says; returns the numbers that metrics.json holds."""
    options = parse(args)
    with joined_processes():
        return evaluate(options)


def evaluate(options: argparse.Namespace) -> dict[str, Any]:
    """Evaluate; the first of several processes returns the numbers, the others nothing."""
    dataset = DATASETS[options.data]
    class_names, class_colours = dataset.classes(options.root)
    rules = options.rule or [default_rule(options.data)]
    for rule in rules:
        rule_classes(rule, class_names)  # fails before hours of computing
    segmenter, plain = build_segmenter(options)
    if segmenter.class_names != list(class_names):
        raise DatasetError(
            f"The model's classes are {segmenter.class_names}, those of '{options.data}' are {list(class_names)}; "
            "evaluate it on the dataset it was trained for"
        )
    if SERVER in (options.split, options.save_predictions):
        find_server(options.data)  # fails before hours of computing, as above
    scenes = scene_source(options).scenes(options.split)
    if options.split == SERVER:
        options.ratios, options.boundary = [max(options.ratios)], 0.0
    options.out.mkdir(parents=True, exist_ok=True)
    colours = dict(zip(class_names, class_colours, strict=True))
    try:
        by_scene = look_at(segmenter, scenes, options, colours)
    except torch.OutOfMemoryError as error:
        raise StoppedError("A whole scene does not fit into the card's memory; use --device cpu") from error
    if processes()[0]:
        return {}  # the first process has all
    if options.split == SERVER:
        print(f"{len(by_scene)} predictions for the server written to {options.out / SERVER}")
        return {}
    counted = summed(by_scene.values())
    save_scene_table(options.out / "scenes.csv", by_scene, class_names, rules[0])
    save_confusion_table(options.out / "confusion.csv", counted, class_names)
    largest = counted[setting(max(options.ratios) if segmenter.takes_ratio else None)]
    with replacing(options.out / "confusion.png") as part:
        confusion_figure(largest.matrix.numpy(), class_names).savefig(part, dpi=100)
    numbers = {
        name: {**row, "how": describe(options)} for name, row in score_summary(counted, class_names, rules).items()
    }
    text = f"{describe(options)}\n\n{score_table(numbers, class_names)}"
    with replacing(options.out / "metrics.json") as part:
        part.write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")
    with replacing(options.out / "metrics.md") as part:
        part.write_text(text + "\n", encoding="utf-8")
    print(text)
    if options.uncertainty and plain is not None:
        report_uncertainty(options, plain, scenes, rules[0])
    print(f"Written to {options.out}")
    return numbers


def look_at(
    segmenter: Segmenter, scenes: Sequence[Scene], options: argparse.Namespace, classes: dict[str, str]
) -> dict[str, dict[str, Counts]]:
    """Segment the scenes, write what is asked for of each, and count; several processes share them out.

    Returns:
        counts by scene and setting, in the first process those of all.
    """
    number, count = processes()
    mine = list(enumerate(scenes))[number::count]
    counted: dict[int, tuple[str, dict[str, Counts]]] = {}
    judged = judged_scenes(segmenter, [s for _, s in mine], options.ratios, len(classes), options.boundary)
    began = time.monotonic()
    for done, ((place, _), found) in enumerate(zip(mine, judged, strict=True), 1):
        scene, labels = found.scene, found.segmented.labels
        target = options.out / scene.name
        if not options.no_pictures and options.split != SERVER:
            save_panels(target.with_name(f"{scene.name}.png"), scene, labels, found.segmented.uncertainty, classes)
        if SERVER in (options.split, options.save_predictions):
            save_for_server(options.out / SERVER, scene, labels, find_server(options.data))
        if options.save_predictions == "geotiff":
            save_prediction(target.with_name(f"{scene.name}_classes.tif"), scene, labels, classes)
        if options.overlay is not None:
            save_overlay(target.with_name(f"{scene.name}_overlay.png"), scene, labels, classes, options.overlay)
        counted[place] = scene.name, found.counts
        left = (time.monotonic() - began) / done * (len(mine) - done)
        told = f", {duration(left)} left" if done < len(mine) else ""
        print(f"{done} of {len(mine)} scenes{told}: {scene.name}", file=sys.stderr, flush=True)
    every = together(counted)
    return {name: counts for _, (name, counts) in sorted(every.items())}


def describe(options: argparse.Namespace) -> str:
    """One sentence on how the numbers were measured."""
    parts = [f"{options.data}, {options.split}", "one confusion matrix over all scenes, each whole"]
    parts.append(f"scale {', '.join(f'{scale:g}' for scale in options.scales)}")
    parts += [f"longer side resized to {options.long_side}"] if options.long_side else []
    parts += ["mirrored images averaged"] if options.flips else []
    parts += [f"never predicted: {', '.join(options.never)}"] if options.never else []
    parts += [f"boundaries {100 * options.boundary:g} % of the diagonal wide"] if options.boundary else []
    return "; ".join(parts) + "."


def report_uncertainty(
    options: argparse.Namespace, segmenter: NetworkSegmenter, scenes: Sequence[Scene], rule: str
) -> None:
    """Write and print how useful U is, for the plain network: scale 1, not mirrored, not resized."""
    inner = [ratio for ratio in sorted(options.ratios) if 0 < ratio < 1]  # K = 0 and K = 1 need no selection
    studied = study_uncertainty(cast(DualStream, segmenter.network), scenes, inner, bias=segmenter.bias)
    meaning = uncertainty_summary(studied, rule_classes(rule, segmenter.class_names))
    text = uncertainty_table(meaning)
    with replacing(options.out / "uncertainty.json") as part:
        part.write_text(json.dumps(meaning, indent=2) + "\n", encoding="utf-8")
    with replacing(options.out / "uncertainty.md") as part:
        part.write_text(text + "\n", encoding="utf-8")
    with replacing(options.out / "uncertainty.png") as part:
        save_uncertainty_plots(part, meaning)
    print(f"\n{text}")


if __name__ == "__main__":
    main()
