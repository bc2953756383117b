"""Where the program keeps its files; nothing is created before it is needed."""

from dataclasses import dataclass
from pathlib import Path

APP_NAME = "tui-numbers"


@dataclass(frozen=True, slots=True)
class Paths:
    """The user's directories for this program (XDG on Linux, the platform's own elsewhere)."""

    config: Path
    state: Path

    @classmethod
    def of_user(cls) -> "Paths":
        """Return the directories of the user who runs the program."""
        import platformdirs

        return cls(
            platformdirs.user_config_path(APP_NAME, appauthor=False),
            platformdirs.user_state_path(APP_NAME, appauthor=False),
        )

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
