"""What the bands of a raster are: red, green, near infrared, alpha, by colour interpretation and description.

A role is a word of `ROLES`, or, for names that are not in it, the name itself in lower case without separators
("Slope (deg)" -> "slope"). Bands that say nothing of themselves have no role, "".
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from uhrs_qgis_plugin.engine.raster.types import RasterInfo

ALPHA_RULES = ("auto", "data", "mask")

# Role -> what bands of that role are called, without case, accents, digits and separators.
ROLES = {
    "red": ("red", "rouge", "rot", "rojo", "roja", "rosso", "rossa", "vermelho", "rood"),
    "green": ("green", "vert", "verte", "grun", "gruen", "verde", "groen"),
    "blue": ("blue", "bleu", "bleue", "blau", "azul", "blu", "blauw"),
    "nir": (
        *("nir", "ir", "pir", "nearinfrared", "nearir", "infrared", "procheinfrarouge", "infrarouge"),
        *("nahesinfrarot", "infrarot", "infrarrojocercano", "infravermelhoproximo", "infrarossovicino"),
    ),
    "rededge": ("rededge", "re", "edge"),
    "coastal": ("coastal", "coastalblue", "coastalaerosol"),
    "yellow": ("yellow", "jaune", "gelb", "amarillo", "amarelo", "giallo"),
    "pan": ("pan", "panchromatic", "panchromatique", "panchromatisch"),
    "swir": ("swir",),
    "alpha": ("alpha",),
}
LETTERS = {"r": "red", "g": "green", "b": "blue", "n": "nir"}
SENTINEL_2 = {"b02": "blue", "b03": "green", "b04": "red", "b08": "nir"}  # with the zero that only Sentinel-2 writes
SENSOR_BAND = re.compile(r"(sr_)?b(\d+)a?$")  # "B4" is red of Sentinel-2 and Landsat 8, near infrared of Landsat 7
# Role -> nanometres at the middle of its band, from first to before last; nothing between them is certain.
WAVELENGTHS = {"blue": (445, 515), "green": (520, 600), "red": (620, 690), "rededge": (695, 755), "nir": (770, 1100)}
WAVELENGTH = re.compile(
    r"(?<![\w.])(?:(\d+(?:\.\d+)?)\s*[-\u2013]\s*)?(\d+(?:\.\d+)?)\s*"
    r"(nm|nanomet(?:er|re)s?|um|\u00b5m|\u03bcm|micromet(?:er|re)s?)\b"
)
WIDEST = 150  # nanometres of a band that has one colour: a panchromatic one has more
NO_COLOURS = ("", "undefined", "gray", "grey", "palette", "unknown")
NOISE = {"band", "bands", "channel", "layer", "canal", "kanal", "bande", "banda", "reflectance", "radiance", "sr", "nm"}

_SYNONYMS = {name: role for role, names in ROLES.items() for name in names}


@dataclass(frozen=True)
class BandRole:
    """What a band is.

    Attributes:
        by_colour: Its role by its colour interpretation, "" when that says nothing.
        by_description: Its role by its description, "" when that says nothing.
    """

    by_colour: str
    by_description: str

    @property
    def is_contradictory(self) -> bool:
        """Whether colour interpretation and description name different roles of `ROLES`."""
        return self.by_description in ROLES and self.by_colour not in ("", self.by_description)

    @property
    def names(self) -> tuple[str, ...]:
        """Roles that the band may be found by, the better known first."""
        known = self.by_description in ROLES or not self.by_colour
        pair = (self.by_description, self.by_colour) if known else (self.by_colour, self.by_description)
        return tuple(name for name in pair if name)


@functools.lru_cache(maxsize=1000)  # the rasters of a mosaic name their bands alike
def role_of_name(name: str) -> str:
    """The role that a name stands for: "Red (660 nm)", "band 4: rouge" and "R" -> "red"; "" for "Band 1"."""
    whole = {**LETTERS, **SENTINEL_2}.get(name.strip().lower())
    if whole is not None:
        return whole
    letters = unicodedata.normalize("NFKD", name.lower())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    plain = re.sub(r"\(.*?\)|\[.*?\]|,.*$", " ", plain)  # units and wavelengths
    plain = re.sub(r"\bb ?\d+a?\b", " ", re.sub(r"[\W_]+", " ", plain))  # "B4" and "b1_red" of sensors
    words = re.split(r"[\s\d]+", plain)
    joined = "".join(word for word in words if word not in NOISE)
    role = _SYNONYMS.get(joined, joined)
    return role if role in ROLES else role_of_wavelength(name) or role


def role_of_wavelength(name: str) -> str:
    """The role of the one wavelength or range that a name holds: "Band 1 (665.0 nm)" and "0.63-0.69 um" -> "red"."""
    found = WAVELENGTH.findall(name.lower())
    if len(found) != 1:
        return ""
    first, last, unit = found[0]
    ends = [float(number) * (1 if unit.startswith("n") else 1000) for number in (first or last, last)]
    middle, width = sum(ends) / 2, abs(ends[1] - ends[0])
    roles = (role for role, (start, end) in WAVELENGTHS.items() if start <= middle < end and width <= WIDEST)
    return next(roles, "")


def role_of_colour(colour: str) -> str:
    """The role that GDAL's name of a colour interpretation stands for; "" for grey, palettes and undefined."""
    return "" if colour.lower() in NO_COLOURS else role_of_name(colour)


def band_roles(info: RasterInfo) -> tuple[BandRole, ...]:
    """What each band of a raster is."""
    pairs = zip(info.colours or ("",) * info.count, info.descriptions or ("",) * info.count)
    roles = [(role_of_colour(colour), role_of_name(text)) for colour, text in pairs]
    if info.source.alpha == "data":
        roles = [("" if one == "alpha" else one, "" if other == "alpha" else other) for one, other in roles]
    return tuple(BandRole(*pair) for pair in roles)


def roles_text(info: RasterInfo) -> str:
    """Name the roles of a raster's bands for people, in their order."""
    return ", ".join(" or ".join(role.names) or "nameless" for role in band_roles(info))


def is_sensor_numbering(descriptions: Sequence[str]) -> bool:
    """Whether bands bear numbers of a sensor (B2, B3, B4) that are not just their own (B1, B2, B3)."""
    found = [SENSOR_BAND.match(text.strip().lower()) for text in descriptions]
    return all(found) and any(
        match is not None and int(match.group(2)) != number for number, match in enumerate(found, 1)
    )


def alpha_bands(info: RasterInfo) -> tuple[int, ...]:
    """Find the bands that say which pixels hold data, none where the raster's source says that alpha is data.

    Returns:
        Bands that are alpha by their colour interpretation, or by their description where they have no colour.
    """
    roles = enumerate(band_roles(info), 1)
    return tuple(
        band for band, role in roles if "alpha" in (role.by_colour, role.by_description if not role.by_colour else "")
    )


def hiding_bands(info: RasterInfo) -> tuple[int, ...]:
    """Bands that GDAL takes for alpha, whatever they are: where they are 0 it leaves pixels out of averages."""
    return tuple(band for band, colour in enumerate(info.colours, 1) if colour.lower() == "alpha")
