"""Messages that workers and widgets post to screens; results name the request they answer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber, TargetOption

if TYPE_CHECKING:
    from tui_numbers.services.inventory import OwnedEvent
    from tui_numbers.services.stock import StockEvent


@dataclass
class OwnedArrived(Message):
    """Something of a listing; ``generation`` tells which."""

    generation: int
    event: "OwnedEvent"


@dataclass
class TargetsArrived(Message):
    """The targets that an account lists."""

    account: str
    options: tuple[TargetOption, ...]


@dataclass
class OwnedSettled(Message):
    """What is known of owned numbers is whole again: listed, failed, named, or one was read."""


@dataclass
class StockArrived(Message):
    """Something of a stock search; ``generation`` tells which."""

    generation: int
    event: "StockEvent"


@dataclass
class NumberChanged(Message):
    """A number was read after a write; ``number`` is None where it is gone."""

    account: str
    e164: E164
    number: OwnedNumber | None


@dataclass
class CursorNumber(Message):
    """Another number is under the cursor."""

    number: OwnedNumber | AvailableNumber | None


@dataclass
class OpenNumber(Message):
    """Everything about the number under the cursor is wanted."""
