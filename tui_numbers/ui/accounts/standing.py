"""How one account stands, in a word and a sentence."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.clock import timestamp
from tui_numbers.providers.errors import ProviderError, RateLimited
from tui_numbers.ui.account_state import AccountState, Progress
from tui_numbers.ui.frame.status import Tone
from tui_numbers.ui.words import clock
from tui_numbers.wording.values import ACCOUNT_WORKS, failure_words

CHECKING = "checking"


@dataclass(frozen=True, slots=True)
class Standing:
    """One account, as far as it is known."""

    account: Account
    word: str = "not checked"
    tone: Tone = Tone.PLAIN
    sentence: str = ""
    """What was said of it; empty where there is nothing to say."""

    @property
    def marks(self) -> str:
        """The flags that protect it."""
        marks = {"read-only": self.account.read_only, "production": self.account.production}
        return " ".join(word for word, is_set in marks.items() if is_set)

    def checking(self) -> "Standing":
        """Return it while it is being asked."""
        return replace(self, word=CHECKING, tone=Tone.PLAIN, sentence="")

    def works(self, sentence: str) -> "Standing":
        """Return it after a good answer."""
        return replace(self, word=ACCOUNT_WORKS, tone=Tone.GOOD, sentence=sentence)

    def failed(self, error: ProviderError, retry_at: float | None = None) -> "Standing":
        """Return it after a failure; ``retry_at`` is when it may be asked again, since 1970."""
        word = failure_words(error)
        if isinstance(error, RateLimited) and (retry_at or error.retry_after):
            until = retry_at or timestamp() + (error.retry_after or 0)
            word = f"{word} until {clock(datetime.fromtimestamp(until, UTC))}"
        return replace(self, word=word, tone=Tone.BAD, sentence=str(error))


def first_standing(account: Account, state: AccountState | None) -> Standing:
    """Return what the listing of owned numbers already tells of an account."""
    standing = Standing(account)
    if state is None or state.progress in (Progress.WAITING, Progress.LOADING):
        return standing
    if state.progress is Progress.FAILED and state.error is not None:
        return standing.failed(state.error)
    return standing.works(f"{len(state.rows):,} numbers were listed")
