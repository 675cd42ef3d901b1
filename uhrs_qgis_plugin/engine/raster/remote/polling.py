"""Waiting for a server without being deaf: what may hang runs in a thread, and the waiting one asks whether to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, TimeoutError
from typing import Any, TypeVar

POLL_S = 0.1

T = TypeVar("T")


def wait_for(future: Future[T], check: Callable[[], None]) -> T:
    """Wait for a result.

    Args:
        check: Called now and then; an error that it raises comes out of here.
    """
    while True:
        try:
            return future.result(timeout=POLL_S)
        except TimeoutError:
            if future.done():
                raise
            check()


class Polling:
    """Runs calls one at a time, each in a thread that is left behind when the caller stops waiting.

    Attributes:
        is_left: Whether a call is still under way that nobody waits for.
    """

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self.is_left = False

    def run(self, call: Callable[[], T]) -> T:
        """Run a call; what it raises, and what `check` raises, comes out of here."""
        future: Future[Any] = Future()

        def work() -> None:
            try:
                future.set_result(call())
            except BaseException as error:
                future.set_exception(error)

        threading.Thread(target=work, name="uhrs-waiting", daemon=True).start()
        try:
            result: T = wait_for(future, self._check)
            return result
        finally:
            self.is_left = not future.done()
