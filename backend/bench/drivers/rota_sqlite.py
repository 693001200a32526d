"""Rota on SQLite."""

from bench.drivers.base import main
from bench.drivers.rota import Rota, become_worker

STORE = "sqlite"

if __name__ == "__main__":
    main(lambda: Rota(STORE), lambda: become_worker(STORE))
