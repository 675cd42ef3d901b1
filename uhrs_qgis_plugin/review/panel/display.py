"""What the panel shows of a review: messages, facts, classes, progress, and which buttons are enabled."""

from __future__ import annotations

from collections.abc import Callable

from uhrs_qgis_plugin.review.class_choices import choices_of_names, read_choices
from uhrs_qgis_plugin.review.data import ObstacleError, ReviewProgress, ReviewRegion, ReviewSession, style_corrections
from uhrs_qgis_plugin.review.errors import ReviewError
from uhrs_qgis_plugin.review.map import CLASSES
from uhrs_qgis_plugin.review.panel.facts import facts_html, parts_text, progress_text
from uhrs_qgis_plugin.review.panel.layers import ReviewLayers
from uhrs_qgis_plugin.review.panel.panel import HINT, HINT_POINTS, ReviewPanel
from uhrs_qgis_plugin.review.wording import mark, tr

WELCOME = mark("Choose above the regions to review. 'Uncertain regions' in the Processing Toolbox makes them.")
MOVES, JUDGES, DRAWS = ("previous", "next", "find"), ("right", "unsure", "wrong"), ("draw", "paint")

ObstacleButton = Callable[[ObstacleError], "tuple[str, Callable[[], object] | None]"]


class ReviewDisplay:
    """View of a session; depends on `ReviewSession`, not the reverse.

    Attributes:
        session: The review that is shown; None = none is open.
    """

    def __init__(
        self,
        panel: ReviewPanel,
        layers: ReviewLayers,
        region: Callable[[], ReviewRegion | None],
        obstacle_button: ObstacleButton,
    ) -> None:
        """Keep the widgets.

        Args:
            panel: The widgets.
            layers: The layers around the regions.
            region: Returns the region that is shown on the map.
            obstacle_button: Returns label and action of the button that resolves an obstacle; "" and None without.
        """
        self.session: ReviewSession | None = None
        self._panel, self._layers, self._region, self._obstacle_button = panel, layers, region, obstacle_button
        self._progress: ReviewProgress | None = None  # the one shown; a session makes a new one after a change
        self._part = (1, 1)

    def show_message(self, text: str, kind: str = "warning") -> None:
        """Show a line above the list; "" removes it."""
        self._panel.message.show_message(text, kind)

    def show_state(self, error: ReviewError | None = None) -> None:
        """Enable what can be done now, and show the error, else the obstacle to judging."""
        session = self.session
        obstacle = None if session is None else session.obstacle()
        self._enable(moves=session is not None, judges=session is not None and obstacle is None)
        self._panel.message.set_hint(tr(HINT_POINTS if session is not None and session.are_points else HINT))
        problem = error or obstacle
        if isinstance(problem, ObstacleError):
            self._panel.message.show_message(str(problem), "warning", *self._obstacle_button(problem))
        elif problem is not None:
            self.show_message(str(problem))
        elif session is None:
            self.show_message(tr(WELCOME), "info")
        elif not session.regions:
            self.show_message(tr("'{}' has no regions.").format(session.layer.name()), "info")
        else:
            self.show_message("")
        self.show_facts()

    def show_facts(self, *_: object) -> None:
        """Show the facts about the region, and the progress."""
        session, panel = self.session, self._panel
        if session is None:
            panel.facts.clear()
            panel.progress.setFormat("")
            panel.progress.setValue(0)
            panel.progress.setToolTip("")
            self._progress = None
            return
        panel.facts.setText(facts_html(self._region(), panel.picker.choices, session.layer.crs().isValid()))
        self._show_progress(session)
        panel.buttons["undo"].setEnabled(session.can_undo())

    def show_classes(self) -> None:
        """Offer the classes of the class raster, or those that the regions name."""
        session = self.session
        choices = read_choices(self._layers.layer(CLASSES))
        if not choices and session is not None:
            choices = choices_of_names(name for region in session.regions for name in (region.first, region.second))
        if session is not None:
            known = {choice.value for choice in choices}
            choices += [choice for choice in session.added_classes() if choice.value not in known]
        self._panel.picker.show_choices(choices)
        if session is not None and session.corrections is not None:
            style_corrections(session.corrections, choices)
        self.suggest_class()
        self.show_facts()

    def suggest_class(self) -> None:
        """Preselect the class that the region was judged to be, else the model's second one."""
        region = self._region()
        if region is not None:
            self._panel.picker.choose(region.judgement.name or region.second)

    def _show_progress(self, session: ReviewSession) -> None:
        """Show the progress where it is new: ten thousand regions take a while to count."""
        progress, part = session.progress(), (self._panel.part.value(), self._panel.parts.value())
        if progress is self._progress and part == self._part:
            return
        self._progress, self._part, bar = progress, part, self._panel.progress
        bar.setValue(round(bar.maximum() * progress.share))
        bar.setFormat(progress_text(progress))
        bar.setToolTip(parts_text(session, *part))

    def _enable(self, moves: bool, judges: bool) -> None:
        """Enable buttons: `moves` with an open review, `judges` where something can be written."""
        for names, enabled in ((MOVES, moves), (JUDGES, judges), (DRAWS, judges)):
            for name in names:
                self._panel.buttons[name].setEnabled(enabled)
        self._panel.buttons["undo"].setEnabled(False)
        self._panel.brush.setEnabled(judges)
