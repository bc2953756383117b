from tui_numbers.domain import clock
from tui_numbers.domain.e164 import digits_of
from tui_numbers.domain.numbers import Channel, OwnedNumber, Target
from tui_numbers.providers import decoding
from tui_numbers.providers.errors import BadReply

from acme.info import INFO


def body_of(reply, account, needs):
    """Return the object that a reply holds.

    Raises:
        ProviderError: It is a refusal, or something else.
    """
    if not 200 <= reply.status < 300:
        words = decoding.words_in(decoding.try_decode(reply), 300)
        raise decoding.status_error(reply, account, words)
    body = decoding.decode(reply, account)
    if not isinstance(body, dict) or needs not in body:
        raise BadReply(f"{reply.host} sent JSON without {needs!r}", account=account)
    return body


def owned_number(fields, account, received=None):
    """Read a number; without a phone number there is nothing to show."""
    number = decoding.e164_of(fields.record.get("number"), plus=True)
    if number is None:
        return None
    phone = fields.exact("forward_to")
    voice = Target("phone", phone) if phone else None
    return OwnedNumber(
        account=account,
        provider=INFO.key,
        id=digits_of(number),
        number=number,
        country=fields.country("country"),
        type=None,
        capabilities=("voice",),
        status="active",
        name=fields.text("name"),
        region=None,
        city=None,
        monthly_cost=None,
        routing={Channel.VOICE: voice, Channel.SMS: None},
        settings={"voice": voice.text if voice else None},
        created_at=None,
        updated_at=None,
        seen_at=clock.now(),
        received=received,
    )
