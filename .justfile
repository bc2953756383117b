# Recipes for contributors; `just` lists them.

_list:
    @just --list

# Create the environment with everything that tests and checks need.
setup:
    python3 -m venv .venv
    .venv/bin/pip install -q -e '.[test]'

# Open the dashboard on the demo.
demo *ARGS:
    .venv/bin/tui-numbers --demo {{ ARGS }}

# Run all tests, as CI does.
test *ARGS:
    .venv/bin/pytest {{ ARGS }}

# Run the tests for the loop while editing.
quick *ARGS:
    .venv/bin/pytest -m "not slow and not pty" {{ ARGS }}

# Check lint, format, types and import contracts.
check:
    .venv/bin/ruff check .
    .venv/bin/ruff format --check .
    .venv/bin/mypy
    .venv/bin/lint-imports

# Make the screenshots of the README from the demo.
shots:
    .venv/bin/python screenshots/make.py

# Rewrite what is made from the code: parts of the README, and the table of network faults.
generated:
    .venv/bin/python tests/cli/readme.py
    .venv/bin/python -m tests.e2e.network.make_table
