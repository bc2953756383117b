"""Locate the program's files; nothing is created before it is needed."""

import os
from dataclasses import dataclass
from pathlib import Path

APP_NAME = "tui-numbers"
_NO_HOME = (
    "there is no home directory to keep files in: set HOME, or both XDG_CONFIG_HOME and "
    "XDG_STATE_HOME, to a directory of yours (tui-numbers --demo needs none)"
)


class NoHome(Exception):
    """There is no home directory for the program's files; the text says how to name one."""


@dataclass(frozen=True, slots=True)
class Paths:
    """The user's directories for this program (XDG on Linux, the platform's own elsewhere)."""

    config: Path
    state: Path

    @classmethod
    def of_user(cls) -> "Paths":
        """Return the directories of the user who runs the program.

        Raises:
            NoHome: There are none.
        """
        import platformdirs

        try:
            found = cls(
                platformdirs.user_config_path(APP_NAME, appauthor=False),
                platformdirs.user_state_path(APP_NAME, appauthor=False),
            )
        except RuntimeError:
            raise NoHome(_NO_HOME) from None
        # A relative one would be another one in every directory, and with it the journal.
        if not (found.config.is_absolute() and found.state.is_absolute()):
            raise NoHome(_NO_HOME)
        return found

    @classmethod
    def nowhere(cls) -> "Paths":
        """Return paths that cannot exist, for the demo without a home directory."""
        return cls(Path(os.devnull), Path(os.devnull))

    @property
    def config_file(self) -> Path:
        """The configuration that people write."""
        return self.config / "config.toml"

    @property
    def journal(self) -> Path:
        """The SQLite file of attempted writes."""
        return self.state / "journal.sqlite"

    @property
    def snapshot(self) -> Path:
        """The SQLite file of owned numbers as they were last listed."""
        return self.state / "snapshot.sqlite"

    @property
    def log(self) -> Path:
        """The private file that unexpected errors go to."""
        return self.state / "errors.log"
