"""Drawing over a frame that stands on the alternate screen already."""

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from textual.driver import Driver

_ENTER = "\x1b[?1049h"


class StandingFrame(Protocol):
    """What was drawn before there was a driver."""

    found: list[Any] | None
    """The terminal's attributes before the frame, which the driver is to restore."""
    shown: bool
    """Whether whoever drew it has to take it away."""


def behind_frame(driver: "type[Driver]", standing: StandingFrame) -> "type[Driver]":
    """Return ``driver``, entering the alternate screen once less: that would blank the frame."""

    class Behind(driver):  # type: ignore[misc, valid-type]
        _entered = False

        def start_application_mode(self) -> None:
            super().start_application_mode()
            if standing.shown and standing.found is not None:
                self.attrs_before = standing.found
            # The driver gives the terminal back itself from here on.
            standing.shown = False

        def _send(self, data: str) -> Any:
            if not self._entered and _ENTER in data:
                self._entered = True
                data = data.replace(_ENTER, "", 1)
            return super()._send(data)

    Behind.__name__ = driver.__name__
    return Behind
