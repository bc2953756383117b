"""Fixed dates for records that existed before the first request, in milliseconds since 1970."""

OPENED = 1_672_738_200_000
"""3 January 2023, when the accounts were opened."""
QUIET_SINCE = 1_790_000_000_000
"""September 2026: nothing in a founded world is younger."""


def created_at(position: int, count: int, dice: bytes) -> int:
    """Return when the number at ``position`` of ``count`` was added; later ones are younger."""
    span = QUIET_SINCE - OPENED
    return OPENED + span * position // max(count, 1) // 2 + int.from_bytes(dice[8:11], "big")


def updated_at(created: int, dice: bytes) -> int:
    """Return when it was last changed, which is never before it was added."""
    return created + (QUIET_SINCE - created) * dice[11] // 256
