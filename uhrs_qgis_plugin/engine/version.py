"""The version of the engine, which results carry."""

__version__ = "0.1.0"
