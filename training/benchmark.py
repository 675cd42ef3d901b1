"""Speed and memory by the published protocol, beside the published numbers.

    python training/benchmark.py --preset deepglobe --device cuda
    python training/benchmark.py --height 1024 --width 1536 --warmup 3 --timed 10 --modes eager channels_last+bf16
    python training/benchmark.py --preset inria --checkpoint runs/inria/version_0/last.ckpt --data inria --root DIR
    python training/benchmark.py --preset deepglobe --architectures faithful isdnet deeplabv3plus --ratios 1 0.5

The protocol: random weights, random images, batch size 1; a pass includes upsampling to the image's size, without
argmax, reading or writing; 100 warm-up passes and 300 timed ones, at the full size and at 0.8 of it (some papers time
and test at 0.8; the table states it). On processors 300 passes at 5000 px take hours: lower --warmup and --timed, or
set --limit-s. Every measurement runs in its own process. With a checkpoint or a bundle and --data the mIoU is measured
too, by the dataset's rule, see training/evaluation/rules.py.
Writes benchmark.json, benchmark.md and the bubble plot benchmark.png: mIoU over FPS, memory as the area.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import torch

from training.benchmarking import (
    PRESETS,
    Job,
    Published,
    Subject,
    check_mode,
    describe_machine,
    label,
    load_published,
    measure_miou,
    measured,
    memory_text,
    plan_jobs,
    report,
    save_bubbles,
    speed,
)
from training.data.datasets import DATASETS
from training.errors import SettingsError, command
from training.evaluation import default_rule
from training.networks import ARCHITECTURES, Settings, faithful, name_of
from training.weights import load_start
from uhrs_qgis_plugin.engine.files import replacing

FAITHFUL = "faithful"  # the dual-stream network in its published settings
_SMALLEST, _LARGEST = 32, 65_536  # pixels a side


def subjects(options: argparse.Namespace) -> list[Subject]:
    """The networks that the command line asks for.

    Raises:
        CheckpointError: When a checkpoint or a bundle cannot be read.
    """
    found = [_random(name, options) for name in options.architectures]
    for path in options.checkpoint + options.bundle:
        network = load_start(path).network
        name = path.stem if path.suffix == ".uhrs" else f"{path.parent.name}/{path.stem}"
        name = str(path) if name in [subject.name for subject in found] else name
        found.append(Subject(name, name_of(network), {}, str(path), network.takes_ratio, network.settings.bands))
    return found


def _random(name: str, options: argparse.Namespace) -> Subject:
    """An architecture with random weights."""
    architecture = "dual_stream" if name == FAITHFUL else name
    preset = PRESETS[options.preset or "deepglobe"]
    settings = faithful(options.classes, preset.divisor, preset.grid) if name == FAITHFUL else Settings(options.classes)
    takes_ratio = ARCHITECTURES[architecture].takes_ratio
    return Subject(name, architecture, asdict(settings), None, takes_ratio, settings.bands)


def parse(args: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--preset", choices=sorted(PRESETS), help="size and classes of a dataset's images")
    add("--height", type=int, help="of the images in pixels; the preset's by default")
    add("--width", type=int, help="of the images in pixels; the preset's by default")
    add("--classes", type=int, help="outputs of networks with random weights; the preset's, or 7")
    add("--scales", type=float, nargs="+", default=[1.0, 0.8], metavar="S", help="what the size is multiplied by")
    add(
        "--ratios", type=float, nargs="+", default=[1.0, 0.75, 0.5, 0.25], metavar="K", help="shares of refined patches"
    )
    names = f"networks with random weights: {', '.join((*ARCHITECTURES, FAITHFUL))}"
    add("--architectures", nargs="+", default=[], choices=(*ARCHITECTURES, FAITHFUL), metavar="NAME", help=names)
    add("--checkpoint", type=Path, nargs="+", default=[], help="trained networks: .ckpt of train.py")
    add("--bundle", type=Path, nargs="+", default=[], help="trained networks: .uhrs, rebuilt in torch")
    modes = "eager, channels_last, bf16, fp16, compile, several joined by +, or onnxruntime"
    add("--modes", nargs="+", default=["eager"], metavar="MODE", help=modes)
    add("--device", default="auto", choices=("auto", "cpu", "cuda"), help="by default the card where there is one")
    add("--batch", type=int, default=1)
    add("--warmup", type=int, default=100, help="passes before the clock starts (published: 100)")
    add("--timed", type=int, default=300, help="passes by the clock (published: 300)")
    add(
        "--limit-s", type=float, metavar="S", help="warm up, and time, for S seconds at most; the table tells how often"
    )
    add("--threads", type=int, help="threads of the processor")
    add("--data", choices=sorted(DATASETS), help="also measure the mIoU of checkpoints and bundles on this dataset")
    add("--root", default="", help="folder of that dataset")
    add("--split", default="test", choices=("train", "val", "test"))
    add("--rule", help="which mean counts; the dataset's own by default, see training/evaluation/rules.py")
    add("--out", type=Path, default=Path("runs/benchmark"), help="folder for the results")
    options = parser.parse_args(args)
    _complete(options)
    wrong = _wrong(options)
    if wrong:
        parser.error(wrong)
    return options


def _complete(options: argparse.Namespace) -> None:
    """Fill in the options that follow from the preset and from other options."""
    if options.preset:
        preset = PRESETS[options.preset]
        options.height, options.width = options.height or preset.height, options.width or preset.width
        options.classes = options.classes or preset.classes
    options.classes = options.classes or 7
    options.device = "cuda" if options.device == "auto" and torch.cuda.is_available() else options.device
    options.device = "cpu" if options.device == "auto" else options.device
    if not (options.architectures or options.checkpoint or options.bundle):
        options.architectures = ["dual_stream"]


def _wrong(options: argparse.Namespace) -> str | None:
    """Why the options cannot work, in one line."""
    if not options.height or not options.width:
        return f"give --preset ({', '.join(PRESETS)}), or --height and --width"
    sides = [int(n * scale) for n in (options.height, options.width) for scale in options.scales]
    if not all(_SMALLEST <= side <= _LARGEST for side in sides):
        return f"sides of {sides} pixels; from {_SMALLEST} to {_LARGEST} are allowed, after scaling"
    if not all(0 <= ratio <= 1 for ratio in options.ratios):
        return f"--ratios {options.ratios}: K is a share of the patches, from 0 to 1"
    counts = {
        "--batch": options.batch,
        "--warmup": options.warmup,
        "--timed": options.timed,
        "--threads": options.threads,
    }
    for name, value in counts.items():
        if value is not None and value < 1:
            return f"{name} {value}: give at least 1"
    if options.limit_s is not None and options.limit_s <= 0:
        return f"--limit-s {options.limit_s:g}: give more than 0 seconds"
    if options.data and not options.checkpoint + options.bundle:
        return "--data measures trained networks: give --checkpoint or --bundle too"
    if options.device == "cuda" and not torch.cuda.is_available():
        return "there is no CUDA device here (or torch was installed without CUDA); use --device cpu"
    return _wrong_mode(options.modes)


def _wrong_mode(modes: Sequence[str]) -> str | None:
    """What is wrong with the modes."""
    try:
        for mode in modes:
            check_mode(mode)
    except SettingsError as error:
        return str(error)
    return None


@command
def main(args: Sequence[str] | None = None) -> dict[str, Any]:
    """Measure as the command line says; returns what benchmark.json holds."""
    options = parse(args)
    networks = subjects(options)
    options.out.mkdir(parents=True, exist_ok=True)
    content: dict[str, Any] = {
        "dataset": options.preset or options.data,
        "device": options.device,
        "machine": describe_machine(options.threads),
        "protocol": {name: getattr(options, name) for name in ("batch", "warmup", "timed", "limit_s")},
        "measured": [],
    }
    mious: dict[tuple[str, float, float | None], float | None] = {}
    if options.data:
        content["rule"] = options.rule or default_rule(options.data)
        content["data"] = f"{options.data}, {options.split}"
        mious = measure_miou([n for n in networks if n.weights], options, content["rule"])
    like = Job(networks[0], options.height, options.width, device=options.device, batch=options.batch)
    like = like.lasting(options.warmup, options.timed, options.limit_s, options.threads)
    published = load_published()
    with tempfile.TemporaryDirectory() as folder:
        for row in measured(plan_jobs(networks, like, options.scales, options.ratios, options.modes), Path(folder)):
            row["miou"] = mious.get((row["network"], row["scale"], row["ratio"]))
            content["measured"].append(row)
            print(one_line(row), flush=True)
            write(options.out, content, published)  # an interrupted long run keeps its results
    print(f"Written to {options.out}")
    return content


def one_line(row: dict[str, Any]) -> str:
    """A measurement in one line."""
    what = f"{label(row)}, {row['height']} x {row['width']}"
    if "missing" in row:
        return f"{what}: not available: {row['missing']}"
    return f"{what}: {speed(row['fps'])} FPS over {row['timed']} passes, {memory_text(row['memory'])} MiB"


def write(out: Path, content: dict[str, Any], published: Published) -> None:
    """Write the three files, each at once under its name."""
    title = f"{content['dataset'] or 'benchmark'}; area: memory; {content['device']}"
    with replacing(out / "benchmark.json") as part:
        part.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    with replacing(out / "benchmark.md") as part:
        part.write_text(report(content, published) + "\n", encoding="utf-8")
    with replacing(out / "benchmark.png") as part:
        save_bubbles(part, content["measured"], published.of(content["dataset"]), title)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("benchmark.py: interrupted; what was measured is written", file=sys.stderr)
        raise SystemExit(130) from None
