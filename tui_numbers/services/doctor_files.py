"""Examining the configuration and the state files."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from tui_numbers.providers.registry import Registry
from tui_numbers.services.config import Config, ConfigError, load_config
from tui_numbers.services.doctor_findings import Finding, bad, note, ok
from tui_numbers.services.paths import Paths
from tui_numbers.storage.private import places_of, remedy_of, why_exposed

_TOPIC = "configuration"


def read_config(paths: Paths, registry: Registry) -> tuple[Config, list[Finding]]:
    """Return what of the configuration can be used, and what there is to say of it."""
    path = paths.config_file
    try:
        config = load_config(path, registry.infos)
    except ConfigError as error:
        return Config(path=path), [bad(_TOPIC, "file", str(error), "mend it in an editor")]
    if not path.exists():
        remedy = "tui-numbers accounts add NAME --provider PROVIDER FIELD=VALUE"
        return config, [note(_TOPIC, "file", f"there is no {path}", remedy)]
    findings = [_mode(path)]
    findings.extend(
        bad(_TOPIC, "content", problem, "mend it in an editor") for problem in config.problems
    )
    if not config.problems:
        count = len(config.accounts)
        findings.append(ok(_TOPIC, "content", f"{count} account{'' if count == 1 else 's'}"))
    return config, findings


def _mode(path: Path) -> Finding:
    for place in places_of(path):
        reason = why_exposed(place)
        if reason is not None:
            says = f"{place}: {reason}, and with it change what secret_command runs"
            return bad(_TOPIC, "file", says, remedy_of(place))
    return ok(_TOPIC, "file", f"{path}, mode {stat.S_IMODE(path.stat().st_mode):o}")


def examine_state(paths: Paths) -> Iterator[Finding]:
    """Yield how the files that the program writes stand."""
    if not paths.state.exists():
        nearest = next(folder for folder in paths.state.parents if folder.exists())
        if not (nearest.is_dir() and os.access(nearest, os.W_OK)):
            says = f"{paths.state} cannot be made, so nothing can be recorded, nor changed"
            yield bad("state", "directory", says, "set XDG_STATE_HOME to a directory of yours")
            return
        yield ok("state", "directory", f"{paths.state} is made with the first change")
        return
    if not os.access(paths.state, os.W_OK):
        remedy = f"chown -R $USER {paths.state}"
        yield bad("state", "directory", f"{paths.state} cannot be written", remedy)
        return
    reason = why_exposed(paths.state)
    if reason is not None:
        says = f"{paths.state}: {reason}, and change what was recorded"
        yield bad("state", "directory", says, remedy_of(paths.state))
    else:
        yield ok("state", "directory", str(paths.state))
    for path in sorted(paths.state.iterdir()):
        yield _state_file(path)


def _state_file(path: Path) -> Finding:
    try:
        details = path.stat()
    except OSError as error:
        says = f"{path} cannot be used: {error.strerror}"
        return bad("state", path.name, says, f"mv {path} {path}.aside")
    if not stat.S_ISREG(details.st_mode):
        return bad("state", path.name, f"{path} is no file", f"mv {path} {path}.aside")
    mode = stat.S_IMODE(details.st_mode)
    says = f"{details.st_size:,} bytes, mode {mode:o}"
    if os.name == "posix" and mode & 0o077:
        return bad("state", path.name, f"{says}: others can read it", f"chmod go= {path}")
    return ok("state", path.name, says)
