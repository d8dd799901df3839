"""The normalised case schema, its storage, and what was known when."""
