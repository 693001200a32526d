"""Rota: one queue for functions, programs and people."""

__version__ = "0.1.0"
