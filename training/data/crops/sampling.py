"""Which process takes which crops and scenes, and where a resumed training continues."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from torch import Tensor
from torch.utils.data import DataLoader, Dataset, DistributedSampler


class CropOrder(DistributedSampler[Any]):
    """The crops of one process of several, as (epoch, number in the epoch).

    Step s of an epoch takes the crops from s * processes * batch on, and process r the r-th `batch` of them: n
    processes with b crops each see in every step what one process with n * b crops sees. Being a DistributedSampler
    keeps Lightning from replacing it by its own.

    Args:
        batch: crops a step and process.
        process: number of this process, from 0.
        done: -> batches that the whole training has taken so far; called whenever an iteration begins, so that a
            resumed training continues with the next crop, also in the middle of an epoch.
    """

    def __init__(
        self,
        crops: Dataset[Any],
        steps: int,
        batch: int,
        process: int = 0,
        processes: int = 1,
        done: Callable[[], int] = lambda: 0,
    ) -> None:
        super().__init__(crops, num_replicas=processes, rank=process, shuffle=False)
        self.steps, self.batch, self.done = steps, batch, done

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """(epoch, number) of one epoch's crops, after those already taken."""
        first = self.done()
        for taken in range(first, first + self.steps):
            epoch, step = divmod(taken, self.steps)
            start = (step * self.num_replicas + self.rank) * self.batch
            yield from ((epoch, start + place) for place in range(self.batch))

    def __len__(self) -> int:
        """Crops an epoch and process."""
        return self.steps * self.batch


class SceneOrder(DistributedSampler[Any]):
    """The scenes of one process of several: every n-th, each scene once.

    Every process gets the same number, because all must finish together: -1 is padding, a scene without labels.

    Args:
        process: number of this process, from 0.
    """

    def __init__(self, scenes: Dataset[Any], process: int = 0, processes: int = 1) -> None:
        super().__init__(scenes, num_replicas=processes, rank=process, shuffle=False)

    def __iter__(self) -> Iterator[int]:
        """Numbers of scenes, or -1."""
        own = range(self.rank, len(self) * self.num_replicas, self.num_replicas)
        return (index if index < len(self.dataset) else -1 for index in own)  # type: ignore[arg-type]

    def __len__(self) -> int:
        """Scenes a process."""
        return self.num_samples


class CropLoader(DataLoader[dict[str, Tensor]]):
    """Batches in a `CropOrder`, which itself determines where to continue.

    Lightning warns when it resumes in the middle of an epoch with a loader that keeps no state; this one needs none.
    """

    def state_dict(self) -> dict[str, Any]:
        """Nothing: the number of batches taken is in the checkpoint already."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Nothing to do."""
