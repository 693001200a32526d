"""Measures the page in a real browser: `just bench-page`."""
