# Rota's commands. `npx -y rust-just --list` shows them; a machine needs Python 3.11+ and Node 20+ and nothing else.

set shell := ["bash", "-euo", "pipefail", "-c"]
set positional-arguments

# Where Python may not keep what it compiled, each process compiles all of it again: seconds for each start.
export PYTHONDONTWRITEBYTECODE := ""

python := ".venv/bin/python"
setup := ".just/python .just/environment.py"
page := ".just/python .just/page.py"
browser := ".just/python .just/browser.py"

# Show the recipes
default:
    @just --list --unsorted

# Start everything on this machine; arguments go to `rota up`, e.g. `just up --port 9000`
up *args:
    @{{ setup }} run
    @{{ page }} build
    @ROTA_RECIPE=1 exec {{ python }} -m rota up "$@"

# The `rota` command, e.g. `just rota submit multiply --arg a=6 --arg b=7 --wait`
rota *args:
    @{{ setup }} run
    @ROTA_RECIPE=1 exec {{ python }} -m rota "$@"

# Prove everything, the quick things first
test: setup lint types unit schema-check integration page-check audit faults e2e
    @echo
    @echo "Everything passed."

# Lint, types and unit tests: under a minute
check: lint types unit

# Make the environment, with all that the tests need
setup:
    @{{ setup }} dev
    @{{ page }} packages frontend
    @{{ page }} packages e2e

# Lint the Python code and its formatting
lint: _dev
    @{{ python }} -m ruff check --quiet .
    @{{ python }} -m ruff format --quiet --check . || { echo "just format mends it"; exit 1; }

# Format the Python code and mend what the linter can
format: _dev
    @{{ python }} -m ruff check --quiet --fix-only .
    @{{ python }} -m ruff format .

# Check the types, strictly
types: _dev
    @{{ python }} -m mypy

# Unit tests: no server, no process
unit *args: _dev
    @{{ python }} -m pytest -q -n 2 -m "not servers and not processes and not slow" "$@"

# Tests on real Redis, SQLite and PostgreSQL, and schemathesis over every query and mutation
integration *args: _dev
    @{{ python }} -m pytest -q -n 3 --dist loadfile -m "(servers or processes or slow) and not faults" "$@"

# Any Python tests, e.g. `just pytest backend/tests/broker -k claim`
pytest *args: _dev
    @{{ python }} -m pytest "$@"

# Write schema.graphql anew from the code
schema: _dev
    @{{ python }} -m rota schema > schema.graphql.new && mv schema.graphql.new schema.graphql

# Whether schema.graphql is what the code says
schema-check: _dev
    @{{ python }} -m rota schema | diff -u schema.graphql - || { echo "schema.graphql is stale: just schema"; exit 1; }

# Faults: processes killed, Redis flushed, replies dropped; `just faults --long -n 0` with the figures of the plan
faults *args: _dev
    @# Status 5: none are collected.
    @{{ python }} -m pytest -q -n 2 -m faults backend/tests/faults "$@" || [ $? -eq 5 ]

# Break the guards, one at a time, in a copy of the code; a test that proves it must fail. E.g. `just mutants lanes`
mutants *words: _dev
    @{{ python }} .just/mutants.py "$@"

# Build the page where its sources changed
page:
    @{{ page }} build

# Lint, types and unit tests of the page, its size, and whether its GraphQL types are fresh
page-check:
    @{{ page }} packages frontend
    cd frontend && npm run --silent check
    @{{ page }} build
    cd frontend && npm run --silent size

# Work on the page: Vite's server, with the api of a running `just up` behind it
page-dev:
    @{{ page }} packages frontend
    cd frontend && npm run dev

# The audit of GraphQL over HTTP, 61 of 61, and what clients that others wrote make of the API
audit *args: _dev
    @{{ page }} packages e2e
    @{{ page }} build
    @{{ python }} -m pytest -q e2e/audit e2e/clients "$@"

# Stories in a real browser against a real Rota; some of them in Firefox too, where one is there
e2e *args: _dev
    @{{ page }} packages e2e
    @{{ page }} build
    @{{ browser }} {{ python }} -m pytest -q -n 2 --dist loadfile e2e/journeys "$@"

# All of the stories in Firefox, which has to be there
e2e-firefox *args: _dev
    @{{ page }} packages e2e
    @{{ page }} build
    @{{ python }} -m pytest -q -n 2 --dist loadfile e2e/journeys --browser firefox "$@"

# Benchmarks against the peers
bench *args: _dev
    @{{ python }} -m bench "$@"

# Measure the API: live updates, pages of a large table, submits; into docs/benchmarks-api.md
bench-api *args: _dev
    @{{ python }} -m bench.api "$@"

# Replay a trace under four orders of work, into docs/scheduling.md
bench-scheduling: _dev
    @{{ python }} -m bench.scheduling

# Write the locks anew after a change in pyproject.toml
lock: _dev
    @{{ python }} .just/lock.py

# Build the wheel, the page inside, into dist/
wheel: _dev
    @{{ page }} build
    @{{ python }} -m hatchling build --target wheel

# Remove what was made here; data folders stay
clean:
    rm -rf .venv dist frontend/dist frontend/node_modules e2e/node_modules e2e/shots .mypy_cache .pytest_cache .ruff_cache

_dev:
    @{{ setup }} dev

# Measure the page in a real browser, into docs/benchmarks-page.md; `just bench-page --seconds 20 --out ""` for a quick look
bench-page *args: _dev
    @{{ page }} packages e2e
    @{{ page }} build
    @{{ browser }} {{ python }} -m e2e.bench --out docs/benchmarks-page.md "$@"
