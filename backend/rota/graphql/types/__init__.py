"""The schema's types, one file a noun."""
