"""Drawing over a frame that stands on the alternate screen already."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.driver import Driver

_ENTER = "\x1b[?1049h"


def behind_frame(driver: "type[Driver]") -> "type[Driver]":
    """Return ``driver``, entering the alternate screen once less: that would blank the frame."""

    class Behind(driver):  # type: ignore[misc, valid-type]
        _entered = False

        def _send(self, data: str) -> Any:
            if not self._entered and _ENTER in data:
                self._entered = True
                data = data.replace(_ENTER, "", 1)
            return super()._send(data)

    Behind.__name__ = driver.__name__
    return Behind
