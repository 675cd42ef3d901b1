"""What keeps a run going: progress, queues between threads, the journal."""

from uhrs_qgis_plugin.engine.flow.journal import Journal, MemoryPieces, Pieces
from uhrs_qgis_plugin.engine.flow.progress import Cancelled, Progress, Watch, never, silent
from uhrs_qgis_plugin.engine.flow.queues import Ahead, Behind

__all__ = ["Ahead", "Behind", "Cancelled", "Journal", "MemoryPieces", "Pieces", "Progress", "Watch", "never", "silent"]
