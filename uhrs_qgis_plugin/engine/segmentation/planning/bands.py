"""Which bands of a raster a model reads, and how their numbers become the model's."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.raster import (
    GDAL_TYPES,
    ROLES,
    BandRole,
    RasterInfo,
    band_roles,
    check_stretch,
    is_sensor_numbering,
    role_of_name,
    roles_text,
)

IN_ORDER = "in the order of the raster"
AS_GIVEN = "as given"
EIGHT = 8  # bits that a model of uint8 numbers expects to be used
MOST_TOLD = 8  # bands that a text describes


@dataclass(frozen=True)
class BandChoice:
    """The bands that a model reads.

    Attributes:
        numbers: Raster bands (from 1) in the model's order.
        reason: Why these: `AS_GIVEN`, `IN_ORDER`, or by what they were found.
    """

    numbers: tuple[int, ...]
    reason: str

    def note(self, bundle: Bundle) -> str:
        """Say which band is read as what; "" where these are the first ones anyhow, or were given."""
        if self.reason in (AS_GIVEN, IN_ORDER) or self.numbers == tuple(range(1, len(self.numbers) + 1)):
            return ""
        verb = "Bands {} are read as {} ({})." if len(self.numbers) > 1 else "Band {} is read as {} ({})."
        return verb.format(", ".join(map(str, self.numbers)), ", ".join(bundle.bands), self.reason)


def choose_bands(info: RasterInfo, bundle: Bundle, bands: Sequence[int] | None) -> BandChoice:
    """Choose the raster's bands for a model.

    A band is found by its role (see `raster.roles`). A raster that tells no roles must have as many bands as the model.

    Args:
        info: The raster.
        bundle: The model.
        bands: Bands asked for (from 1), None = find them.

    Returns:
        One band number per model band.

    Raises:
        OptionsError: `bands` does not fit the model or the raster.
        RasterError: The raster has too few bands, or it cannot be told which of them the model needs.
    """
    names, file = ",".join(bundle.bands), os.path.basename(info.path)
    if bands is not None:
        chosen = tuple(bands)
        if len(chosen) != len(bundle.bands):
            raise OptionsError(
                f"Model '{bundle.name}' expects {len(bundle.bands)} bands ({names}) but bands={list(chosen)} names "
                f"{len(chosen)}: name one raster band per model band."
            )
        if not all(1 <= band <= info.count for band in chosen):
            raise OptionsError(
                f"bands={list(chosen)} but '{file}' has {info.count}: choose numbers in 1..{info.count}."
            )
        return BandChoice(chosen, AS_GIVEN)
    colour = [band for band in range(1, info.count + 1) if band not in info.alpha_bands]
    if len(colour) < len(bundle.bands):
        alpha = f" (and {len(info.alpha_bands)} alpha)" if info.alpha_bands else ""
        advice = "Choose another model or pass bands=..."
        if info.has_palette and len(bundle.bands) == 3:
            target = shlex.quote(f"{os.path.splitext(file)[0]}_rgb.tif")
            advice = f"Its palette must become bands: gdal_translate -expand rgb {shlex.quote(info.path)} {target}"
        elif info.count >= len(bundle.bands):
            advice = (
                "If its alpha band is none but data, choose --alpha data (ALPHA in QGIS); else choose another model."
            )
        raise RasterError(
            f"Model '{bundle.name}' expects {len(bundle.bands)} bands ({names}) but '{file}' has "
            f"{len(colour)}{alpha}. {advice}"
        )
    _check_contradictions(info, bundle)
    return _by_role(info, bundle, colour)


def check_numbers(info: RasterInfo, bundle: Bundle, bands: Sequence[int], stretch: str) -> bool:
    """Check that the raster holds the numbers the model was trained on, or ones that can be brought to them.

    Args:
        info: The raster.
        bundle: The model.
        bands: The bands that it reads.
        stretch: See `Options.stretch`.

    Returns:
        Whether the numbers are to be stretched.

    Raises:
        RasterError: Numbers of another type, which are not stretched.
        OptionsError: A stretch was given, but the model does not take 8 bits.
    """
    limits = check_stretch(stretch)
    if limits is not None and bundle.data_type != "uint8":
        raise OptionsError(
            f"stretch={stretch} but model '{bundle.name}' was trained on {bundle.data_type} numbers, and a stretch "
            "makes uint8: leave it away."
        )
    found = sorted({info.dtypes[band - 1] for band in bands} - {bundle.data_type})
    other = bool(found) or any(info.bits[band - 1] < EIGHT for band in bands if info.bits)
    if limits is not None or (other and bundle.data_type == "uint8" and stretch == "auto"):
        return True
    if not found:
        return False
    # Only the user knows whether the range of their numbers is the model's; gdal_translate keeps the numbers.
    copy = f"{os.path.splitext(os.path.basename(info.path))[0]}_{bundle.data_type}.tif"
    command = f"gdal_translate -ot {GDAL_TYPES[bundle.data_type]} {shlex.quote(info.path)} {shlex.quote(copy)}"
    advice = (
        f"Choose another model, or, if the numbers are in the range that it was trained on, convert them: {command}"
    )
    if bundle.data_type == "uint8":
        advice = (
            "Choose --stretch auto, or --stretch LOW,HIGH (STRETCH in QGIS), which brings its numbers to 8 bits, or "
            "another model."
        )
    raise RasterError(
        f"Model '{bundle.name}' was trained on {bundle.data_type} numbers but '{os.path.basename(info.path)}' holds "
        f"{', '.join(found)}. {advice}"
    )


def _check_contradictions(info: RasterInfo, bundle: Bundle) -> None:
    """Refuse bands whose colour interpretation and description name different roles.

    Raises:
        RasterError: There is one, and the model or the mask depends on it.
    """
    wanted = {role_of_name(name) for name in bundle.bands}
    for number, role in enumerate(band_roles(info), 1):
        is_alpha = role.by_colour == "alpha"
        if not role.is_contradictory or (is_alpha and info.source.alpha != "auto"):
            continue
        if is_alpha:
            raise RasterError(
                f"Band {number} of '{os.path.basename(info.path)}' is alpha by its colour interpretation but described "
                f"as '{info.descriptions[number - 1]}'. Choose --alpha data if it is data, --alpha mask if it says "
                "where there is data (ALPHA in QGIS)."
            )
        if wanted & {role.by_colour, role.by_description}:
            raise _unclear(
                info,
                bundle,
                f"band {number} is {role.by_colour} by its colour interpretation but described as "
                f"'{info.descriptions[number - 1]}'",
            )


def _by_role(info: RasterInfo, bundle: Bundle, candidates: Sequence[int]) -> BandChoice:
    """Find the model's bands among those that are not alpha.

    Raises:
        RasterError: They cannot all be found, or one is there twice.
    """
    roles = band_roles(info)
    found: dict[int, int] = {}  # place in the model -> band
    for place, name in enumerate(bundle.bands):
        role = role_of_name(name)
        bands = [band for band in candidates if role and role in roles[band - 1].names]
        if len(bands) > 1:
            raise _unclear(info, bundle, f"bands {', '.join(map(str, bands))} are all {role}")
        if bands:
            found[place] = bands[0]
    places = range(len(bundle.bands))
    if len(found) == len(bundle.bands):
        return BandChoice(tuple(found[place] for place in places), _reason(roles, list(found.values())))
    if len(candidates) > len(bundle.bands):
        missing = [name for place, name in enumerate(bundle.bands) if place not in found]
        raise _unclear(info, bundle, f"it has {len(candidates)} bands, and none says that it is {' or '.join(missing)}")
    left = [band for band in candidates if band not in found.values()]
    foreign = [band for band in left if roles[band - 1].by_colour or roles[band - 1].by_description in ROLES]
    in_order = all(band == candidates[place] for place, band in found.items())
    wants_colours = any(role_of_name(name) in ROLES for place, name in enumerate(bundle.bands) if place not in found)
    if foreign and wants_colours:
        raise _unclear(info, bundle, f"its bands are {roles_text(info)}")
    told = [info.descriptions[band - 1] for band in candidates if info.descriptions]
    if not found and wants_colours and is_sensor_numbering(told):
        raise _unclear(
            info, bundle, f"its bands are {_descriptions(info)}, which mean other colours on other satellites"
        )
    if not (in_order or len(left) == 1):
        raise _unclear(info, bundle, f"its bands are {roles_text(info)}")
    rest = iter(left)
    numbers = tuple(found[place] if place in found else next(rest) for place in places)
    if not found or in_order:
        return BandChoice(numbers, IN_ORDER)
    return BandChoice(numbers, f"{_reason(roles, list(found.values()))}, band {left[0]} is the only one left")


def _reason(roles: Sequence[BandRole], bands: Sequence[int]) -> str:
    """Say by what bands were found."""
    told = [roles[band - 1] for band in bands]
    if all(role.by_colour for role in told):
        both = all(role.by_description for role in told)
        return "by their colour interpretation and descriptions" if both else "by their colour interpretation"
    if all(role.by_description for role in told):
        return "by their descriptions"
    return "by their colour interpretation and descriptions"


def _unclear(info: RasterInfo, bundle: Bundle, problem: str) -> RasterError:
    """Word a raster whose bands cannot be told apart."""
    example = " ".join(map(str, range(1, len(bundle.bands) + 1)))
    return RasterError(
        f"Model '{bundle.name}' reads {', '.join(bundle.bands)}, but which bands of '{os.path.basename(info.path)}' "
        f"these are is unclear: {problem}. Name them in that order with --bands (BANDS in QGIS), "
        f"such as --bands {example}."
    )


def _descriptions(info: RasterInfo) -> str:
    """The descriptions of a raster's bands, the first ones when there are many."""
    more = ", ..." if info.count > MOST_TOLD else ""
    return ", ".join(f"'{text}'" for text in info.descriptions[:MOST_TOLD]) + more
