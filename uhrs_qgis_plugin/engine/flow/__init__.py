"""What keeps a run going: progress, queues between threads, the journal."""

from uhrs_qgis_plugin.engine.flow.journal import Journal, MemoryPieces, Pieces
from uhrs_qgis_plugin.engine.flow.progress import UNWATCHED, Cancelled, Event, Message, Progress, Watch, never
from uhrs_qgis_plugin.engine.flow.queues import Ahead, Behind

__all__ = [
    "UNWATCHED",
    "Ahead",
    "Behind",
    "Cancelled",
    "Event",
    "Journal",
    "MemoryPieces",
    "Message",
    "Pieces",
    "Progress",
    "Watch",
    "never",
]
