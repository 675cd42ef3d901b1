"""Average the weights of checkpoints of one training history: often better than each of them.

    python training/average_checkpoints.py A.ckpt B.ckpt OUT.ckpt

Choose what to average on validation scenes, never on test scenes.

Reference: Wortsman et al., "Model soups" (ICML 2022).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import torch

from training.errors import CheckpointError, command
from training.networks import name_of
from training.weights import Trained, load_trained, save_trained


def average(trained: Sequence[Trained]) -> Trained:
    """The first checkpoint, with the mean of all weights and normalisation statistics.

    Raises:
        CheckpointError: When networks or classes differ.
    """
    first = trained[0]
    for other in trained[1:]:
        if (name_of(other.network), other.network.settings, other.class_names) != (
            name_of(first.network),
            first.network.settings,
            first.class_names,
        ):
            raise CheckpointError("The checkpoints differ in network or classes; average those of one training")
    states = [one.network.state_dict() for one in trained]
    mean = {
        key: torch.stack([state[key] for state in states]).mean(0) if value.is_floating_point() else value
        for key, value in states[0].items()
    }
    first.network.load_state_dict(mean)
    return first


@command
def main(args: Sequence[str] | None = None) -> None:
    """Average as the command line says.

    Raises:
        CheckpointError: When a checkpoint cannot be read, or they differ.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoints", nargs="+", type=Path, help="two or more checkpoints, then the one to write")
    paths = parser.parse_args(args).checkpoints
    if len(paths) < 3:
        parser.error(f"{len(paths)} names were given; give two or more checkpoints and the one to write")
    mean = average([load_trained(path) for path in paths[:-1]])
    save_trained(paths[-1], mean.network, mean.class_names, mean.class_colours)
    print(f"{paths[-1]}: the mean of {len(paths) - 1} checkpoints")


if __name__ == "__main__":
    main()
