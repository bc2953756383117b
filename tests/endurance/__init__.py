"""Random keys and faults for a long time: nothing crashes, and the journal never lies.

The bounded run is part of the tests. The long one: ``python -m tests.endurance --minutes 60``.
"""

import sys
from pathlib import Path

_TESTS = Path(__file__).parents[1]

for _folder in (_TESTS / "terminal", _TESTS / "ui" / "terminal_driver"):
    if str(_folder) not in sys.path:
        sys.path.append(str(_folder))
