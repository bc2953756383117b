"""`show`: read one number afresh and print it with every setting."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli import errors, output
from tui_numbers.cli.deferred import (
    call_path,
    config_keys,
    inventory,
    listing,
    locations,
    lookup,
    runtime,
)
from tui_numbers.cli.options import command, format_option
from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import Channel, Target
from tui_numbers.domain.records import owned_record
from tui_numbers.wording import values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.cli.runtime import Job
    from tui_numbers.domain.e164 import E164
    from tui_numbers.domain.numbers import Finding, OwnedNumber
    from tui_numbers.domain.temporary import End
    from tui_numbers.services.call_path import Hop


@command(
    "show",
    help="One number with every setting, read afresh.",
    examples=(
        "show +447400906170",
        "show '+44 7400 906170' --raw",
    ),
)
@click.argument("number")
@click.option("--raw", is_flag=True, help="Add the record as the provider sent it.")
@format_option()
@click.pass_obj
def show(flags: Flags, number: str, raw: bool, form: str | None) -> int:
    """Show a number."""
    wanted = lookup.parse_numbers([number])

    async def work(job: Job) -> int:
        (found,) = await lookup.find_all(job.session.workspace, wanted)
        if found.owned is None:
            job.notices.say(found.problem)
            some_failed = 0 < len(found.failures) < len(job.session.workspace.accounts)
            return errors.PARTLY if some_failed else found.code
        await _print(job, found.owned, form, raw=raw)
        for line in found.notices:
            job.notices.say(line)
        return errors.PARTLY if found.failures else errors.DONE

    return runtime.run(flags, work)


async def _print(job: Job, owned: OwnedNumber, form: str | None, *, raw: bool) -> None:
    chosen = output.chosen_format(form)
    targets = await inventory.targets_to_name(job.session.workspace, [owned])
    (named,) = targets.named([owned])
    findings, _ = await listing.findings_of(job, [named], targets)
    found, end = findings.of(named), findings.end_of(named)
    path = await call_path.path_of(job.session.workspace, named)
    found = listing.with_ring(found, named, path)
    if chosen == "table":
        output.write_block(_lines(job, named, found, path, end, raw=raw))
        return
    record: dict[str, Any] = owned_record(named, found, end)
    record["path"] = [hop.record for hop in path]
    if raw:
        record["raw"] = _raw(owned)
    if chosen == "json":
        output.write_json(record, escaped=raw)
    else:
        row = output.flat(record)
        output.write_csv(output.headings(output.OWNED_FIRST, [row], output.OWNED_LAST), [row])


def _raw(owned: OwnedNumber) -> Any:
    """Return the record as received, as JSON where it is JSON."""
    import msgspec

    if owned.received is None:
        return None
    try:
        return msgspec.json.decode(owned.received)
    except msgspec.DecodeError:
        return owned.received.decode(errors="replace")


def _lines(
    job: Job,
    owned: OwnedNumber,
    found: Sequence[Finding],
    path: Sequence[Hop],
    end: End | None,
    *,
    raw: bool,
) -> list[tuple[str, str]]:
    """Return all that is known of a number as headings and values."""
    info = job.session.workspace.info(owned.account)
    told_place = owned.city or owned.region
    area = None if told_place else locations.area_of(owned.number)
    lines = [
        ("Number", _number_words(owned.number)),
        ("Name", owned.name or values.UNKNOWN),
        ("Account", f"{owned.account} ({info.title})"),
        ("Status", values.status_words(owned)),
        *([("Locked", config_keys.LOCKED)] if owned.number in job.session.workspace.locks else []),
        ("Type", values.type_words(owned)),
        ("Features", values.capability_words(owned.capabilities)),
        ("Country", values.country_words(owned.country, owned.number)),
        ("Place", values.place_words(owned.city, owned.region, area)),
        ("Monthly", values.money_words(owned.monthly_cost)),
        *values.further_facts(owned),
    ]
    lines += _channel_lines(owned)
    lines += [
        ("Calls end" if at == 0 else "", line) for at, line in enumerate(values.path_lines(path))
    ]
    if end is not None:
        lines.append(("Temporary", values.temporary_words(end)))
    lines += [values.finding_line(one) for one in found]
    for spec in info.settings:
        told = values.setting_words(owned, spec.key) if spec.readable else values.NOT_TOLD
        lines.append((f"{spec.label} [{spec.key}]", told))
    lines += [
        ("Created", values.time_words(owned.created_at)),
        ("Updated", values.time_words(owned.updated_at)),
        ("As of", values.time_words(owned.seen_at)),
    ]
    if raw:
        lines += _raw_lines(owned)
    return lines


def _channel_lines(owned: OwnedNumber) -> list[tuple[str, str]]:
    """Return where each channel is delivered, as people and as `retarget` write it."""
    lines = []
    for channel in Channel:
        target = owned.routing.get(channel)
        shown = values.routing_words(owned, channel)
        written = f"  ({target.text})" if isinstance(target, Target) else ""
        lines.append((values.channel_heading(channel), shown + written))
    return lines


def _number_words(number: E164) -> str:
    written = international(number)
    return written if written == number else f"{written}  ({number})"


def _raw_lines(owned: OwnedNumber) -> list[tuple[str, str]]:
    text = json.dumps(_raw(owned), indent=2)
    return [("Received" if at == 0 else "", line) for at, line in enumerate(text.splitlines())]
