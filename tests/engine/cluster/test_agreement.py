"""Which workers may work together, and how an address is read: no Dask in it."""

import pytest

from uhrs_qgis_plugin.engine.cluster import parse_address
from uhrs_qgis_plugin.engine.cluster.agreement import common_facts, difference
from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.segmentation import Options

WANTED = {"numpy": "2.0", "model": "abc"}


def _facts(device, **changed):
    return {**WANTED, "device": device, **changed}


def test_most_workers_decide_what_the_client_leaves_open():
    answers = [_facts("cpu"), _facts("cuda"), _facts("cuda")]
    assert common_facts(answers, WANTED, ["device"]) == _facts("cuda")
    assert common_facts(answers[:2], WANTED, ["device"]) == _facts("cpu")  # equally many: the alphabet


def test_who_does_not_fit_has_no_vote():
    answers = [_facts("cuda", numpy="1.0"), _facts("cuda", model="x"), _facts("cpu")]
    assert common_facts(answers, WANTED, ["device"])["device"] == "cpu"
    assert common_facts(answers[:2], WANTED, ["device"]) == WANTED


def test_a_difference_names_both_sides():
    assert difference(WANTED, _facts("cpu")) == ""
    assert difference(WANTED, {"numpy": "1.0"}) == "numpy 1.0 in place of 2.0 and model unknown in place of abc"


def test_addresses():
    assert (parse_address("local:4").kind, parse_address("local:4").workers) == ("local", 4)
    assert parse_address("tls://10.0.0.1:8786").url == "tls://10.0.0.1:8786"
    assert (parse_address("slurm:20").kind, parse_address("slurm:20").workers) == ("slurm", 20)


@pytest.mark.parametrize(
    "text", ["", "local", "local:0", "local:-1", "slurm", "http://a:1", "tcp://a", "local:9999999"]
)
def test_what_is_no_address_is_refused_before_anything_starts(text):
    with pytest.raises(OptionsError, match="choose local:4"):
        Options(cluster=text)
