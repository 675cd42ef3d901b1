"""The graphs of a bundle on a device."""
