"""The check for advisories: what was not looked up never counts as clean."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = Path(__file__).parents[2] / ".ci" / "advisories.py"
_HIT = {"name": "a", "version": "1", "vulns": [{"id": "X-1", "fix_versions": ["2"]}]}
_CLEAN = {"name": "b", "version": "1", "vulns": []}
_UNSEEN = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ([_HIT, _CLEAN], 1, "a 1: X-1, mended in 2\nadvisories (pypi): 2 packages, 1 advisories\n"),
        ([_CLEAN, _UNSEEN], 0, "1 packages, 0 advisories; 1 packages were not looked up"),
        ([_UNSEEN], 0, "no database could be asked from here, so none was checked"),
        (None, 0, "skipped: no route"),
    ],
)
@pytest.mark.slow_after(1)
def test_only_what_was_looked_up_counts(tmp_path, answer, code, said):
    tool = tmp_path / "pip-audit"
    report = json.dumps({"dependencies": answer})
    act = "sys.exit('no route')" if answer is None else f"open(path, 'w').write({report!r})"
    tool.write_text(
        f"#!{sys.executable}\nimport sys\npath = sys.argv[sys.argv.index('--output') + 1]\n{act}\n"
    )
    tool.chmod(0o700)
    done = subprocess.run(
        [sys.executable, _PROGRAM, tool, tmp_path], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (code, "")
    assert said in done.stdout
