"""What providers and configuration declare of themselves, as text for ``help`` and as Markdown."""

from tui_numbers.cli.reference import WIDTH, Facts, definitions, line, wrapped
from tui_numbers.providers.contract import BuyTarget, Offer, ProviderInfo


def _offer(offer: Offer, words: str = "yes") -> str:
    return words if offer.offered else f"no: {offer.reason}"


def _searches(info: ProviderInfo) -> str:
    parts = (one.partition(":") for one in sorted(info.search_filters))
    words = ["country", *(f"{name} ({place})" if place else name for name, _, place in parts)]
    here = [word for word in ("type", "features", "pattern") if not _honours(info, word)]
    rest = f"; filtered here: {', '.join(here)}" if here else ""
    return f"by {', '.join(words)}{rest}"


def _honours(info: ProviderInfo, word: str) -> bool:
    return any(one.partition(":")[0] == word for one in info.search_filters)


def _targets(info: ProviderInfo) -> str:
    kinds = (f"{kind.key} ({' and '.join(kind.channels)})" for kind in info.target_kinds)
    return ", ".join(kinds)


def provider_facts(info: ProviderInfo) -> list[tuple[str, str]]:
    """Return what a provider offers and does not, as it declares it."""
    asks = info.buy_target is BuyTarget.REQUIRED
    hidden = ", ".join(spec.key for spec in info.settings if not spec.readable)
    stuck = [spec.key for spec in info.settings if not spec.clearable]
    all_stuck = len(stuck) == len(info.settings) > 1
    return [
        ("Owned numbers", "yes"),
        ("Search stock", _offer(info.search, _searches(info))),
        ("Buy", _offer(info.buy, "yes, with its target (--to)" if asks else "yes")),
        ("Release", _offer(info.release)),
        ("Prices", f"in {info.currency}" if info.currency else f"no: {info.price_unknown}"),
        ("Point at", _targets(info)),
        ("Settings", ", ".join(spec.key for spec in info.settings)),
        ("Cannot be cleared", "all of them" if all_stuck else ", ".join(stuck) or "none"),
        ("Never read back", hidden or "none"),
        ("Lost by any update", ", ".join(info.not_carried_over) or "nothing"),
    ]


def infos() -> dict[str, ProviderInfo]:
    """Return what the providers that can be loaded declare, by key."""
    from tui_numbers.providers.registry import load_registry

    return dict(sorted(load_registry().infos.items()))


def providers_markdown(known: dict[str, ProviderInfo]) -> str:
    """Return a table with a column for each provider."""
    columns = [provider_facts(info) for info in known.values()]
    headings = ("", *(info.title for info in known.values()))
    rows = [(facts[0][0], *(value for _, value in facts)) for facts in zip(*columns, strict=True)]
    return Facts(headings, rows, code=0).markdown()


def providers_text(known: dict[str, ProviderInfo]) -> str:
    """Return a block for each provider."""
    return "\n\n".join(
        f"{info.title} ({info.key})\n{definitions(provider_facts(info))}" for info in known.values()
    )


def configuration_markdown(known: dict[str, ProviderInfo]) -> str:
    """Return every key of the configuration as Markdown."""
    from tui_numbers.services.config_keys import sections

    parts = []
    for heading, keys in sections(known):
        rows = [(one.key, one.holds, one.default, one.meaning, one.example) for one in keys]
        lines = [line(("Key", "Holds", "Without it", "Meaning", "Example")), line(["---"] * 5)]
        lines += [line((f"`{row[0]}`", *row[1:4], f"`{row[4]}`")) for row in rows]
        parts.append(f"**{heading}**\n\n" + "\n".join(lines))
    return "\n\n".join(parts)


def configuration_text(known: dict[str, ProviderInfo]) -> str:
    """Return every key of the configuration, each with an example to copy."""
    from tui_numbers.services.config_keys import sections

    parts = []
    for heading, keys in sections(known):
        lines = [heading]
        for one in keys:
            lines.append(f"  {one.key} = {one.example}")
            kind = f"{one.holds[:1].upper()}{one.holds[1:]}"
            told = f"{one.meaning}. {kind}; without it: {one.default}."
            lines += [f"      {line}" for line in wrapped(told, WIDTH - 6)]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def account_fields_text(known: dict[str, ProviderInfo]) -> str:
    """Return what ``accounts add`` takes for each provider."""
    return definitions(
        [
            (
                info.key,
                ", ".join(
                    f"({spec.label})" if spec.secret else f"{spec.key}={spec.example}"
                    for spec in info.fields
                    if spec.required
                ),
            )
            for info in known.values()
        ]
    )
