import numpy as np
import pytest

from uhrs_qgis_plugin.engine.raster.views.stretch import stretched

pytest.importorskip("hypothesis", reason="only in the training environment")
from hypothesis import given, settings
from hypothesis import strategies as st


@settings(max_examples=200, deadline=None)
@given(
    numbers=st.lists(st.integers(-32768, 65535), min_size=1, max_size=50),
    low=st.integers(-40000, 60000),
    span=st.integers(1, 90000),
    dtype=st.sampled_from(["int32", "float32", "float64"]),
)
def test_stretch_is_the_straight_line_between_its_limits(numbers, low, span, dtype):
    values = np.array(numbers, dtype)
    exact = (values.astype(np.float64) - low) * 255 / span
    result = stretched(values, (low, low + span))
    assert result.dtype == np.uint8
    np.testing.assert_allclose(result, np.clip(exact, 0, 255), atol=0.501)
    assert (result[values <= low] == 0).all()
    assert (result[values >= low + span] == 255).all()
