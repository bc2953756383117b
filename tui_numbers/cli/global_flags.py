"""Hold the values of the global options; the dashboard needs them without click."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tui_numbers.providers.pacing import Timing


@dataclass(frozen=True)
class Flags:
    """What the global options say, taken together from both places."""

    demo: bool = False
    accounts: tuple[str, ...] = ()
    read_only: bool = False
    numbers: int | None = None
    timing: "Timing | None" = None
    """The clocks that waiting goes by; tests give their own."""

    def joined(self, given: dict[str, Any]) -> "Flags":
        """Return these flags with what was given in one more place."""
        numbers = given["global_numbers"]
        return replace(
            self,
            demo=self.demo or given["global_demo"],
            accounts=self.accounts + given["global_account"],
            read_only=self.read_only or given["global_read_only"],
            numbers=self.numbers if numbers is None else numbers,
        )
