"""Run the command line in this process; the numbers of the sandbox that its tests name."""

import json
from dataclasses import dataclass

from click.testing import CliRunner

from tui_numbers.cli.app import cli
from tui_numbers.cli.global_flags import Flags
from tui_numbers.services.paths import Paths
from tui_numbers.testing.bench import Clock

US, UK, AU = "+12673676170", "+447400906170", "+61255506170"
TO = "+442079460999"


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def outcomes(self):
        return [row["outcome"] for row in self.json]


def run(*words, stdin=None):
    """Run the command line in this process, without a terminal."""
    result = CliRunner().invoke(
        cli, list(words), input=stdin, obj=Flags(timing=Clock().timing), catch_exceptions=False
    )
    return Ran(result.exit_code, result.stdout, result.stderr)


def write_config(text):
    path = Paths.of_user().config_file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path
