"""Class areas."""
