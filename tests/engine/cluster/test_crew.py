"""Real processes of Dask that square numbers: what is lost with a worker is done by another."""

import contextlib
import importlib
import time

import pytest

from tests.engine.cluster.toys import FACTS, Toy
from uhrs_qgis_plugin.engine.cluster import Meeting, Task, gather_crew, hand_out, parse_address
from uhrs_qgis_plugin.engine.errors import CancelledError, ClusterError, OutputError
from uhrs_qgis_plugin.engine.flow import Watch

pytest.importorskip("distributed")  # an extra; the environment of QGIS has none
crew = importlib.import_module("uhrs_qgis_plugin.engine.cluster.crew")
handing = importlib.import_module("uhrs_qgis_plugin.engine.cluster.handing_out")

TASKS = 30


@contextlib.contextmanager
def gathered(work, workers=2, wanted=FACTS, **watch):
    """A crew that has met, and what it was told."""
    lines = []
    watch = Watch(notify=lambda event: lines.append(event.text), **watch)
    meeting = Meeting(work.parent / "meeting")
    with meeting, gather_crew(parse_address(f"local:{workers}"), meeting, Toy(str(work)), 1, (), watch) as made:
        made.meet(wanted, ["device"])
        yield made, lines
    assert not meeting.folder.exists()


def squares(made, kind="square", tasks=TASKS):
    return {done.task.number: done.result for done in hand_out(made, kind, (Task(n, n) for n in range(tasks)))}


EXPECTED = {number: number**2 for number in range(TASKS)}


def test_each_task_is_done_once_and_workers_say_what_they_use(work):
    with gathered(work) as (made, _):
        assert squares(made) == EXPECTED
        assert made.facts == {**FACTS, "device": "toy"}
        assert dict(made.devices) == {"toy": 2}
        assert made.tasks == TASKS
        assert squares(made, "again") == EXPECTED  # a second pass


def test_tasks_are_taken_when_there_is_somebody_to_do_them(work):
    taken = []

    def tasks():
        for number in range(100):
            taken.append(number)
            yield Task(number, number)

    with gathered(work, 1) as (made, _):
        for count, _ in enumerate(hand_out(made, "square", tasks()), 1):
            assert len(taken) <= count + handing.AHEAD


def test_a_worker_with_other_versions_is_refused_with_a_line(work):
    (work / "other").touch()
    with gathered(work) as (made, lines):
        assert len(made) == 1
        assert squares(made) == EXPECTED
    assert any("is not used: it has onnxruntime 0.9 in place of 1.0" in line for line in lines)


def test_without_a_worker_that_fits_there_is_no_run(work):
    with (
        pytest.raises(ClusterError, match=r"No worker can be used.*model m in place of other"),
        gathered(work, 1, {**FACTS, "model": "other"}),
    ):
        pass


def test_a_worker_that_fails_is_left_out_and_its_tasks_are_done(work):
    (work / "fail-once").touch()
    with gathered(work) as (made, lines):
        assert squares(made) == EXPECTED
        assert len(made) == 1
    assert any("The disk is full. Going on without it." in line for line in lines)


def test_a_task_that_fails_everywhere_fails_as_it_would_here(work):
    (work / "fail").touch()
    with pytest.raises(OutputError, match="The disk is full"), gathered(work) as (made, _):
        squares(made)


@pytest.mark.slow
def test_killed_workers_lose_nothing(work):
    with gathered(work) as (made, lines):
        for _ in range(2):
            (work / "die").touch()
            assert squares(made) == EXPECTED
    assert sum("has ended" in line for line in lines) == 2


@pytest.mark.slow
def test_all_workers_gone_at_once_come_back(work):
    (work / "die").touch()
    with gathered(work, 1) as (made, _):
        assert squares(made) == EXPECTED


@pytest.mark.slow
def test_what_hangs_is_done_by_another(work, monkeypatch):
    monkeypatch.setattr(handing, "LATE_S", 0.5)
    (work / "hang").touch()
    with gathered(work) as (made, _):
        assert squares(made) == EXPECTED


def test_a_cancel_stops_workers_in_the_middle_of_a_task(work):
    stopped = []

    def stop_after_the_first():
        with gathered(work, 1, is_cancelled=lambda: bool(stopped)) as (made, _):
            for _ in hand_out(made, "sleep", [Task(0, 0.01), Task(1, 500)]):
                stopped.append(time.monotonic())

    with pytest.raises(CancelledError):
        stop_after_the_first()
    assert time.monotonic() - stopped[0] < 60  # not 500: the worker was told


def test_a_folder_that_is_not_shared_is_found_before_the_first_task(work, monkeypatch):
    """Each side sees a folder of its own: the client does not see what workers write."""
    monkeypatch.setattr(crew, "WRITE_S", 0.2)
    monkeypatch.setattr(Meeting, "has_answered", lambda self, name: False)
    message = "does not arrive here: results must go to a file system that all"
    with pytest.raises(ClusterError, match=message), gathered(work, 1):
        pass


def test_a_scheduler_that_does_not_answer_is_one_line(work, monkeypatch):
    from uhrs_qgis_plugin.engine.cluster import start

    monkeypatch.setattr(start, "CONNECT_S", 0.5)
    address = parse_address("tcp://127.0.0.1:1")
    with (
        Meeting(work.parent / "meeting") as meeting,
        pytest.raises(ClusterError, match="does not answer") as caught,
        gather_crew(address, meeting, Toy(str(work)), 1, (), Watch()),
    ):
        pass
    assert "\n" not in str(caught.value)
