"""Random keys and faults for a long time: nothing crashes, and the journal never lies.

The bounded run is part of the tests. The long one: ``python -m tests.e2e.endurance --minutes 60``.
"""
