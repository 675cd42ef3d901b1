import pytest

from tests.engine.segmentation.planning.test_bands import RGB, bundle_of, info_of
from uhrs_qgis_plugin.engine.raster.metadata import ROLES
from uhrs_qgis_plugin.engine.segmentation import choose_bands

pytest.importorskip("hypothesis", reason="only in the training environment")
from hypothesis import given, settings
from hypothesis import strategies as st


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_roles_against_a_dictionary(data):
    """Every band has a role of its own: the model's bands are those of the same role, wherever they are."""
    roles = data.draw(st.lists(st.sampled_from(sorted(set(ROLES) - {"alpha"})), min_size=1, max_size=8, unique=True))
    wanted = data.draw(st.lists(st.sampled_from(roles), min_size=1, unique=True))
    known = [role if role in (*RGB, "nir") and data.draw(st.booleans()) else "" for role in roles]
    texts = [
        "" if colour and data.draw(st.booleans()) else data.draw(st.sampled_from(ROLES[role]))
        for role, colour in zip(roles, known)
    ]
    texts = [data.draw(st.sampled_from([text, text.upper(), f" {text.title()} "])) for text in texts]
    info = info_of([colour or "undefined" for colour in known], texts)
    where = {role: number for number, role in enumerate(roles, 1)}
    assert choose_bands(info, bundle_of(wanted), None).numbers == tuple(where[role] for role in wanted)
