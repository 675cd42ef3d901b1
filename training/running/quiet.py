"""What other packages say that helps nobody who trains."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_TALK = ("💡", "TPU available", "HPU available", "IPU available", "Loading `train_dataloader` to estimate")
_LOGGERS = ("lightning.pytorch.utilities.rank_zero", "lightning.fabric.utilities.rank_zero")
_WARNINGS = (
    "`isinstance\\(treespec, LeafSpec\\)` is deprecated",  # Lightning's use of torch
    "Checkpoint directory .* exists and is not empty",  # a run's folder is its own; what is in there are its logs
    ".*does not have many workers",  # `data.workers` follows the processor
    ".*`IterableDataset` has `__len__` defined",
)


@contextmanager
def quiet() -> Iterator[None]:
    """Leave out advertisements, devices that nobody has, and deprecations within other packages."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.addFilter(_is_ours)
    try:
        with warnings.catch_warnings():
            for text in _WARNINGS:
                warnings.filterwarnings("ignore", text)
            yield
    finally:
        for logger in loggers:
            logger.removeFilter(_is_ours)


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether a line of the log is worth reading."""
    return not record.getMessage().startswith(_TALK)
