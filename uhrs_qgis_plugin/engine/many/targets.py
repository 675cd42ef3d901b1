"""Where the results of many rasters go."""

from __future__ import annotations

import os
from dataclasses import dataclass

from uhrs_qgis_plugin.engine.errors import OptionsError, OutputError
from uhrs_qgis_plugin.engine.files import cannot_write, identity
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.raster import check_local

TABLE = "results.csv"  # in the folder of the classes


@dataclass(frozen=True)
class Folders:
    """Folders of results; what is in them is kept where it is done, and replaced where it is not.

    Attributes:
        classes: Of the class rasters.
        uncertainty: Of the uncertainty rasters; None = not written.
        reports: Of the JSON files; None = not written.
        table: CSV file of all results; None = `TABLE` in the folder of the classes.
    """

    classes: str
    uncertainty: str | None = None
    reports: str | None = None
    table: str | None = None

    @property
    def table_path(self) -> str:
        """The CSV file."""
        return os.path.join(self.classes, TABLE) if self.table is None else self.table

    def named(self) -> dict[str, str]:
        """List the folders that are wanted: "classes", "uncertainty", "reports" -> path."""
        paths = {"classes": self.classes, "uncertainty": self.uncertainty, "reports": self.reports}
        return {name: path for name, path in paths.items() if path is not None}

    def outputs(self, name: str) -> Outputs:
        """Name the outputs of a raster.

        Args:
            name: See `Input`.
        """

        def below(folder: str | None, ending: str) -> str | None:
            return None if folder is None else os.path.join(folder, name + ending)

        classes = os.path.join(self.classes, f"{name}.tif")
        return Outputs(classes, below(self.uncertainty, ".tif"), below(self.reports, ".json"))

    def check(self) -> None:
        """Check that these are different folders, and make those that are not there.

        Raises:
            OptionsError: Two are one folder, or something shall be written to a server.
            OutputError: The folder that one lies in is missing, or it cannot be made.
        """
        if self.uncertainty is not None and identity(self.classes) == identity(self.uncertainty):
            raise OptionsError(
                f"Classes and uncertainties would both go into the folder '{self.classes}' under the same names: give "
                "two folders."
            )
        for name, folder in self.named().items():
            check_local(folder, f"folder of {name}")
        check_local(self.table_path, "table")
        for folder in self.named().values():
            above = os.path.dirname(os.path.abspath(folder))
            if not os.path.isdir(above):
                raise OutputError(f"The folder '{above}' does not exist: create it or choose another one for results.")
            make_folder(folder)


def make_folder(folder: str) -> None:
    """Make a folder where there is none.

    Raises:
        OutputError: It cannot be made.
    """
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:  # a file of that name, no permission
        raise cannot_write(folder, error) from error
