"""The list of regions as a Qt model: one row per region, filtered by status and by part."""

from __future__ import annotations

from collections.abc import Callable

from qgis.PyQt.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from qgis.PyQt.QtGui import QColor, QFont

from uhrs_qgis_plugin.layers import OPEN, RIGHT, STATUSES, UNSURE, WRONG
from uhrs_qgis_plugin.review.class_choices import swatch
from uhrs_qgis_plugin.review.data import ReviewRegion, ReviewSession
from uhrs_qgis_plugin.review.wording import area_text, mark, number_text, tr

# Filters of the list in the order of the combo box: id -> (label, test of a region for a reviewer).
FILTERS: dict[str, tuple[str, Callable[[ReviewRegion, str], bool]]] = {
    "open": (mark("Not judged yet"), lambda region, me: region.judgement.is_open),
    "all": (mark("All"), lambda region, me: True),
    "mine": (mark("Judged by me"), lambda region, me: not region.judgement.is_open and region.judgement.reviewer == me),
    RIGHT: (mark("Right"), lambda region, me: region.judgement.status == RIGHT),
    WRONG: (mark("Wrong"), lambda region, me: region.judgement.status == WRONG),
    UNSURE: (mark("Unsure"), lambda region, me: region.judgement.status == UNSURE),
}
HEADERS = ("#", "U", mark("Area"), mark("Class"), mark("Judged"))
RANK, MEAN_U, AREA, CLASS, STATUS = range(len(HEADERS))
RIGHT_ALIGNED = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
RIGHT_NUMBER = int(getattr(RIGHT_ALIGNED, "value", RIGHT_ALIGNED))  # what views take under Qt 5 and Qt 6


class RegionModel(QAbstractTableModel):
    """The rows of the list. A judged region stays in its row until the filter is set again.

    A vanishing row would move its neighbour from under the mouse, and hide what one has just judged.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session: ReviewSession | None = None
        self._fids: list[int] = []
        self._rows: dict[int, int] = {}
        self._in_metres = True
        self._swatches = {status: swatch(QColor(*colour)) for status, (colour, _) in STATUSES.items()}

    def show(self, session: ReviewSession | None, chosen: str = "all", part: int = 1, parts: int = 1) -> None:
        """Fill the list.

        Args:
            session: None empties the list.
            chosen: Key of `FILTERS`.
            part: Number of the part, from 1: reviewers who share the work take one each.
            parts: Number of parts; regions are dealt round-robin by rank.
        """
        self.beginResetModel()
        if self._session is not None:
            self._session.changed.disconnect(self._repaint)
        self._session, self._fids = session, []
        if session is not None:
            session.changed.connect(self._repaint)
            self._in_metres = session.layer.crs().isValid()
            test = FILTERS[chosen][1]
            regions = session.regions[part - 1 :: parts]
            self._fids = [region.fid for region in regions if test(region, session.reviewer)]
        self._rows = {fid: row for row, fid in enumerate(self._fids)}
        self.endResetModel()

    def fid(self, row: int) -> int:
        """Return the id of the region in a row."""
        return self._fids[row]

    def row(self, fid: int | None) -> int | None:
        """Return the row of a region; None when the list does not show it."""
        return None if fid is None else self._rows.get(fid)

    def next_open(self, row: int) -> int | None:
        """Return the next open row after `row` (-1 = from the top), wrapping round; None when all are judged."""
        count = len(self._fids)
        for step in range(1, count + 1):
            at = (row + step) % count
            if self._region(at).judgement.is_open:
                return at
        return None

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of regions."""
        return 0 if parent is not None and parent.isValid() else len(self._fids)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the titles of the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(HEADERS[section])
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return text, font, icon or alignment of a cell."""
        if not index.isValid() or index.row() >= len(self._fids):
            return None
        column = index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT_NUMBER if column in (RANK, MEAN_U, AREA) else None
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.FontRole, Qt.ItemDataRole.DecorationRole):
            return None
        region = self._region(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(region, column)
        if role == Qt.ItemDataRole.FontRole and region.judgement.is_open and column == RANK:
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.DecorationRole and column == STATUS and not region.judgement.is_open:
            return self._swatches.get(region.judgement.status or OPEN)
        return None

    def _region(self, row: int) -> ReviewRegion:
        region = None if self._session is None else self._session.region(self._fids[row])
        if region is None:
            raise LookupError(f"Row {row} has no region.")
        return region

    def _text(self, region: ReviewRegion, column: int) -> str:
        """Return the text of a cell."""
        if column == RANK:
            return str(region.rank)
        if column == MEAN_U:
            return number_text(region.mean_u)
        if column == AREA:
            return area_text(region.area, self._in_metres) if region.area else ""  # points have none
        if column == CLASS:
            return region.first or ""
        return status_text(region)

    def _repaint(self, fids: list[int]) -> None:
        """Redraw regions whose judgement has changed."""
        for row in sorted(row for row in map(self._rows.get, fids) if row is not None):
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(HEADERS) - 1))


def status_text(region: ReviewRegion) -> str:
    """Describe the judgement: 'right', 'is roof'; "" while open."""
    judgement = region.judgement
    if judgement.is_open:
        return "" if judgement.status in (None, OPEN) else judgement.status
    if judgement.status == WRONG and judgement.name:
        return tr("is {}").format(judgement.name)
    return tr(STATUSES[judgement.effective_status][1])
