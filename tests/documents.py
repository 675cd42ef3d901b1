"""Commands and what they print, from the Markdown that shows them."""

import re
from pathlib import Path

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NUMBER = re.compile(r"[\d,]*\d(\.\d+)?(e[+-]?\d+)?")


def fenced(path):
    """Fenced blocks of a document in their order: [(language, text)]."""
    return _FENCED.findall(Path(path).read_text(encoding="utf-8"))


def commands(path):
    """The `sh` blocks in their order: [(text, what a `text` block right after it shows, or "")]."""
    blocks = [*fenced(path), ("", "")]
    return [
        (text, after if kind == "text" else "")
        for (language, text), (kind, after) in zip(blocks, blocks[1:], strict=False)
        if language == "sh"
    ]


def words(text):
    """The lines of a text with # for every number, so that only the numbers may differ."""
    return [_NUMBER.sub("#", line).strip() for line in text.splitlines() if line.strip()]
