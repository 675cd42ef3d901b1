"""A folder for each training run: numbered or named, never shared by two trainings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import torch

from training.errors import CheckpointError, SettingsError

_ROOT = "runs"  # where nothing is configured
_NUMBERED = re.compile(r"version_(\d+)")
_KEYWORDS = ("last", "best")


def claim_folder(root: str | Path | None, name: str | None, resumed: str | Path | None, writes: bool = True) -> Path:
    """The folder of a run: its checkpoints and logs, and nothing of any other run.

    A resumed run goes on in the folder of its checkpoint, when that lies below `root` and no checkpoint beside it is
    further. Every other run gets a new one.

    Args:
        root: where runs are kept; None is "runs".
        name: of the run; None numbers it: version_0, version_1 and so on.
        resumed: the checkpoint that the run goes on from.
        writes: make the folder; of several processes only the first one does.

    Raises:
        SettingsError: the name is none for a folder, or another run has it.
    """
    base = Path(root or _ROOT).expanduser()
    if name == ".." or (name is not None and Path(name).parts != (name,)):
        raise SettingsError(
            f"--run is '{name}'; give the name of a folder in '{base}', or leave it out: runs are numbered"
        )
    own = Path(resumed).parent if resumed is not None and _goes_on(Path(resumed), base) else None
    if own is not None and name in (None, own.resolve().name):
        return own
    if name is not None:
        return _named(base / name, writes)
    number = 1 + max(_numbers(base), default=-1)
    while writes:
        try:
            folder = base / f"version_{number}"
            folder.mkdir(parents=True)
            return folder
        except FileExistsError:  # another training was faster
            number += 1
    return base / f"version_{number}"


def _named(folder: Path, writes: bool) -> Path:
    if not writes:
        return folder
    try:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        folder.mkdir(parents=True)
    except FileExistsError:
        raise SettingsError(
            f"'{folder}' is there already; give another --run, leave it out (runs are then numbered), or go on with "
            f"--ckpt_path '{folder / 'last.ckpt'}'"
        ) from None
    return folder


def _goes_on(checkpoint: Path, base: Path) -> bool:
    """Whether a checkpoint is the furthest one of a run below `base`."""
    folder = checkpoint.resolve().parent
    if folder.parent != base.resolve():
        return False
    here = _steps(checkpoint)
    return all(_steps(other) <= here for other in folder.glob("[!.]*.ckpt"))  # hidden ones were not written to the end


def _steps(checkpoint: Path) -> float:
    """Steps of a training; endless where the file cannot be read, which whoever reads it will report."""
    try:
        return int(torch.load(checkpoint, map_location="cpu", weights_only=True, mmap=True)["global_step"])
    except Exception:  # the reader raises a dozen unrelated types for damaged files
        return float("inf")


def _numbers(base: Path) -> Iterator[int]:
    if base.is_dir():
        for entry in base.iterdir():
            found = _NUMBERED.fullmatch(entry.name)
            if found:
                yield int(found[1])


def find_checkpoint(root: str | Path | None, name: str | None, asked: str) -> str:
    """The file that `--ckpt_path` means: "last" and "best" are those of the newest run, or of the run `name`.

    Raises:
        CheckpointError: no run has such a checkpoint.
    """
    if asked not in _KEYWORDS:
        return asked
    base = Path(root or _ROOT).expanduser()
    found = sorted(base.glob(f"{name or '*'}/{asked}.ckpt"), key=lambda path: path.stat().st_mtime_ns)
    if not found:
        raise CheckpointError(
            f"No run in '{base / (name or '')}' has a {asked}.ckpt; give --ckpt_path a file, or leave it out"
        )
    return str(found[-1])
