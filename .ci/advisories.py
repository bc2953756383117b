"""Looks for published advisories on what is installed: ``advisories.py PIP_AUDIT SITE_PACKAGES``.

Ends with 1 where one is found. Where no database answers it says so, and ends with 0: a package
that was not looked up is never counted as free of them.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

_SERVICES = ("pypi", "osv")
_PATIENCE = 300.0


def _ask(service: str, tool: str, packages: str) -> tuple[list[dict[str, Any]], str]:
    """Return what a database said of each package, or nothing and why."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        words = [tool, "--vulnerability-service", service, "--path", packages, "--format", "json"]
        words += ["--output", str(report), "--progress-spinner", "off"]
        try:
            done = subprocess.run(  # noqa: S603 - the words are this program's own
                words, capture_output=True, text=True, timeout=_PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            return [], f"no answer within {_PATIENCE:.0f} s"
        if not report.exists():
            said = done.stderr.strip().splitlines()
            return [], said[-1][:200] if said else f"it ended with {done.returncode}"
        found: list[dict[str, Any]] = json.loads(report.read_text("utf-8"))["dependencies"]
    reasons = [one["skip_reason"] for one in found if "skip_reason" in one]
    known = [one for one in found if "skip_reason" not in one]
    if not reasons:
        return known, ""
    return known, f"{len(reasons)} packages were not looked up, such as: {reasons[0]}"


def main() -> int:
    """Print what was found; return the exit code."""
    tool, packages = sys.argv[1:]
    for service in _SERVICES:
        known, missing = _ask(service, tool, packages)
        if not known:
            sys.stdout.write(f"advisories ({service}): skipped: {missing}\n")
            continue
        hits = [(one, hit) for one in known for hit in one.get("vulns", ())]
        for one, hit in hits:
            fixed = ", ".join(hit.get("fix_versions", ())) or "nowhere yet"
            line = f"{one['name']} {one['version']}: {hit['id']}, mended in {fixed}\n"
            sys.stdout.write(line)
        said = f"; {missing}" if missing else ""
        sys.stdout.write(
            f"advisories ({service}): {len(known)} packages, {len(hits)} advisories{said}\n"
        )
        return 1 if hits else 0
    sys.stdout.write("advisories: no database could be asked from here, so none was checked\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
