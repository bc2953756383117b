"""Answers that are almost right: wrong types, unknown keys and values, totals that lie."""

from collections.abc import Iterable
from typing import Any

_IDENTITY_KEYS = frozenset({"number", "msisdn", "Number", "id", "href"})
_NUMBER_KEYS = ("number", "msisdn", "Number")
_TOTAL_KEYS = ("count", "total_items", "TotalCount")
_UNKNOWN_VALUES: dict[str, tuple[Any, ...]] = {
    "status": ("suspended",),
    "target_type": ("queue",),
    "type": ("satellite",),
    "Status": ("Suspended",),
    "Type": ("Satellite",),
    "RoutingMethod": ("Queue",),
    "Recording": ("Transcript",),
    "address_requirement": ("notarised",),
    "role": ("auditor",),
    "voiceCallbackType": ("vxml",),
}


def corrupt(body: Any, kinds: Iterable[str]) -> Any:
    """Return ``body`` (decoded JSON) spoilt in every way that ``kinds`` names."""
    records = records_of(body)
    for kind in kinds:
        if kind == "extra-fields":
            _add_unknown(body, records)
        elif kind == "hide-flow":
            for record in records:
                record.pop("Flow", None)
        elif kind.startswith("total-"):
            _misstate(body, 3 if kind == "total-too-high" else -3)
        elif records:
            _spoil(records[min(1, len(records) - 1)], kind)
    return body


def records_of(body: Any) -> list[dict[str, Any]]:
    """Return the records of an answer: those of its first list, or the one it is."""
    if isinstance(body, list):
        return [item for item in body if isinstance(item, dict)]
    if not isinstance(body, dict):
        return []
    for value in body.values():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return records_of(value)
    nested = body.get("_embedded", body.get("Number"))
    if isinstance(nested, dict):
        return records_of(nested)
    return [body]


def _spoil(record: dict[str, Any], kind: str) -> None:
    if kind == "bad-record":
        for key, value in record.items():
            if key not in _IDENTITY_KEYS:
                record[key] = _of_another_type(value)
        return
    for key in _NUMBER_KEYS:
        if key in record:
            record[key] = "not a number"


def _misstate(body: Any, by: int) -> None:
    for key in _TOTAL_KEYS:
        if isinstance(body, dict) and isinstance(body.get(key), int):
            body[key] = max(body[key] + by, 0)


def _of_another_type(value: Any) -> Any:
    if isinstance(value, str):
        return 12345
    if isinstance(value, list):
        return {"unexpected": True}
    if isinstance(value, dict):
        return ["unexpected"]
    return "unexpected"


def _add_unknown(body: Any, records: list[dict[str, Any]]) -> None:
    if isinstance(body, dict):
        body["x_trace"] = {"node": "a7", "hops": [1, 2]}
    for index, record in enumerate(records):
        record["x_labels"] = ["alpha", None, 3]
        record["x_owner"] = {"id": "unknown"}
        for key, values in _UNKNOWN_VALUES.items():
            # Every third record keeps the values it has, so that usual ones stand beside them.
            if key in record and index % 3:
                record[key] = values[0]
        for key, extra in (("capabilities", "rcs"), ("features", "RCS")):
            if isinstance(record.get(key), list) and index % 3 != 1:
                record[key] = [*record[key], extra]
        if isinstance(record.get("Capabilities"), str) and index % 3 != 1:
            record["Capabilities"] += ",RCS"
