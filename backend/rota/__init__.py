"""Rota: one queue for functions, programs and people."""

from rota.declare import Fatal, function

__all__ = ["Fatal", "function"]
__version__ = "0.1.0"
