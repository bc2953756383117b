"""Declare the credentials that the sandbox accepts, and make a configuration of them.

They are constants and open nothing but the sandbox.
"""

from dataclasses import dataclass, field

from tui_numbers.domain.accounts import Account

PARAKEET_ACCOUNT_ID = "AC5a4d9c0e7b2f41d68c13f0a97e6b2d54"
PARAKEET_API_KEY = "sandbox-parakeet-key"
FONEDYNAMICS_ACCOUNT_SID = "A7QK2MZ4XW9T6RB3HN8VC5LD1PF0JG2S"
FONEDYNAMICS_TOKEN = "sandbox-fonedynamics-token"  # noqa: S105 - opens nothing but the sandbox
FONEDYNAMICS_PROPERTY_SID = "S3HV8NQ1ZK6T0WJ5RX9BM2CP7LD4GF8A"
FONEDYNAMICS_SECOND_PROPERTY_SID = "S9DT2KB7MX4V1QH6ZN0WC8RJ3LP5GF7E"
VONAGE_API_KEY = "5b0c7d1e"
VONAGE_API_SECRET = "sandbox-vonage-secret"  # noqa: S105 - opens nothing but the sandbox
TWILIO_ACCOUNT_SID = "AC7c1e0a94b2d85f63e7091bd4f2a8c635"
TWILIO_AUTH_TOKEN = "sandbox-twilio-token"  # noqa: S105 - opens nothing but the sandbox
TWILIO_KEY_ID = "SK2b9d47f0e6a1c85309f4d7b2e81a6c53"
TWILIO_KEY_SECRET = "sandbox-twilio-key"  # noqa: S105 - as above
TWILIO_SUBACCOUNT_SID = "ACe52f0b7d19c84a36b0d7e4f1259c8a03"
TWILIO_SUBACCOUNT_TOKEN = "sandbox-twilio-subaccount"  # noqa: S105 - as above
TELNYX_API_KEY = "KEY0198E6B2C4F7A1-sandbox-telnyx"
VONAGE_SUBACCOUNT_KEY = "7e2f9a4c"
VONAGE_SUBACCOUNT_SECRET = "sandbox-vonage-subaccount-secret"  # noqa: S105 - as above


@dataclass(frozen=True)
class SandboxAccount:
    """One configured account of the sandbox, as a user would configure it."""

    name: str
    provider: str
    fields: dict[str, str]
    secret: str = field(repr=False)
    base_path: str

    def at(self, origin: str, **fields: str) -> Account:
        """Return it as configured for a sandbox at ``origin``, with further ``fields``."""
        every = {**self.fields, **fields}
        return Account(self.name, self.provider, every, base_url=origin + self.base_path)


ACCOUNTS: tuple[SandboxAccount, ...] = (
    SandboxAccount(
        name="us-desk",
        provider="parakeet",
        fields={"account_id": PARAKEET_ACCOUNT_ID},
        secret=PARAKEET_API_KEY,
        base_path="/parakeet/api/v1",
    ),
    SandboxAccount(
        name="uk-sms",
        provider="vonage",
        fields={"api_key": VONAGE_API_KEY},
        secret=VONAGE_API_SECRET,
        base_path="/vonage",
    ),
    SandboxAccount(
        name="au-sales",
        provider="fonedynamics",
        fields={
            "account_sid": FONEDYNAMICS_ACCOUNT_SID,
            "property_sid": FONEDYNAMICS_PROPERTY_SID,
        },
        secret=FONEDYNAMICS_TOKEN,
        base_path="/fonedynamics",
    ),
    SandboxAccount(
        name="us-hotline",
        provider="twilio",
        fields={"account_sid": TWILIO_ACCOUNT_SID},
        secret=TWILIO_AUTH_TOKEN,
        base_path="/twilio",
    ),
    SandboxAccount(
        name="eu-care",
        provider="telnyx",
        fields={},
        secret=TELNYX_API_KEY,
        base_path="/telnyx",
    ),
)


def config_toml(origin: str) -> str:
    """Return the text of a ``config.toml`` for the accounts of a sandbox at ``origin``."""
    tables = []
    for account in ACCOUNTS:
        lines = [f"[accounts.{account.name}]", f'provider = "{account.provider}"']
        lines += [f'{key} = "{value}"' for key, value in account.fields.items()]
        lines.append(f'base_url = "{origin}{account.base_path}"')
        tables.append("\n".join(lines) + "\n")
    return "\n".join(tables)


def environment() -> dict[str, str]:
    """Return the environment variables that hold the secrets of the accounts."""
    return {account.at("").secret_variable: account.secret for account in ACCOUNTS}
