"""What Fone Dynamics' objects and errors look like."""

from typing import Any

from starlette.responses import Response

from tui_numbers.sandbox.accounts import FONEDYNAMICS_ACCOUNT_SID
from tui_numbers.sandbox.records import Address, Flow, FoneNumber, Property
from tui_numbers.sandbox.wire import json_answer

TYPES = {
    "local": "Local",
    "toll_free": "Toll-Free",
    "shared_cost": "Shared-Rate",
    "national": "National",
    "mobile": "National",
}


def failure(code: str, message: str, field: str | None = None, status: int = 400) -> Response:
    """Return an error, with the field it is about where there is one."""
    status_object: dict[str, Any] = {"ErrorCode": code, "Message": message}
    if field is not None:
        status_object["Errors"] = [{"FieldName": field}]
    return json_answer({"ResponseStatus": status_object}, status)


def number_object(record: FoneNumber) -> dict[str, Any]:
    """Return an owned number; forwarding and address are never shown."""
    shown: dict[str, Any] = {
        "Number": record.number,
        "PropertySid": record.property_sid,
        "AccountSid": FONEDYNAMICS_ACCOUNT_SID,
        "Friendly": record.friendly,
        "RoutingMethod": record.routing,
        "EndpointNumber": record.endpoint,
        "Recording": record.recording,
        "Attribution_Source": record.attribution_source,
        "Attribution_Medium": record.attribution_medium,
        "Attribution_Campaign": record.attribution_campaign,
        "Attribution_Content": record.attribution_content,
        "Type": TYPES[record.kind],
        "Capabilities": record.capabilities,
        "CountryCode": record.country,
        "Region": record.region,
        "City": record.city,
        "Status": record.status,
    }
    if record.flow is not None and record.flow_shown:
        shown["Flow"] = record.flow
    return shown


def project_object(item: Property) -> dict[str, Any]:
    """Return a property, under the newer name of project."""
    return {
        "AccountSid": FONEDYNAMICS_ACCOUNT_SID,
        "PropertySid": item.sid,
        "Name": item.name,
        "MainDomain": item.domain,
        "TimeZone": item.time_zone,
        "SmsEnabled": True,
        "CallRecordingEnabled": True,
    }


def flow_object(flow: Flow) -> dict[str, Any]:
    """Return a flow."""
    return {
        "PropertySid": flow.property_sid,
        "ConfigId": flow.config_id,
        "Revision": flow.revision,
        "Name": flow.name,
        "Type": flow.kind,
        "LastUpdated": flow.updated,
    }


def address_object(address: Address) -> dict[str, Any]:
    """Return an address."""
    return {
        "AddressSid": address.id,
        "AccountSid": FONEDYNAMICS_ACCOUNT_SID,
        "Friendly": address.friendly,
        "Reference": address.reference,
        "Line1": address.line1,
        "Line2": address.line2,
        "City": address.city,
        "Region": address.region,
        "CountryCode": address.country,
        "PostalCode": address.postal_code,
        "Status": "Active",
    }
