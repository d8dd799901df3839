"""The room of publish."""
