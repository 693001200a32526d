"""`python -m bench.api`: measures the API on both databases, writes docs/benchmarks-api.md."""

import sys

from bench.api.cli import main

sys.exit(main(sys.argv[1:]))
