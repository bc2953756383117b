"""The bounded walk: the same keys and faults every time, through both drivers.

An hour of other ones: ``python -m tests.e2e.endurance --minutes 60 --seed 1``.
"""

from tests.e2e.endurance.drivers import in_process_seat, terminal_seat
from tests.e2e.endurance.walk import Budget, Walk


async def test_random_keys_and_faults_make_no_journal_lie():
    with in_process_seat(30) as (stage, seat):
        walk = Walk(stage, seat, "7", commands=False)
        await walk.run(Budget(keys=300))
        assert walk.counts["verified"]


async def test_the_real_program_is_killed_and_hung_up_on_and_its_journal_does_not_lie():
    with terminal_seat(30) as (stage, seat):
        seat.while_ = 0.5
        walk = Walk(stage, seat, "5", check_every=10, disturbances=0.12)
        await walk.run(Budget(keys=80))
        assert seat.starts > 1
