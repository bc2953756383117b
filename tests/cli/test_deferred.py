"""Modules that wait for their first use."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from tui_numbers.cli import deferred


def test_each_name_stands_for_the_module_that_type_checkers_see():
    tree = ast.parse(Path(deferred.__file__).read_text("utf-8"))
    (seen,) = (node for node in tree.body if isinstance(node, ast.If))
    names = {}
    for node in seen.body:
        for alias in node.names:
            place = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            names[alias.asname or alias.name] = place + alias.name
    assert names == deferred.MODULES


@pytest.mark.parametrize("name", deferred.MODULES)
def test_a_stand_in_gives_what_its_module_has(name):
    module = importlib.import_module(deferred.MODULES[name])
    word = next(word for word in vars(module) if not word.startswith("__"))
    assert getattr(getattr(deferred, name), word) is getattr(module, word)
    with pytest.raises(AttributeError, match="no_such_word"):
        _ = getattr(deferred, name).no_such_word


def test_there_is_no_stand_in_for_another_name():
    with pytest.raises(AttributeError, match="nothing"):
        _ = deferred.nothing


def test_threads_that_ask_at_once_get_a_whole_module():
    program = """
import threading
from tui_numbers.cli.deferred import planning
found = []
ready = threading.Barrier(8)
def ask():
    ready.wait()
    found.append(planning.plan_release)
threads = [threading.Thread(target=ask) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(set(found)) == 1 and len(found) == 8, found
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_help_of_a_listing_loads_nothing_that_a_listing_needs():
    program = "import sys, tui_numbers.cli.commands.list; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    later = {
        "asyncio",
        "tui_numbers.cli.output",
        "tui_numbers.domain.filtering",
        "tui_numbers.domain.query",
        "tui_numbers.domain.temporary",
        "tui_numbers.wording.columns",
    }
    assert later.isdisjoint(done.stdout.split())
