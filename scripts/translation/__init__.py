"""The plugin's texts in other languages: found in the code, kept in `i18n/*.ts`, packed as Qt loads them.

Needs nothing but Python, as packaging does.
"""

from scripts.translation.catalogue import CONTEXT, LANGUAGES, catalogue_path, problems, read_catalogue, write_catalogue
from scripts.translation.compiling import compile_catalogue
from scripts.translation.extraction import ExtractionError, extract_texts

__all__ = [
    "CONTEXT",
    "LANGUAGES",
    "ExtractionError",
    "catalogue_path",
    "compile_catalogue",
    "extract_texts",
    "problems",
    "read_catalogue",
    "write_catalogue",
]
