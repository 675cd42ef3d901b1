"""Generated scenes with exact labels."""
