"""The hand-written part of a card: a small YAML file of texts beside the model."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path

import yaml

from training.errors import SettingsError


@dataclass(frozen=True)
class Texts:
    """What only people know of a model.

    Attributes:
        version: Of the weights; goes into the bundle.
        training_data: One sentence for the bundle, makers and licences included.
        licence: Of the weights; goes into the bundle.
        summary: One sentence below the title.
        intended_use: What for, and what not.
        imagery: What imagery it takes.
        pixel_size: How it is known, and the working range.
        network: What the network is made of.
        data: The training data with makers and licences.
        validation: What it is, and what was chosen by it.
        test: What it is, and when it was looked at.
        hardware: And how long it took.
        recipe: Commands that make the weights from scratch, one a line.
        recipe_note: How these weights came about.
        limits: What it cannot do.
        tables: Kind of table ("places", "looks", "pixel_sizes") -> a sentence above it.
        pictures: File name in docs/pictures -> its caption.
    """

    version: str
    training_data: str
    licence: str
    summary: str
    intended_use: str
    imagery: str
    pixel_size: str
    network: str
    data: str
    validation: str
    test: str
    hardware: str
    recipe: str
    recipe_note: str
    limits: list[str]
    tables: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)


def read_texts(path: Path) -> Texts:
    """Read the texts.

    Raises:
        SettingsError: The file is no YAML, or lacks a text, or has one that no card shows.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise SettingsError(f"'{path}' is no YAML: {str(error).splitlines()[0]}") from error
    known = {entry.name for entry in fields(Texts)}
    if not isinstance(content, dict) or not set(content) <= known:
        raise SettingsError(f"'{path}' must hold texts named {', '.join(sorted(known))}, and no others")
    try:
        texts = Texts(**content)
    except TypeError as error:
        raise SettingsError(f"'{path}' is incomplete: {error}") from error
    for entry in fields(Texts):
        value = getattr(texts, entry.name)
        wanted = {"limits": list, "tables": dict, "pictures": dict}.get(entry.name, str)
        if not isinstance(value, wanted) or (wanted is str and not value.strip()):
            raise SettingsError(f"'{path}': '{entry.name}' must be a {wanted.__name__} that is not empty")
    return texts
