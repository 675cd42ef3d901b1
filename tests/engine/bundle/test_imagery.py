"""Statistics of the training imagery in a bundle: written and read, and refused where they are wrong."""

import copy
import json
import math

import numpy as np
import pytest

from tests.engine.bundle.hostile import packed, refused, replaced
from tests.engine.familiarity.cases import imagery
from tests.engine.tiny_bundle import manifest, write_tiny_bundle
from uhrs_qgis_plugin.engine.bundle import amend_bundle, read_bundle, read_imagery
from uhrs_qgis_plugin.engine.errors import BundleError


def test_written_and_read(tmp_path):
    path, known = tmp_path / "m.uhrs", imagery()
    before = write_tiny_bundle(path)
    assert before.imagery is None
    found = amend_bundle(path, {"uhrs:imagery": known.to_json()})
    assert found.sha256 == read_bundle(path).sha256
    assert dict(found.graphs) == dict(before.graphs)
    assert (found.name, found.fill, found.sha256 != before.sha256) == (before.name, before.fill, True)
    again = found.imagery
    assert (again.windows, again.threshold) == (known.windows, known.threshold)
    np.testing.assert_allclose(again.mean, known.mean, rtol=1e-5)
    for kind, mixture in known.mixtures.items():
        np.testing.assert_allclose(again.mixtures[kind].weights, mixture.weights, rtol=1e-5)
        np.testing.assert_allclose(again.mixtures[kind].means, mixture.means, rtol=1e-5)
        np.testing.assert_allclose(again.mixtures[kind].covariances, mixture.covariances, rtol=1e-5, atol=1e-12)


def test_a_bundle_that_would_be_none_is_left_as_it_was(tmp_path):
    path = tmp_path / "m.uhrs"
    write_tiny_bundle(path)
    content = path.read_bytes()
    with pytest.raises(BundleError, match="uhrs:imagery"):
        amend_bundle(path, {"uhrs:imagery": {}})
    assert path.read_bytes() == content


def test_numbers_of_another_kind_are_left_aside():
    assert read_imagery({"descriptor": 2, "anything": "at all"}, 3) is None


def changed(path, value):
    """The statistics with another value at a path of keys."""
    entry = copy.deepcopy(imagery().to_json())
    holder = entry
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return entry


TRAINING = ("mixtures", "training")
WRONG = [
    (("descriptor",), True),
    (("descriptor",), "1"),
    (("windows",), 0),
    (("windows",), 10**30),
    (("mean",), []),
    (("mean",), [1.0] * 4),
    (("mean",), ["1", 2, 3]),
    (("mean",), [math.nan, 2, 3]),
    (("mean",), [10**400, 2, 3]),
    (("deviation",), [1.0, 0.0, 1.0]),
    (("deviation",), [1.0, -2.0, 1.0]),
    (("threshold",), None),
    (("threshold",), math.inf),
    (("mixtures",), []),
    (("mixtures",), {}),
    (("mixtures", "snow"), {}),
    (TRAINING, None),
    ((*TRAINING, "weights"), []),
    ((*TRAINING, "weights"), [0.5]),
    ((*TRAINING, "weights"), [-1.0]),
    ((*TRAINING, "weights"), [1 / 33] * 33),
    ((*TRAINING, "means"), []),
    ((*TRAINING, "means"), [[]]),
    ((*TRAINING, "means"), [[0.0] * 21]),
    ((*TRAINING, "means"), [[0.0] * 65]),
    ((*TRAINING, "means"), [[1e300] * 22]),
    ((*TRAINING, "covariances"), [[1.0] * 252]),
    ((*TRAINING, "covariances"), [[0.0] * 253]),
    ((*TRAINING, "covariances"), [[1.0] * 253]),  # all numbers equal: rank 1
    ((*TRAINING, "covariances"), [[-1.0] * 253]),
    ((*TRAINING, "covariances"), [[0.0] * 10**6]),
]


@pytest.mark.parametrize(("path", "value"), WRONG)
def test_wrong_statistics_are_refused_in_one_line(path, value):
    with pytest.raises(BundleError, match=r"'uhrs:imagery.*describe the imagery again") as caught:
        read_imagery(changed(path, value), 3)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_bundle_with_wrong_statistics_is_refused(members, folder):
    content = json.dumps({**manifest(), "uhrs:imagery": changed((*TRAINING, "covariances"), [[1.0] * 253])})
    refused(packed(folder, replaced(members, "model.json", content.encode())), "positive definite")
