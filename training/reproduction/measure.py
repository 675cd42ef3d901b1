"""Train one run of the ablation with the real entry point, and measure its checkpoint; results are kept."""

from __future__ import annotations

import json
import subprocess  # nosec B404  # starts our own script
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from training.data.datasets import find_dataset
from training.errors import DatasetError, RunError
from training.evaluation import NetworkSegmenter, count_pixels, score_summary, study_uncertainty, uncertainty_summary
from training.networks import DualStream
from training.reproduction.runs import RUNS
from training.running import choose_device, find_checkpoint
from training.weights import Trained, load_trained
from uhrs_qgis_plugin.engine.files import replacing

TRAINING = Path(__file__).resolve().parents[1]
CONFIG = TRAINING / "configs" / "reproduce.yaml"
RATIOS = (0.0, 0.25, 0.5, 0.75, 1.0)
_STUDIED = (0.25, 0.5)  # K at which selectors are compared; each costs five passes over the test set


@dataclass(frozen=True)
class Budget:
    """The budget of every run, and its data.

    Attributes:
        dataset: Name of the dataset.
        root: Its folder.
        steps: Optimiser steps.
        crop: Side of a training crop in pixels.
        batch: Crops a step.
        precision: Lightning's name of the number format.
    """

    dataset: str
    root: str
    steps: int
    crop: int
    batch: int
    precision: str


def train_and_measure(key: str, seed: int, budget: Budget, folder: Path) -> dict[str, Any]:
    """The results of a run with a seed; a run that `folder` already holds with the same settings is not repeated.

    Args:
        folder: Where checkpoints and results of all runs are kept.

    Returns:
        "run", "seed", "budget", "base" (reproduce.yaml), "train_seconds", "parameters", "scores" of the test split by
        setting (see `score_summary`), "validation" the same of the validation split where the dataset has one, and
        "uncertainty" (see `uncertainty_summary`, of the test split) where the run studies it.

    Raises:
        RunError: When training fails.
    """
    base = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    run = {name: value for name, value in asdict(RUNS[key]).items() if name != "title"}
    identity = {"run": run, "seed": seed, "budget": {**asdict(budget), "root": ""}, "base": base}
    run_folder = folder / f"{key}_{seed}"
    finished = _load(run_folder / "result.json", identity)
    if finished is not None:
        return finished
    run_folder.mkdir(parents=True, exist_ok=True)
    trained = _load(run_folder / "trained.json", identity)
    if trained is None:
        seconds = _train(key, _configuration(key, seed, budget, base, run_folder), run_folder)
        trained = _save(run_folder / "trained.json", {**identity, "train_seconds": seconds})
    measured = _measure(key, budget, load_trained(Path(find_checkpoint(run_folder, None, "last"))))
    return _save(run_folder / "result.json", {**trained, **measured})


def _load(path: Path, identity: dict[str, Any]) -> dict[str, Any] | None:
    """The saved result of the same run and budget; None when there is none, or an unreadable one."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(content, dict):
        return None
    same = {name: content.get(name) for name in identity} == json.loads(json.dumps(identity))
    return content if same else None


def _save(path: Path, content: dict[str, Any]) -> dict[str, Any]:
    """Write a result for later calls; returns it as they will read it."""
    text = json.dumps(content, indent=1)
    with replacing(path) as part:
        part.write_text(text + "\n", encoding="utf-8")
    saved: dict[str, Any] = json.loads(text)
    return saved


def _train(key: str, configuration: dict[str, Any], run_folder: Path) -> float:
    """Train through train.py in a process of its own; returns its seconds."""
    changes = run_folder / "run.yaml"
    changes.write_text(yaml.safe_dump(configuration), encoding="utf-8")
    command = [sys.executable, str(TRAINING / "train.py"), "fit", "--config", str(CONFIG), "--config", str(changes)]
    begun = time.perf_counter()
    log = run_folder / "log.txt"
    with log.open("w", encoding="utf-8") as lines:
        done = subprocess.run(  # nosec B603  # no shell, our own script
            command, stdout=lines, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode:
        output = log.read_text(encoding="utf-8").strip().splitlines() or ["no output"]
        seed = configuration["seed_everything"]
        raise RunError(f"Training '{key}' with seed {seed} failed: {output[-1]} (whole log: {log})")
    return round(time.perf_counter() - begun, 1)


def _configuration(key: str, seed: int, budget: Budget, base: dict[str, Any], run_folder: Path) -> dict[str, Any]:
    """The configuration on top of reproduce.yaml (`base`): the run's changes, the budget, and the output folder."""
    run = RUNS[key]
    return {
        "seed_everything": seed,
        "trainer": {
            "default_root_dir": str(run_folder),
            "precision": budget.precision,
            "callbacks": [
                {
                    "class_path": "lightning.pytorch.callbacks.ModelCheckpoint",
                    "init_args": {"save_last": True, "save_top_k": 0},
                }
            ],
        },
        "model": {**run.model, "network": {**base["model"].get("network", {}), **run.network}},
        "data": {
            "dataset": budget.dataset,
            "root": budget.root,
            "crop": budget.crop,
            "batch_size": budget.batch,
            "steps": round(budget.steps * run.times_steps),
            "seed": seed,
        },
    }


def _measure(key: str, budget: Budget, trained: Trained) -> dict[str, Any]:
    """Score a checkpoint on the test split and on validation scenes, each scene whole."""
    dataset = find_dataset(budget.dataset)
    names, colours = dataset.classes(budget.root)
    scenes = dataset.load(budget.root, "test")
    segmenter = NetworkSegmenter(trained, device=choose_device("auto"))
    by_name = dict(zip(names, colours, strict=True))
    counted = count_pixels(segmenter, scenes, RATIOS, by_name, dilation=0)
    network = trained.network
    result: dict[str, Any] = {
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "scores": score_summary(counted, names),
    }
    try:
        judged = dataset.load(budget.root, "val")
    except DatasetError:  # it has none
        judged = []
    if judged:
        on_validation = count_pixels(segmenter, judged, RATIOS, by_name, dilation=0)
        result["validation"] = score_summary(on_validation, names)
    if RUNS[key].studies_uncertainty and isinstance(network, DualStream):
        meaning = uncertainty_summary(study_uncertainty(network, scenes, _STUDIED))
        result["uncertainty"] = {name: value for name, value in meaning.items() if name != "curves"}
    return result
