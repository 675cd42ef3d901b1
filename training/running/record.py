"""What a run was: written into its folder when it begins, and told in a line after every epoch."""

from __future__ import annotations

import math
import platform
import shlex
import subprocess  # nosec B404  # git, with fixed arguments
import sys
import time
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.utilities import rank_zero_info, rank_zero_only

from training.running.budget import planned_steps
from training.running.work import RECORD, duration, read_record, write_record

_PACKAGES = ("torch", "lightning", "numpy", "rasterio", "onnx", "onnxruntime")
_ROOT = Path(__file__).resolve().parents[2]


class RunRecord(L.Callback):
    """Writes run.json into the folder of a run: command, revision of the code, packages, device, beginnings, ends.

    A run that is resumed adds its beginning and its end to those that are there. Of each end it tells the seconds that
    the processor has worked for training since the beginning, by all threads of this process.
    """

    def __init__(self) -> None:
        self._worked = 0.0

    @rank_zero_only
    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Write."""
        if trainer.fast_dev_run:  # type: ignore[attr-defined]
            return
        target = Path(trainer.default_root_dir) / RECORD
        before = read_record(target)
        kept = {name: before[name] for name in ("beginnings", "ends") if isinstance(before.get(name), list)}
        write_record(target, {**described(trainer), **kept, "beginnings": [*kept.get("beginnings", []), _now(trainer)]})
        self._worked = time.process_time()

    @rank_zero_only
    def on_train_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Add the end."""
        target = Path(trainer.default_root_dir) / RECORD
        content = read_record(target)
        if trainer.fast_dev_run or not content:  # type: ignore[attr-defined]
            return
        end = {**_now(trainer), "processor_s": round(time.process_time() - self._worked, 1)}
        write_record(target, {**content, "ends": [*content.get("ends", []), end]})


def described(trainer: L.Trainer) -> dict[str, Any]:
    """Command, revision, packages and machine."""
    return {
        "command": shlex.join(sys.argv),
        "revision": revision(_ROOT),
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
        "python": platform.python_version(),
        "system": platform.platform(),
        "device": str(trainer.strategy.root_device),
        "processes": trainer.world_size,
        "precision": str(trainer.precision),
    }


def _now(trainer: L.Trainer) -> dict[str, Any]:
    return {"utc": datetime.now(timezone.utc).isoformat(timespec="seconds"), "step": trainer.global_step}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def revision(folder: Path) -> str | None:
    """The commit that the code in a folder is of, with "+changes" where files differ from it; None without git."""
    try:
        asked = (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
        commit, changed = (
            subprocess.run(  # nosec B603, B607
                ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True, timeout=10
            ).stdout.strip()
            for arguments in asked
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return commit + ("+changes" if changed else "")


class EpochLine(L.Callback):
    """Says after each epoch in a line how far training is, what validation found, and how long it will still take."""

    def __init__(self) -> None:
        self._began, self._first = 0.0, 0
        self._best = -math.inf

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Start the clock."""
        self._began, self._first = time.monotonic(), trainer.global_step

    def state_dict(self) -> dict[str, Any]:
        """The best score, which a resumed training goes on with."""
        return {"best": self._best}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take it back."""
        self._best = float(state_dict["best"])

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Say it."""
        parts = [f"Epoch {trainer.current_epoch + 1}"]
        if trainer.max_epochs is not None and trainer.max_epochs > 0:
            parts[0] += f" of {trainer.max_epochs}"
        total = planned_steps(trainer)(trainer.global_step)
        parts.append(f"step {trainer.global_step:,}" + (f" of {int(total):,}" if math.isfinite(total) else ""))
        metrics = trainer.callback_metrics
        if "train/final" in metrics:
            parts.append(f"loss {float(metrics['train/final']):.3f}")
        if "val/score" in metrics:
            score = 100 * float(metrics["val/score"])
            self._best = max(self._best, score)
            parts.append(f"val/score {score:.1f} % (best {self._best:.1f})")
        done = trainer.global_step - self._first
        if done and math.isfinite(total):
            left = (time.monotonic() - self._began) / done * (total - trainer.global_step)
            parts.append(f"{duration(left)} left" if left else "done")
        rank_zero_info(", ".join(parts))
