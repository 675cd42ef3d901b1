"""What the panel shows of a review: messages, facts, classes, progress, and which buttons can be pressed."""

from __future__ import annotations

from collections.abc import Callable

from uhrs_qgis_plugin.review.class_choices import choices_of_names, read_choices
from uhrs_qgis_plugin.review.data.corrections import style_corrections
from uhrs_qgis_plugin.review.data.region_store import Obstacle
from uhrs_qgis_plugin.review.data.regions import Region
from uhrs_qgis_plugin.review.data.session import Progress, ReviewSession
from uhrs_qgis_plugin.review.map.layer_guess import CLASSES
from uhrs_qgis_plugin.review.panel.facts import facts_html, parts_text, progress_text
from uhrs_qgis_plugin.review.panel.layers import ReviewLayers
from uhrs_qgis_plugin.review.panel.panel import ReviewPanel
from uhrs_qgis_plugin.review.wording import tr

WELCOME = "Choose above the regions to review. 'Uncertain regions' in the Processing Toolbox makes them."
MOVES, JUDGES, DRAWS = ("previous", "next", "find"), ("right", "unsure", "wrong"), ("draw", "paint")

Remedy = Callable[[Obstacle], tuple[str, Callable[[], object]]]


class ReviewDisplay:
    """Fills the panel. It knows the session, and the session knows nothing of it."""

    def __init__(self, panel: ReviewPanel, layers: ReviewLayers, remedy: Remedy) -> None:
        """Remember the widgets.

        Args:
            panel: The widgets.
            layers: The layers around the regions.
            remedy: Gives label and action of the button that may overcome an obstacle.
        """
        self.panel, self._layers, self._remedy = panel, layers, remedy
        self.session: ReviewSession | None = None
        self._progress: Progress | None = None  # that is shown; a session makes a new one when something changes
        self._part = (1, 1)
        self.region: Callable[[], Region | None] = lambda: None

    def tell(self, text: str, kind: str = "warning") -> None:
        """Show a line above the list; "" takes it away."""
        self.panel.message.tell(text, kind)

    def show_state(self, keep: bool = False) -> None:
        """Allow what can be done now, and say what stands in the way.

        Args:
            keep: Whether a line that is shown stays, unless there is something in the way.
        """
        session = self.session
        obstacle = None if session is None else session.obstacle()
        self._allow(session is not None, session is not None and obstacle is None)
        if session is None:
            self.tell(tr(WELCOME), "info")
        elif obstacle is not None:
            self.panel.message.tell(obstacle.text, "warning", *self._remedy(obstacle))
        elif not session.regions:
            self.tell(tr("'{}' has no regions.").format(session.layer.name()), "info")
        elif not keep:
            self.tell("")
        self.show_facts()

    def show_facts(self, *_: object) -> None:
        """Show what is known about the region, and the progress."""
        session, panel = self.session, self.panel
        if session is None:
            panel.facts.clear()
            panel.progress.setFormat("")
            panel.progress.setValue(0)
            panel.progress.setToolTip("")
            self._progress = None
            return
        panel.facts.setText(facts_html(self.region(), panel.picker.choices, session.layer.crs().isValid()))
        self._show_progress(session)
        panel.buttons["undo"].setEnabled(session.can_undo())

    def _show_progress(self, session: ReviewSession) -> None:
        """Show how far the review is, where that is something new: ten thousand regions take a while to count."""
        progress, part = session.progress(), (self.panel.part.value(), self.panel.parts.value())
        if progress is self._progress and part == self._part:
            return
        self._progress, self._part, bar = progress, part, self.panel.progress
        bar.setValue(round(bar.maximum() * progress.share))
        bar.setFormat(progress_text(progress))
        bar.setToolTip(parts_text(session, *part))

    def show_classes(self) -> None:
        """Offer the classes of the class raster, or those that the regions name."""
        session = self.session
        choices = read_choices(self._layers.layer(CLASSES))
        if not choices and session is not None:
            choices = choices_of_names(name for region in session.regions for name in (region.first, region.second))
        self.panel.picker.show_choices(choices)
        if session is not None and session.corrections is not None:
            style_corrections(session.corrections, choices)
        self.suggest_class()
        self.show_facts()

    def suggest_class(self) -> None:
        """Choose the class that the region was said to be, else the one that the model thought of second."""
        region = self.region()
        if region is not None:
            self.panel.picker.choose(region.judgement.name or region.second)

    def _allow(self, moves: bool, judges: bool) -> None:
        """Enable buttons.

        Args:
            moves: Whether there is a review to go through.
            judges: Whether something can be written.
        """
        for names, allowed in ((MOVES, moves), (JUDGES, judges), (DRAWS, judges)):
            for name in names:
                self.panel.buttons[name].setEnabled(allowed)
        self.panel.buttons["undo"].setEnabled(False)
        self.panel.brush.setEnabled(judges)
