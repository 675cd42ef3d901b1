"""What a bundle needs and no run of the network can tell: from the options, else from the file's metadata."""

from __future__ import annotations

from dataclasses import dataclass

from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.importing.metadata import DIVISOR
from uhrs_qgis_plugin.engine.importing.network_file import WHOLE, NetworkFile
from uhrs_qgis_plugin.engine.importing.options import ImportOptions, as_class, pixel_size
from uhrs_qgis_plugin.engine.importing.trial import Scaling

RGB = ("red", "green", "blue")
BACKGROUND = "background"
# Colours of classes that have none: told apart by most eyes, one beside the next.
COLOURS = (
    *("4E79A7", "F28E2B", "59A14F", "E15759", "76B7B2", "EDC948", "B07AA1", "9C755F", "FF9DA7", "BAB0AC"),
    *("1F3B5C", "8A4B08", "2C5E26", "7A1F21", "2E6B66", "8A7312", "5C3753", "4A362B", "A8505A", "5F5A57"),
)


@dataclass(frozen=True)
class Answers:
    """What is known of a network before it is run.

    Attributes:
        bands: Names, in its order.
        data_type: numpy name of the raster's numbers.
        scaling: Of the raster's numbers.
        resolution_m: Pixel size that it was trained at, None = any.
        margin: Pixels, where the user or the file says so.
        side: Of the windows, likewise.
    """

    bands: tuple[str, ...]
    data_type: str
    scaling: Scaling
    resolution_m: float | None
    margin: int | None
    side: int | None


def answers_of(file: NetworkFile, options: ImportOptions) -> Answers:
    """Join what the user gives and what the file says.

    Raises:
        OptionsError: Something is missing, all of which the text names, or contradicts the file.
    """
    bands = _bands(file, options)
    missing = []
    if not bands:
        count = "as many as it takes" if file.bands is None else str(file.bands)
        missing.append(f"bands ({count}, in its order, such as {','.join(RGB)})")
    if not options.resolution and file.metadata.resolution_m is None:
        missing.append("resolution (metres a pixel that it was trained at, or any)")
    if not _is_scaling_known(file, options):
        missing.append("mean and std of its input (numbers / 255, or the raster's own), or a divisor")
    if not options.classes and not file.metadata.class_names:
        missing.append("classes (names in the order of its channels)")
    if missing:
        raise OptionsError(f"'{file.label}' does not tell everything that a model needs. Give {'; '.join(missing)}.")
    data_type = _data_type(file, options)
    said = file.metadata
    side = file.sides[0] or file.sides[1] or options.window or said.tile_side
    overlap = 0 if said.overlap is None or side is None else round(said.overlap * side / 2)  # half of it on each side
    return Answers(
        bands,
        data_type,
        _scaling(file, options, len(bands), data_type),
        pixel_size(options.resolution) if options.resolution else said.resolution_m,
        options.margin if options.margin is not None else overlap or None,
        side,
    )


def classes_of(file: NetworkFile, options: ImportOptions, channels: int) -> tuple[tuple[str, str], ...]:
    """Name the classes, with a colour each.

    Args:
        channels: Of the output.

    Returns:
        (name, RRGGBB) in order.

    Raises:
        OptionsError: There are more or fewer names than classes, or a name is there twice.
    """
    names = options.classes or file.metadata.class_names
    count = max(2, channels)
    if channels == 1 and len(names) == 1:
        names = (BACKGROUND, *names)
    if len(names) != count:
        source = "are given" if options.classes else "are in its metadata"
        two = ", or one for the class that its one channel scores" if channels == 1 else ""
        raise OptionsError(
            f"'{file.label}' gives scores of {count} classes, but {len(names)} names {source} "
            f"({', '.join(names)[:200]}): give {count} names{two}."
        )
    pairs = [as_class(name) for name in names]
    plain = [name for name, _ in pairs]
    twice = next((name for name in plain if plain.count(name) > 1), None)
    if twice is not None or not all(plain):
        raise OptionsError(f"The class '{twice or ''}' has no name of its own: give {count} names that differ.")
    return tuple((name, colour or COLOURS[number % len(COLOURS)]) for number, (name, colour) in enumerate(pairs))


def _bands(file: NetworkFile, options: ImportOptions) -> tuple[str, ...]:
    """Name the bands; () where nobody does."""
    if options.bands or not file.metadata.is_deepness or file.bands not in (None, len(RGB)):
        return options.bands
    return RGB  # Deepness' documentation: RGB order


def _is_scaling_known(file: NetworkFile, options: ImportOptions) -> bool:
    given = options.mean or options.std or options.divisor is not None
    return bool(given) or file.source.dtype in WHOLE or file.metadata.is_deepness or bool(file.metadata.std)


def _data_type(file: NetworkFile, options: ImportOptions) -> str:
    """The raster's numbers that the network was made for."""
    own = file.source.dtype
    if own not in WHOLE:
        return options.data_type or "uint8"
    if options.data_type not in ("", own):
        raise OptionsError(f"'{file.label}' takes {own}, not {options.data_type}: leave the data type away.")
    return own


def _scaling(file: NetworkFile, options: ImportOptions, bands: int, data_type: str) -> Scaling:
    """What is done with the numbers."""
    given = options.mean or options.std or options.divisor is not None
    if file.source.dtype in WHOLE:
        if given:
            raise OptionsError(
                f"'{file.label}' takes the raster's numbers as they are ({file.source.dtype}): leave divisor, mean and "
                "std away."
            )
        return Scaling()
    said = file.metadata
    mean, std = options.mean or said.mean or (0.0,), options.std or said.std or (1.0,)
    divisor = options.divisor
    if divisor is None and not (options.mean or options.std):
        divisor = DIVISOR  # of Deepness
    if divisor is None:
        divisor = _guessed_divisor(mean, std, data_type)
    widened = []
    for what, values in (("mean", mean), ("std", std)):
        if len(values) not in (1, bands):
            raise OptionsError(f"{what} has {len(values)} numbers, but there are {bands} bands: give 1 or {bands}.")
        if what == "std" and not all(value > 0 for value in values):
            raise OptionsError(f"A std of the file is not above 0 ({', '.join(map(str, values))}): give std.")
        widened.append(tuple(_exact(divisor * value) for value in values) * (1 if len(values) == bands else bands))
    return Scaling(*widened)


def _exact(value: float) -> float:
    """Without the last digits, which multiplying has made up."""
    return float(f"{value:.9g}")


def _guessed_divisor(mean: tuple[float, ...], std: tuple[float, ...], data_type: str) -> float:
    """Tell whether mean and deviation belong to numbers / 255 or to the raster's own, where that is certain."""
    if any(mean) or any(value != 1 for value in std):
        if max(map(abs, mean)) > 1 and min(std) > 1:
            return 1.0
        if max(map(abs, mean)) <= 1 and max(std) <= 1 and data_type == "uint8":
            return DIVISOR
    raise OptionsError(
        "mean and std alone do not tell whether the raster's numbers are divided before: give the divisor (255 for "
        "numbers within 0..1, 1 for the raster's own)."
    )
