import threading
import time

import pytest

from uhrs_qgis_plugin.engine.flow.queues import ReadAhead, WriteBehind


def _never():
    pass


class _StopError(Exception):
    pass


def _stop():
    raise _StopError


def test_ahead_yields_in_order_and_runs_elsewhere():
    threads = []

    def produce():
        threads.append(threading.current_thread())
        yield from range(50)

    with ReadAhead(produce, 3, _never) as items:
        assert list(items) == list(range(50))
    assert threads[0] is not threading.current_thread()


def test_ahead_is_never_more_than_its_depth_ahead():
    made = []

    def produce():
        for index in range(20):
            made.append(index)
            yield index

    with ReadAhead(produce, 2, _never) as items:
        for item in items:
            time.sleep(0.01)
            assert len(made) <= item + 4  # two wait, one is in the hands of the thread, one was just taken


def test_ahead_hands_on_errors_after_the_items_before():
    def produce():
        yield 1
        raise ValueError("broken")

    with ReadAhead(produce, 1, _never) as items:
        stream = iter(items)
        assert next(stream) == 1
        with pytest.raises(ValueError, match="broken"):
            next(stream)


def test_ahead_closes_the_generator_in_its_own_thread_when_left_early():
    closed = []

    def produce():
        try:
            yield from range(1000)
        finally:
            closed.append(threading.current_thread())

    with ReadAhead(produce, 1, _never) as items:
        assert next(iter(items)) == 0
    assert len(closed) == 1
    assert closed[0] is not threading.current_thread()


def test_ahead_asks_while_it_waits():
    hang = threading.Event()

    def produce():
        hang.wait(10)
        yield 1

    with ReadAhead(produce, 1, _stop) as items:
        with pytest.raises(_StopError):
            next(iter(items))
        hang.set()


def test_behind_consumes_everything_in_order_before_it_ends():
    got = []

    def consume(item):
        time.sleep(0.001)
        got.append(item)

    with WriteBehind(consume, 2, _never) as sink:
        for index in range(30):
            sink.put(index)
    assert got == list(range(30))


def _put_all(sink, items):
    with sink:
        for item in items:
            sink.put(item)


@pytest.mark.parametrize("failing", [0, 3, 9])
def test_behind_hands_on_errors(failing):
    def consume(item):
        if item == failing:
            raise OSError("disk full")

    sink = WriteBehind(consume, 1, _never)
    with pytest.raises(OSError, match="disk full"):
        _put_all(sink, range(10))
    assert not sink._thread.is_alive()


def test_behind_drops_what_waits_after_an_error():
    def items():
        yield 1
        raise KeyError

    sink = WriteBehind([].append, 1, _never)
    with pytest.raises(KeyError):
        _put_all(sink, items())
    assert not sink._thread.is_alive()


def test_behind_asks_while_it_waits_for_the_last_item():
    hang = threading.Event()
    threading.Timer(0.3, hang.set).start()
    with pytest.raises(_StopError):
        _put_all(WriteBehind(lambda item: hang.wait(10), 1, _stop), [1])
