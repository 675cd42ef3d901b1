"""Specks and holes: which patches become part of a neighbour.

Nothing gets lost: a patch that is too small goes to the neighbour with which it shares the longest border, the larger
one on a tie. Groups of small patches go together, as the class of their largest member, until they are large enough.
Patches of one class that then meet become one.
A patch without neighbours, an island in no data, stays however small it is.
"""

from __future__ import annotations

import numpy as np

from uhrs_qgis_plugin.engine.polygons.patches import Patches, add_up
from uhrs_qgis_plugin.engine.polygons.strips import Ints
from uhrs_qgis_plugin.engine.regions import connect


def absorb(patches: Patches, min_pixels: int, min_hole: int) -> Ints:
    """Decide which patches are joined.

    Args:
        min_pixels: Patches of fewer pixels go; 1 keeps all.
        min_hole: Patches, and groups of them, that one other patch surrounds go below so many pixels.

    Returns:
        (n,) the patch that each patch is part of: the largest of those that are joined, which gives the class.
    """
    owners = np.arange(len(patches.pixels))
    borders = patches.borders
    while True:
        pixels = _sizes(owners, patches.pixels)
        borders = _renamed(borders, owners, pixels, min_pixels)
        small, target = _longest_border(borders, pixels, min_pixels)
        if not len(small):
            break
        owners = _join(owners, patches, small, target)
    if min_hole > min_pixels:
        owners = _fill_holes(owners, patches, min_hole)
    return owners


def _fill_holes(owners: Ints, patches: Patches, min_hole: int) -> Ints:
    """Join what one patch surrounds: first patches alone, then groups of patches that are no larger together."""
    while True:
        pixels = _sizes(owners, patches.pixels)
        is_open = np.zeros(len(owners), np.bool_)
        np.logical_or.at(is_open, owners, patches.is_open)
        borders = _renamed(patches.borders, owners, pixels, min_hole)
        small = pixels < min_hole
        for grouped in (False, True):
            inside = small[borders[0]] & small[borders[1]] if grouped else np.zeros(borders.shape[1], np.bool_)
            group, count = connect(len(owners), borders[0, inside], borders[1, inside])
            # Each border that leads out of a group, from inside.
            ends = np.concatenate((borders[:2, ~inside], borders[1::-1, ~inside]), axis=1)
            ends = ends[:, small[ends[0]]]
            of = group[ends[0]]
            least, most = np.full(count, len(owners)), np.full(count, -1)
            np.minimum.at(least, of, ends[1])
            np.maximum.at(most, of, ends[1])
            total = np.bincount(group, np.where(owners == np.arange(len(owners)), pixels, 0), count)
            enclosed = (least == most) & (total < min_hole)
            enclosed[group[is_open]] = False
            members = np.flatnonzero(enclosed[group] & small & (pixels > 0) & (owners == np.arange(len(owners))))
            if len(members):
                owners = _join(owners, patches, members, least[group[members]])
                break
        else:
            return owners


def _sizes(owners: Ints, pixels: Ints) -> Ints:
    """(n,) pixels of all that belongs to each owner; 0 for those that own nothing."""
    return np.bincount(owners, pixels, len(owners)).astype(np.int64)


def _renamed(borders: Ints, owners: Ints, pixels: Ints, small: int) -> Ints:
    """Add up the borders of owners."""
    return add_up(np.stack((owners[borders[0]], owners[borders[1]], borders[2])), pixels, small)


def _longest_border(borders: Ints, pixels: Ints, min_pixels: int) -> tuple[Ints, Ints]:
    """Find the small patches that have neighbours, and for each the neighbour with the longest border."""
    ends = np.concatenate((borders, borders[[1, 0, 2]]), axis=1)
    ends = ends[:, pixels[ends[0]] < min_pixels]
    order = np.lexsort((ends[1], -pixels[ends[1]], -ends[2], ends[0]))
    one, other, _ = ends[:, order]
    first = np.flatnonzero(np.diff(one, prepend=-1))
    return one[first], other[first]


def _join(owners: Ints, patches: Patches, small: Ints, target: Ints) -> Ints:
    """Join patches, and then those of one class that meet across them."""
    owners = _unite(owners, patches.pixels, small, target)
    one, other = owners[patches.borders[0]], owners[patches.borders[1]]
    meet = (one != other) & (patches.values[one] == patches.values[other])
    return _unite(owners, patches.pixels, one[meet], other[meet])


def _unite(owners: Ints, pixels: Ints, one: Ints, other: Ints) -> Ints:
    """Join patches, and let the largest owner of each group own all of it; of equals the one further up."""
    group, count = connect(len(owners), one, other)
    sizes = _sizes(owners, pixels)
    order = np.lexsort((np.arange(len(owners)), -sizes, group))
    largest = order[np.searchsorted(group[order], np.arange(count))]
    return np.asarray(largest[group[owners]])
