"""Redis: fast, exact, disposable. All of it can be rebuilt from SQL."""
