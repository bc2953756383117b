import sys
from pathlib import Path

from safety.conftest import _served, served

__all__ = ["_served", "served"]

for folder in ("terminal", "ui/terminal_driver"):
    sys.path.insert(0, str(Path(__file__).parents[1] / folder))
