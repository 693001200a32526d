"""`python -m bench`: sets the peers up, runs the rounds, writes docs/benchmarks.md."""

import sys

from bench.cli import main

sys.exit(main(sys.argv[1:]))
