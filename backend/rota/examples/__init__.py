"""Sample functions that do real work: `rota worker rota.examples`."""

from rota.examples.numbers import multiply, prime_factors
from rota.examples.page import fetch_title
from rota.examples.patience import flaky, sleep
from rota.examples.text import csv_summary, word_count

__all__ = ["csv_summary", "fetch_title", "flaky", "multiply", "prime_factors", "sleep", "word_count"]
