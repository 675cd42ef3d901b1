"""Images and masks as arrays, read when they are needed."""
