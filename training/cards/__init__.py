"""Model cards: what is measured for them, and the page that is made of it."""

from training.cards.measure import Measured, measure_split
from training.cards.page import card
from training.cards.record import Record, read_rows
from training.cards.texts import Texts, read_texts

__all__ = ["Measured", "Record", "Texts", "card", "measure_split", "read_rows", "read_texts"]
