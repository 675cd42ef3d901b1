"""Waiting for what may take long, without being deaf meanwhile. Loads nothing of Dask."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, TypeVar

from uhrs_qgis_plugin.engine.flow import Watch

T = TypeVar("T")
TICK_S = 0.05


def soon(call: Callable[..., T], *arguments: Any) -> Future[T]:  # noqa: ANN401 (Dask is untyped)
    """Call something that may wait for long, in a thread of its own."""
    answer: Future[T] = Future()

    def ask() -> None:
        try:
            answer.set_result(call(*arguments))
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=ask, name="uhrs-cluster", daemon=True).start()
    return answer


def wait_for(answer: Future[T], watch: Watch) -> T:
    """Wait for an answer, and stop when the caller cancels.

    Raises:
        CancelledError: The caller cancelled.
    """
    while True:
        try:
            return answer.result(TICK_S)
        except FutureTimeoutError:
            if answer.done():
                raise
        watch.check()
