import pytest

from uhrs_qgis_plugin.engine.accuracy.labels import ClassList, parse_mapping
from uhrs_qgis_plugin.engine.errors import OptionsError

NAMES = {0: "water", 1: "Land", 2: "road"}


def classes(mapping="", names=NAMES, present=(0, 1, 2)):
    return ClassList(names, frozenset(present), parse_mapping(mapping))


def test_names_and_numbers_are_understood():
    assert classes().understand(["Water ", "LAND", 2, "2", 1.0, None, "", "class 0"]) == [0, 1, 2, 2, 1, None, None, 0]


def test_a_mapping_renames_leaves_out_and_keeps_apart():
    known = classes("roof = road; POOL=*; shadow=; 7=0")
    assert known.understand(["roof", "pool", "shadow", 7, "land"]) == [2, 256, None, 0, 1]
    assert known.name(256) == "pool"


def test_unknown_names_are_listed_with_what_to_do():
    with pytest.raises(OptionsError) as caught:
        classes().understand(["roof", "roof", "tree", "land"])
    text = str(caught.value)
    assert "2 class(es) that the map does not know: 'roof' (2), 'tree' (1)" in text
    assert "0 water, 1 Land, 2 road" in text
    assert "'roof=water'" in text
    assert "\n" not in text


def test_many_unknown_names_are_cut():
    with pytest.raises(OptionsError, match="and 292 more"):
        classes().understand([f"kind {number}" for number in range(300)])


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ("roof", "not understood"),
        ("=road", "not understood"),
        ("a=road;A=water", "twice"),
        ("roof=rood", "leads to no"),
    ],
)
def test_bad_mappings(mapping, message):
    with pytest.raises(OptionsError, match=message):
        classes(mapping).understand(["roof"])


def test_numbers_of_no_class_are_unknown():
    with pytest.raises(OptionsError, match="'9'"):
        classes().understand([9])
    assert classes(names={}, present=(4,)).understand([4]) == [4]


def test_two_classes_of_one_name():
    with pytest.raises(OptionsError, match="several classes 'tree'"):
        classes(names={1: "tree", 2: "tree"}).understand(["tree"])


def test_unused_entries():
    assert classes("roof=road;pool=*").unused(["roof"]) == ["pool"]
