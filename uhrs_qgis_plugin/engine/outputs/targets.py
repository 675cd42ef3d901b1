"""Where the results of a run go."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outputs:
    """Where the results go; existing files are replaced, at the very end.

    Attributes:
        classes: GeoTIFF of labels.
        uncertainty: GeoTIFF of U and final uncertainty; None = not written.
        report: JSON file; None = not written.
        preview: GeoTIFF of the coarse pass's classes, one pixel for 8x8, there as soon as that pass is done; beside
            it lies its uncertainty, 'NAME_uncertainty.tif'. None = not written.
    """

    classes: str
    uncertainty: str | None = None
    report: str | None = None
    preview: str | None = None

    def named(self) -> dict[str, str]:
        """List the outputs that are wanted at the end.

        Returns:
            "classes", "uncertainty", "report" -> path, without those that are None.
        """
        paths = {"classes": self.classes, "uncertainty": self.uncertainty, "report": self.report}
        return {name: path for name, path in paths.items() if path is not None}
