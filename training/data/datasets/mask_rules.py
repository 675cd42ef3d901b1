"""What the masks of a user's folder mean, whatever program wrote them: numbers, palettes or colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

from training.data.arrays import (
    FIRST_SET,
    IGNORE,
    ColourRule,
    LabelRule,
    ValueRule,
    colour_bands,
    colour_table,
    raster_info,
)
from training.data.datasets.vectors import VectorRule
from training.errors import DatasetError

Colour = tuple[int, int, int]

_NEAR = 8  # a channel of a colour in a palette or a mask may be off by this: programs round
_APART = 2 * _NEAR  # classes whose colours differ less than this in every channel cannot be told apart
_BLURRED = (".jpg", ".jpeg")  # lossy: colours at edges are mixed
_MOST_BLURRED = 0.1  # share of a window


@dataclass(frozen=True)
class Classes:
    """What classes.yaml says.

    Attributes:
        names: In the order of the labels.
        colours: RRGGBB of each class.
        values: Number of each class in the masks.
        ignored_values: Numbers in the masks that are IGNORE.
        ignored_colours: Colours in the masks that are IGNORE, RRGGBB.
        vector: What it says of polygons.
        sets: Number in the masks -> the labels of the classes that it may be, for numbers that stand for several.
    """

    names: tuple[str, ...]
    colours: tuple[str, ...]
    values: tuple[int, ...]
    ignored_values: tuple[int, ...] = ()
    ignored_colours: tuple[str, ...] = ()
    vector: VectorRule = field(default_factory=VectorRule)
    sets: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    @property
    def by_value(self) -> dict[int, int]:
        """Number in a mask -> label; sets of classes are labelled from FIRST_SET on."""
        ignored = dict.fromkeys(self.ignored_values, IGNORE)
        sets = {value: FIRST_SET + number for number, value in enumerate(self.sets)}
        return {**ignored, **sets, **{v: label for label, v in enumerate(self.values)}}

    def without_sets(self) -> Classes:
        """The same where pixels of a set count as unlabelled: no metric can judge them."""
        rest = self.vector.rest
        vector = replace(self.vector, rest=IGNORE if rest >= FIRST_SET else rest)
        return replace(self, ignored_values=(*self.ignored_values, *self.sets), sets={}, vector=vector)


def mask_rule(path: Path, classes: Classes) -> tuple[LabelRule, list[str]]:
    """How to read a mask, and what people should know about it.

    Numbers stand for the values of classes.yaml. A palette whose colours are those of classes decides by its colours:
    programs that write palettes number them as they like. Three bands are colours.

    Raises:
        DatasetError: The mask cannot be opened, or colours cannot tell the classes apart.
    """
    info, notes = raster_info(path), []
    if info.has_palette:
        rule: LabelRule = _palette_rule(colour_table(path), classes)
    elif len(colour_bands(path)) == len(_rgb("000000")):
        rule = _colour_rule(path, classes)
    else:
        hint = (
            "list them in classes.yaml, as the value of a class or under ignore; a mask has one band of such values, "
            "or three with the colours of the classes"
        )
        rule = ValueRule(classes.by_value, hint)
        label = (
            classes.by_value.get(int(info.nodata[0]), IGNORE) if info.nodata and info.nodata[0] is not None else IGNORE
        )
        if label < FIRST_SET:
            notes.append(
                f"'{path}' declares {info.nodata[0]:g} as no-data value, which is class '{classes.names[label]}' in "
                "classes.yaml: these pixels are ignored. If they are that class, remove the no-data value "
                "(gdal_edit.py -unsetnodata)"
            )
    return rule, notes


def _palette_rule(table: dict[int, Colour], classes: Classes) -> ValueRule:
    """Decide by the colours of a palette where they are those of classes, else by its numbers."""
    known = [_rgb(colour) for colour in (*classes.colours, *classes.ignored_colours)]
    labels = [*range(len(classes.colours)), *[IGNORE] * len(classes.ignored_colours)]
    by_colour = {}
    for index, colour in table.items():
        distances = [max(abs(a - b) for a, b in zip(colour, other, strict=True)) for other in known]
        if min(distances) <= _NEAR:
            by_colour[index] = labels[distances.index(min(distances))]
    grey_ramp = all(colour == (index, index, index) for index, colour in table.items())
    contradicts = any(by_colour.get(value, label) != label for value, label in classes.by_value.items())
    if grey_ramp or not (contradicts or len({*by_colour.values()} - {IGNORE}) > 1):
        hint = "list them in classes.yaml, as the value of a class or under ignore"
        return ValueRule({**by_colour, **classes.by_value} if not grey_ramp else classes.by_value, hint)
    shown = {index: "{:02X}{:02X}{:02X}".format(*colour) for index, colour in table.items() if index not in by_colour}
    colours = ", ".join(f"{index}: {colour}" for index, colour in list(shown.items())[:5])
    hint = (
        f"its palette has the colours of classes.yaml, so colours decide, and these values have others ({colours}); "
        'list their colours in classes.yaml, as a class or under ignore ("RRGGBB" in quotes)'
    )
    ignored = {value: IGNORE for value in classes.ignored_values if value not in by_colour}
    return ValueRule({**ignored, **by_colour}, hint)


def _colour_rule(path: Path, classes: Classes) -> ColourRule:
    """Read a mask of three bands by the colours of classes.yaml."""
    for (one, first), (other, second) in combinations(zip(classes.names, classes.colours, strict=True), 2):
        if max(abs(a - b) for a, b in zip(_rgb(first), _rgb(second), strict=True)) < _APART:
            raise DatasetError(
                f"'{path}' is in colours, but those of '{one}' ({first}) and '{other}' ({second}) in classes.yaml are "
                "too similar to tell these classes apart; write the mask with one band of values"
            )
    blurred = path.suffix.lower() in _BLURRED
    return ColourRule(
        [_rgb(colour) for colour in classes.colours],
        "the colours of a mask must be those of classes.yaml, not smoothed at edges; list colours of unlabelled pixels "
        'under ignore ("RRGGBB" in quotes), or write a mask with one band of values',
        reach=64 if blurred else _NEAR + 4,
        most_stray=_MOST_BLURRED if blurred else 0.0,
        stray_label=IGNORE,
        ignored=[_rgb(colour) for colour in classes.ignored_colours],
    )


def _rgb(colour: str) -> Colour:
    return int(colour[:2], 16), int(colour[2:4], 16), int(colour[4:], 16)
