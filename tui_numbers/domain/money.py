"""Money as a provider states it: digits and currency, never converted."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency; the digits are kept as the provider sent them."""

    amount: Decimal
    currency: str
    """ISO 4217, as the provider's documents state it."""

    @classmethod
    def read(cls, amount: object, currency: str) -> "Money | None":
        """Return the money that ``amount`` (text or a number) stands for, or None for none."""
        if (
            amount is None
            or isinstance(amount, bool)
            or not isinstance(amount, str | int | Decimal)
        ):
            return None
        try:
            value = Decimal(amount.strip() if isinstance(amount, str) else amount)
        except InvalidOperation:
            return None
        if not value.is_finite() or abs(value.adjusted()) > 12:
            return None
        return cls(value, currency)

    @property
    def digits(self) -> str:
        """The amount in plain digits, ``1.00`` as sent rather than ``1``."""
        return format(self.amount, "f")

    def __str__(self) -> str:
        return f"{self.currency} {self.digits}"
