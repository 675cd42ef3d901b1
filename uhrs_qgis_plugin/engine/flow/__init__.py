"""What keeps a run going: progress, queues between threads, the journal."""

from uhrs_qgis_plugin.engine.flow.journal import ArrayStore, FileArrays, Journal, MemoryArrays, remove_leftover
from uhrs_qgis_plugin.engine.flow.progress import UNWATCHED, Cancelled, Event, Message, Progress, Watch, never
from uhrs_qgis_plugin.engine.flow.queues import ReadAhead, WriteBehind, in_threads

__all__ = [
    "UNWATCHED",
    "ArrayStore",
    "Cancelled",
    "Event",
    "FileArrays",
    "Journal",
    "MemoryArrays",
    "Message",
    "Progress",
    "ReadAhead",
    "Watch",
    "WriteBehind",
    "in_threads",
    "never",
    "remove_leftover",
]
