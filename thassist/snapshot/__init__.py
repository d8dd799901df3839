"""The room of snapshot."""
