"""Which classes a dataset's published numbers are averaged over.

Every rule reads the same confusion matrix, summed over the whole set with ignored pixels left out:

    mean              all classes (URUR, Cityscapes, and what most libraries print)
    without_class_0   all but the first class: the rule of the DeepGlobe land cover numbers, whose class 0 is
                      "unknown". Pixels whose truth is unknown stay in the matrix: predicting water there is a false
                      positive of water
    class:NAME        one class alone: the rule of the Inria numbers, which call the IoU of buildings "mIoU"

On two classes `without_class_0` and `class:NAME` of the second are the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from training.errors import DatasetError

MEAN, WITHOUT_CLASS_0, _ONE_CLASS = "mean", "without_class_0", "class:"

# The rule of each dataset's published numbers; others are scored by MEAN. ISIC and CRAG: the code of the papers that
# report them drops class 0, which leaves the lesion and the gland; no paper says so in words.
DATASET_RULES = {
    "deepglobe": WITHOUT_CLASS_0,
    "inria": "class:building",
    "urur": MEAN,
    "isic": WITHOUT_CLASS_0,
    "crag": WITHOUT_CLASS_0,
    "cityscapes": MEAN,
}


def default_rule(dataset: str) -> str:
    """The rule of a dataset's published numbers."""
    return DATASET_RULES.get(dataset, MEAN)


def rule_classes(rule: str, class_names: Sequence[str]) -> list[int]:
    """The labels that a rule averages over.

    Raises:
        DatasetError: When there is no such rule, or no such class.
    """
    if rule == MEAN:
        return list(range(len(class_names)))
    if rule == WITHOUT_CLASS_0:
        return list(range(1, len(class_names)))
    name = rule.removeprefix(_ONE_CLASS)
    if rule.startswith(_ONE_CLASS) and name in class_names:
        return [class_names.index(name)]
    raise DatasetError(
        f"Unknown rule '{rule}'; there are {MEAN}, {WITHOUT_CLASS_0} and {_ONE_CLASS}NAME with NAME one of "
        f"{', '.join(class_names)}"
    )


def rule_title(rule: str, class_names: Sequence[str], measure: str = "IoU") -> str:
    """What a number by this rule is called in a table, such as "IoU of building"."""
    if rule == MEAN:
        return f"mean {measure}"
    if rule == WITHOUT_CLASS_0:
        return f"mean {measure} without {class_names[0]}"
    return f"{measure} of {rule.removeprefix(_ONE_CLASS)}"
