"""Checkpoints that are complete or not there: a full disk or a crash never costs the last good one."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.plugins.io import TorchCheckpointIO

from training.guards import TrainingError


class CheckpointWriter(TorchCheckpointIO):
    """Writes under a temporary name in the same folder, and renames when everything is on the disk."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: object = None) -> None:
        """Write.

        Args:
            checkpoint: weights and the trainer's state.
            path: a file; one that is there is replaced in one go.
            storage_options: must be None.

        Raises:
            TrainingError: when the disk is full or cannot be written; `path` is as it was.
        """
        target = Path(path)
        part = target.with_name(f".{target.name}.part")
        buffer = io.BytesIO()
        torch.save(checkpoint, buffer)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(part, buffer.getbuffer())
            os.replace(part, target)
            _sync_folder(target.parent)
        except OSError as error:
            part.unlink(missing_ok=True)
            stays = f"'{target}' is still the one before" if target.exists() else "nothing was left there"
            raise TrainingError(
                f"Cannot write the checkpoint '{target}' ({buffer.tell() / 2**20:.1f} MiB): {error.strerror}; {stays}. "
                "Make room or give another --trainer.default_root_dir, then go on with --ckpt_path"
            ) from error

    def load_checkpoint(
        self,
        path: str | Path,
        map_location: Callable[..., Any] | None = lambda storage, place: storage,
        weights_only: bool | None = None,
    ) -> dict[str, Any]:
        """Read without executing anything that the file may carry, whatever was asked for."""
        return super().load_checkpoint(path, map_location, weights_only=True)


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
