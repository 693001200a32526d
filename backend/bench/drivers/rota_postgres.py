"""Rota on PostgreSQL."""

from bench.drivers.base import main
from bench.drivers.rota import Rota, become_worker

STORE = "postgres"

if __name__ == "__main__":
    main(lambda: Rota(STORE), lambda: become_worker(STORE))
