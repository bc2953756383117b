"""Exit codes: one meaning each, for every command."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_numbers.domain.operations import Outcome

DONE = 0
NOT_DONE = 1
USAGE = 2
CREDENTIALS = 3
PARTLY = 4
UNKNOWN = 5
REFUSED = 6
INTERRUPTED = 130


def of_error(error: Exception) -> int:
    """Return the code of a command that this failure of one account ended."""
    from tui_numbers.providers.errors import (
        ConfigurationProblem,
        CredentialsRejected,
        NotOffered,
        SecretMissing,
    )

    if isinstance(error, CredentialsRejected | SecretMissing):
        return CREDENTIALS
    if isinstance(error, ConfigurationProblem):
        return USAGE
    return REFUSED if isinstance(error, NotOffered) else NOT_DONE


def of_failures(failures: Iterable[Exception]) -> int:
    """Return the code of a command for which every asked account failed."""
    codes = {of_error(failure) for failure in failures}
    return codes.pop() if len(codes) == 1 else NOT_DONE


def of_reading(
    asked: int, failures: Mapping[str, Exception], *, gave: bool, incomplete: bool = False
) -> int:
    """Return the code of a listing over ``asked`` accounts.

    ``gave`` tells whether anything was read all the same, ``incomplete`` whether something that
    should stand in it does not.
    """
    if failures and len(failures) == asked and not gave:
        return of_failures(failures.values())
    return PARTLY if failures or incomplete else DONE


def of_outcome(outcome: "Outcome") -> int:
    """Return the code of one operation."""
    match outcome.value:
        case "verified" | "unchanged" | "planned":
            return DONE
        case "unknown" | "pending":
            return UNKNOWN
        case "refused":
            return REFUSED
        case _:
            return NOT_DONE


def of_outcomes(codes: Iterable[int]) -> int:
    """Return the code of several operations: any open one, else mixed, else their common one."""
    different = set(codes)
    if UNKNOWN in different:
        return UNKNOWN
    if len(different) > 1:
        return PARTLY
    return different.pop() if different else DONE
