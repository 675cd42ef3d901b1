"""Checkpoints that are written completely or not at all, and that are checked when they are read.

A full disk or a crash never costs the last good one.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.plugins.io import TorchCheckpointIO
from torch import Tensor, nn

from training.errors import CheckpointError, StoppedError
from uhrs_qgis_plugin.engine.errors import OutputError
from uhrs_qgis_plugin.engine.files import replacing


class CheckpointWriter(TorchCheckpointIO):
    """Writes under a temporary name in the same folder, and renames when everything is on the disk.

    Args:
        check: path and content of a checkpoint -> an error when training cannot continue from it.
    """

    def __init__(self, check: Callable[[str | Path, dict[str, Any]], None]) -> None:
        super().__init__()
        self._check = check

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: object = None) -> None:
        """Write.

        Args:
            path: a file; one that is there is replaced in one go.
            storage_options: must be None.

        Raises:
            StoppedError: when the disk is full or cannot be written; `path` is as it was.
        """
        target = Path(path)
        buffer = io.BytesIO()
        torch.save(checkpoint, buffer)
        try:
            with replacing(target, "training") as part:
                target.parent.mkdir(parents=True, exist_ok=True)
                _write(part, buffer.getbuffer())
            _sync_folder(target.parent)
        except (OSError, OutputError) as error:
            stays = f"'{target}' is still the one before" if target.exists() else "Nothing was left there"
            raise StoppedError(
                f"Cannot write the checkpoint ({buffer.tell() / 2**20:.1f} MiB): {error} {stays}. "
                "Make room, then go on with --ckpt_path"
            ) from error

    def load_checkpoint(
        self,
        path: str | Path,
        map_location: Callable[..., Any] | None = lambda storage, place: storage,
        weights_only: bool | None = None,
    ) -> dict[str, Any]:
        """Read without executing anything that the file may contain, whatever the arguments.

        Raises:
            CheckpointError: when the file is missing or damaged, or the check refuses it.
        """
        try:
            content = super().load_checkpoint(path, map_location, weights_only=True)
        except Exception as error:  # the reader raises a dozen unrelated types for damaged files
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise CheckpointError(
                f"Cannot go on from '{path}': {reason}. Give a .ckpt that train.py wrote, such as last.ckpt"
            ) from error
        self._check(path, content)
        return content


def _write(path: Path, content: memoryview) -> None:
    """Write and wait until it is on the disk: a rename that outlives its content would leave an empty file."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Wait until the rename is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_resume(path: str | Path, content: dict[str, Any], model: L.LightningModule) -> None:
    """Compare the checkpoint of --ckpt_path with what is to be trained.

    Args:
        model: what was built from the configuration and the data.

    Raises:
        CheckpointError: when it is of other classes, of another network or of no training.
    """
    content = content if isinstance(content, dict) else {}  # the file may hold anything
    hyper, weights = content.get("hyper_parameters"), content.get("state_dict")
    if not isinstance(hyper, dict) or not isinstance(weights, dict) or "class_names" not in hyper:
        raise CheckpointError(f"'{path}' is no checkpoint of train.py. Give one that it wrote, such as last.ckpt")
    names, wanted = list(hyper["class_names"]), list(model.hparams["class_names"])
    if names != wanted:
        raise CheckpointError(
            f"'{path}' was trained for {len(names)} classes ({', '.join(names)}), the data have {len(wanted)} "
            f"({', '.join(wanted)}). To begin with its weights on other classes give --model.start_from '{path}' "
            "instead of --ckpt_path"
        )
    if "optimizer_states" not in content:
        raise CheckpointError(
            f"'{path}' holds weights, but not the state of a training. Give --model.start_from '{path}' instead of "
            "--ckpt_path"
        )
    _check_weights(path, weights, model)


def _check_weights(path: str | Path, weights: dict[str, Tensor], model: nn.Module) -> None:
    expected = model.state_dict()
    for name in sorted(expected.keys() | weights.keys()):
        found, wanted = (tuple(state[name].shape) if name in state else "missing" for state in (weights, expected))
        if found != wanted:
            raise CheckpointError(
                f"'{path}' is of another network: {name} is {found} there and {wanted} here. Use the configuration "
                "that it was trained with"
            )
