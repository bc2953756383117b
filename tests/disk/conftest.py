import sys
from pathlib import Path

from safety.conftest import _served, served

__all__ = ["_served", "served"]

sys.path.append(str(Path(__file__).parents[1] / "ui"))
