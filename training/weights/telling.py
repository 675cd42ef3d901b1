"""What training tells people of the weights it begins with."""

from __future__ import annotations


def tell(text: str) -> None:
    """Say a line once, however many processes train together."""
    from lightning.pytorch.utilities import rank_zero_info  # takes seconds, and whoever only reads weights says nothing

    rank_zero_info(text)
