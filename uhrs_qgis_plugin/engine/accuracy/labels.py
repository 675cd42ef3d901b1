"""Names and numbers of reference classes as classes of the map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from uhrs_qgis_plugin.engine.errors import OptionsError

LEFT_OUT, OWN = "", "*"  # what a mapping may say instead of a class of the map
MOST_NAMED = 8  # in an error
OWN_FROM = 256  # numbers of classes that only the reference has


def parse_mapping(text: str) -> dict[str, str]:
    """Read 'roof=building; pool=*; shadow=': names of the reference -> classes of the map.

    Returns:
        By folded name; "" = left out, "*" = a class of its own, which the map never has.

    Raises:
        OptionsError: An entry has no '=', or a name stands twice.
    """
    mapping: dict[str, str] = {}
    for entry in (part.strip() for part in text.replace("\n", ";").split(";")):
        if not entry:
            continue
        name, sign, wanted = (part.strip() for part in entry.partition("="))
        if not sign or not name:
            raise OptionsError(
                f"The mapping entry '{entry}' is not understood: write reference=map, separated by semicolons, such as "
                "'roof=building; pool=*; shadow=' (* keeps a class of its own, nothing after = leaves it out)."
            )
        if _fold(name) in mapping:
            raise OptionsError(f"The mapping names '{name}' twice: give each class of the reference once.")
        mapping[_fold(name)] = wanted
    return mapping


@dataclass
class ClassList:
    """The classes of map and reference, and how labels of the reference are understood.

    Attributes:
        names: Number -> name, of the classes that the map's file names.
        present: Numbers that occur in the map.
        mapping: From `parse_mapping`.
        own: Name -> number, of classes that only the reference has.
    """

    names: Mapping[int, str]
    present: frozenset[int]
    mapping: Mapping[str, str] = field(default_factory=dict)
    own: dict[str, int] = field(default_factory=dict)

    def understand(self, labels: Sequence[object], keep_unknown: bool = False) -> list[int | None]:
        """Find the class of each label.

        Args:
            labels: Names, or numbers of the map's classes; None and "" are no label.
            keep_unknown: Whether labels that are no class of the map become classes of their own.

        Returns:
            Number per label; None for those without one, and for those that the mapping leaves out.

        Raises:
            OptionsError: Labels that are no class of the map, and that the mapping does not name.
        """
        found: dict[object, int | None] = {}
        unknown: list[object] = []
        for label in dict.fromkeys(labels):
            try:
                found[label] = None if label is None or str(label).strip() == "" else self._class_of(label)
            except LookupError:
                if keep_unknown:
                    found[label] = self._own(label)
                else:
                    unknown.append(label)
        if unknown:
            raise OptionsError(self._unknown(unknown, Counter(labels)))
        return [found[label] for label in labels]

    def name(self, value: int) -> str:
        """Name a class."""
        own = {number: name for name, number in self.own.items()}
        return own.get(value) or self.names.get(value, f"class {value}")

    def unused(self, labels: Iterable[object]) -> list[str]:
        """Names in the mapping that no label has."""
        known = {_fold(_text(label)) for label in labels if label is not None}
        return [name for name in self.mapping if name not in known]

    def _class_of(self, label: object) -> int | None:
        """The class of a label; raises LookupError where there is none."""
        wanted = self.mapping.get(_fold(_text(label)))
        if wanted is None:
            return self._of_map(label)
        if wanted == LEFT_OUT:
            return None
        if wanted == OWN:
            return self._own(label)
        try:
            return self._of_map(wanted)
        except LookupError as error:
            raise OptionsError(
                f"The mapping '{_text(label)}={wanted}' leads to no class of the map: it has {self._known()}."
            ) from error

    def _own(self, label: object) -> int:
        """A class of its own."""
        return self.own.setdefault(_text(label), OWN_FROM + len(self.own))

    def _of_map(self, label: object) -> int:
        """A class of the map by name, else by number."""
        text = _text(label)
        matches = [value for value, name in self.names.items() if _fold(name) == _fold(text)]
        if len(matches) > 1:
            raise OptionsError(f"The map has several classes '{text}' ({matches}): give their numbers in the mapping.")
        if matches:
            return matches[0]
        if text.lower().startswith("class "):  # as classes without a name are called
            text = text[6:]
        if text.isdecimal() and (int(text) in self.names or int(text) in self.present):
            return int(text)
        raise LookupError(text)

    def _known(self) -> str:
        """The classes of the map, for an error."""
        every = sorted({*self.names, *self.present})
        some = ", ".join(f"{value} {self.name(value)}" for value in every[: 2 * MOST_NAMED])
        return some + (", ..." if len(every) > 2 * MOST_NAMED else "")

    def _unknown(self, labels: Sequence[object], counts: Mapping[object, int]) -> str:
        """Word which labels are unknown, and what to do."""
        most = sorted(labels, key=lambda label: -counts[label])[:MOST_NAMED]
        some = ", ".join(f"'{_text(label)}' ({counts[label]:,})" for label in most)
        more = f" and {len(labels) - len(most)} more" if len(labels) > len(most) else ""
        return (
            f"The reference has {len(labels)} class(es) that the map does not know: {some}{more}; the map has "
            f"{self._known()}. Give a mapping, such as '{_text(most[0])}={self._example()}' ('=*' keeps a class of its "
            "own that the map never has, '=' alone leaves it out)."
        )

    def _example(self) -> str:
        """Some class of the map."""
        return self.name(min({*self.names, *self.present}, default=0))


def _text(label: object) -> str:
    """A label as text: 3.0 is 3."""
    if isinstance(label, float) and label.is_integer():
        label = int(label)
    return str(label).strip()


def _fold(text: str) -> str:
    """A name without what people write differently."""
    return " ".join(text.split()).casefold()
