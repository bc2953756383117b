"""Define everything that can go wrong at a provider, as one tree.

::

    ProviderError
    ├── ConfigurationProblem   the account cannot be used as it is written down
    │   ├── SecretMissing      no place that may hold its secret has one
    │   └── EnvironmentProblem the environment keeps its requests from leaving
    ├── NotOffered             the provider's documents know no such thing
    ├── Unreachable            the request could not leave this machine
    ├── NoAnswer               it left, and no usable answer came back
    │   └── BadReply           an answer came that is not what the documents promise
    ├── CredentialsRejected    the provider does not know this key
    ├── Forbidden              it knows the key, and does not permit this
    ├── NotFound               there is no such thing at the provider
    ├── RateLimited            too many requests; nothing was done
    ├── Rejected               a definite refusal, with the provider's words
    ├── ServerFault            the provider failed (5xx)
    ├── ListingIncomplete      a listing ended early, or changed while it was read
    └── ProgramFailed          an exception that nobody foresaw, at this account
"""

from collections.abc import Mapping

ASK_LATER = "try again in a minute"
"""What to do about a read that nobody answered; never said of a write."""


class ProviderError(Exception):
    """A failure at one account, in words for its user; never holds a secret."""

    may_have_applied = False
    """For a write: whether the provider may have carried it out all the same."""
    usual_hint = ""
    """What to do about such a failure where nothing better is known."""
    passes = False
    """For a read: whether it may succeed by itself later."""
    state = "failed"
    """How an account stands of which this was heard last, in a word or two."""

    def __init__(self, message: str, *, account: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.account = account
        self.hint = hint or self.usual_hint
        """What to do about it; empty where there is nothing."""

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class ConfigurationProblem(ProviderError):
    """The account cannot be used as it is written down."""

    state = "misconfigured"


class SecretMissing(ConfigurationProblem):
    """No place that may hold the account's secret has one."""

    state = "no secret"


class EnvironmentProblem(ConfigurationProblem):
    """The environment keeps requests from leaving: a proxy, authorities, the TLS key log."""

    def at(self, account: str) -> "EnvironmentProblem":
        """Return the same problem as one account's, without the trace of where it was raised."""
        return EnvironmentProblem(self.message, account=account, hint=self.hint)


class NotOffered(ProviderError):
    """The provider's documents know no such thing; the message says why."""

    state = "not offered"


class Unreachable(ProviderError):
    """The request could not leave: no such host, connection refused, TLS failure."""

    state = "unreachable"
    passes = True


class NoAnswer(ProviderError):
    """The request left, and no usable answer came back."""

    state = "no answer"
    may_have_applied = True
    usual_hint = "check the network, and the provider's status page"
    passes = True


class BadReply(NoAnswer):
    """An answer came that is not what the provider's documents promise."""

    state = "unreadable answer"
    usual_hint = "check base_url, and the provider's status page"


class CredentialsRejected(ProviderError):
    """The provider does not know this key (401)."""

    state = "key rejected"


class Forbidden(ProviderError):
    """The provider knows the key and does not permit this (403)."""

    state = "forbidden"


class NotFound(ProviderError):
    """There is no such thing at the provider (404, 410, or its own code for it)."""

    state = "not found"


class RateLimited(ProviderError):
    """Too many requests (429); nothing was done."""

    state = "rate limited"
    passes = True

    def __init__(
        self,
        message: str,
        *,
        account: str = "",
        hint: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, account=account, hint=hint)
        self.retry_after = retry_after
        """Seconds that the provider asks to wait; None where it does not say."""


class Rejected(ProviderError):
    """A definite refusal; nothing was done."""

    state = "refused"

    def __init__(
        self,
        message: str,
        *,
        account: str = "",
        hint: str = "",
        fields: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, account=account, hint=hint)
        self.fields = dict(fields or {})
        """What the provider says of single fields, by its own field names."""


class ServerFault(ProviderError):
    """The provider failed (5xx); a write may have been carried out."""

    state = "server fault"
    may_have_applied = True
    usual_hint = "see the provider's status page"
    passes = True


class ListingIncomplete(ProviderError):
    """A listing ended early, or changed while it was read."""

    state = "incomplete"
    usual_hint = "reading it again may help"


class ProgramFailed(ProviderError):
    """An exception that nobody foresaw; the message names its type alone, the log has the rest."""

    state = "program failed"
    may_have_applied = True
