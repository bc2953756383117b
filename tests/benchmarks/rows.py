"""Rows such as the dashboard's, any number of them, the same every time."""

from collections.abc import Iterator
from dataclasses import dataclass

NAMES = ("Customer Service", "Sales", "Billing desk", "Front office", "Night line", "—")
TARGETS = ("team Support", "app Support IVR", "user Olga", "flow Overnight", "—")


@dataclass(frozen=True)
class Number:
    e164: str
    shown: str
    name: str
    target: str
    account: str
    status: str


def numbers(count: int) -> Iterator[Number]:
    for at in range(count):
        digits = f"{at * 7919 % 10**10:010}"
        yield Number(
            "+44" + digits,
            f"+44 {digits[:4]} {digits[4:]}",
            NAMES[at * 31 % 101 % len(NAMES)],
            TARGETS[at * 17 % 103 % len(TARGETS)],
            ("us-desk", "uk-sms", "au-sales")[at % 3],
            ("active", "active", "pending", "porting")[at * 13 % 97 % 4],
        )
