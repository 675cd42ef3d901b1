"""Whole scenes one after the other: read by whoever takes one, or decoded ahead by processes of the loader."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.distributed import get_world_size, is_available, is_initialized
from torch.utils.data import DataLoader, Dataset

from training.data.arrays import PixelArray, Scene, in_memory
from uhrs_qgis_plugin.engine.raster import bounded_memory

_MOST_AHEAD = 2  # scenes that are decoded, or wait, while another one is segmented: bounds memory
_SHARED = "/dev/shm"  # nosec B108  # where Linux keeps what processes share; containers often have 64 MB of it


class WholeScenes(Dataset[dict[str, PixelArray | None]]):
    """Every scene whole, for validation and testing; nothing is read yet."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        self.scenes = scenes

    def __len__(self) -> int:
        """Number of scenes."""
        return len(self.scenes)

    def __getitem__(self, index: int) -> dict[str, PixelArray | None]:
        """`image` (B, H, W) and `mask` (H, W); both are None for -1, see `SceneOrder`."""
        if index >= len(self.scenes):
            raise IndexError(index)
        if index < 0:
            return {"image": None, "mask": None}
        return {"image": self.scenes[index].image, "mask": self.scenes[index].labels}


class _SceneArrays(Dataset[dict[str, PixelArray | None]]):
    """The arrays of every scene by name."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        self.scenes = scenes

    def __len__(self) -> int:
        return len(self.scenes)

    def __getitem__(self, index: int) -> dict[str, PixelArray | None]:
        scene = self.scenes[index]
        return {"image": scene.image, "labels": scene.labels, "valid": scene.valid}


class SceneLoader(DataLoader[dict[str, PixelArray | None]]):
    """The dictionaries of arrays of a dataset, one by one and in order; see `scene_loading` for its settings."""

    def __iter__(self) -> Iterator[dict[str, PixelArray | None]]:  # type: ignore[override]  # a plain iterator will do
        """Arrays again of what processes have decoded; its memory is shared, not copied."""
        return map(_as_arrays, super().__iter__())


def scene_loading(scenes: Sequence[Scene], workers: int) -> dict[str, Any]:
    """How a `SceneLoader` gets whole scenes.

    Args:
        scenes: what it will load.
        workers: processes that may decode, each a scene; at most two do. None do where there is nothing to decode
            ahead, or where scenes do not fit the memory that processes share: whoever takes a scene then reads it.
    """
    one_by_one = {"batch_size": None, "collate_fn": _as_they_are, "num_workers": 0}
    files = [scene for scene in scenes if not (in_memory(scene.image) and in_memory(scene.labels))]
    workers = min(workers, _MOST_AHEAD, len(scenes) - 1)
    if workers < 1 or not files or (workers + 2) * max(map(_size, files)) > _shared_memory():
        return one_by_one  # + 2: the scene that is segmented, and the one that was
    ahead = {"prefetch_factor": 1, "persistent_workers": True}
    return {**one_by_one, "collate_fn": _decoded, "num_workers": workers, **ahead}


def scenes_ahead(scenes: Sequence[Scene]) -> Iterator[Scene]:
    """The scenes in order, in memory, while the next ones are being decoded.

    Raises:
        DatasetError: The files of a scene cannot be read, or hold what they must not; raised in its turn.
    """
    loader = SceneLoader(_SceneArrays(scenes), **scene_loading(scenes, _MOST_AHEAD))
    for scene, arrays in zip(scenes, loader, strict=True):
        yield replace(scene, **cast(Any, arrays))


def _as_they_are(arrays: dict[str, PixelArray | None]) -> dict[str, PixelArray | None]:
    """No tensors yet."""
    return arrays


def _decoded(arrays: dict[str, PixelArray | None]) -> dict[str, Tensor | None]:
    """All pixels, as what processes share. Arrays would go through a pipe, on which an orphan waits for ever."""
    with bounded_memory():
        return {name: None if array is None else _shareable(np.asarray(array)) for name, array in arrays.items()}


def _shareable(array: npt.NDArray[Any]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))


def _as_arrays(arrays: dict[str, Any]) -> dict[str, PixelArray | None]:
    return {name: value.numpy() if isinstance(value, Tensor) else value for name, value in arrays.items()}


def _size(scene: Scene) -> int:
    """Bytes of a scene."""
    arrays = (scene.image, scene.labels, scene.valid)
    return sum(int(array.size * array.dtype.itemsize) for array in arrays if array is not None)


def _shared_memory() -> float:
    """Bytes that may be shared, of each process that trains; endless where the system has no folder for it."""
    processes = get_world_size() if is_available() and is_initialized() else 1
    return shutil.disk_usage(_SHARED).free / processes if os.path.isdir(_SHARED) else float("inf")
