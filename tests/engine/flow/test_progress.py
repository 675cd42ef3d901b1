import pytest

from uhrs_qgis_plugin.engine.errors import CancelledError
from uhrs_qgis_plugin.engine.flow import UNWATCHED, Message, Watch


def test_parts_of_parts_are_shares_of_the_whole():
    shares = []
    step = Watch(shares.append).part(0.5, 1.0).part(0.0, 0.5)
    for share in (0.0, 0.5, 1.0):
        step.report(share)
    assert shares == [0.5, 0.625, 0.75]


def test_a_cancel_is_raised_by_check_and_report_and_reports_nothing():
    shares, answers = [], [False]
    watch = Watch(shares.append, lambda: answers[0])
    watch.check()
    watch.report(0.25)
    answers[0] = True
    for step in (watch.check, lambda: watch.report(0.5), lambda: watch.part(0, 1).report(0.5)):
        with pytest.raises(CancelledError):
            step()
    assert shares == [0.25]


def test_parts_keep_events_and_nobody_need_listen():
    events = []
    Watch(notify=events.append).part(0, 0.1).notify(Message("text"))
    assert events == [Message("text")]
    UNWATCHED.report(0.5)
    UNWATCHED.notify(Message("text"))
