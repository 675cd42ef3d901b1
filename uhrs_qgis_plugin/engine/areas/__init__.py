"""Class areas of a result, true on the ground."""
