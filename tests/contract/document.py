"""Vonage's own OpenAPI document, where the environment says where it is."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

VARIABLE = "TUI_NUMBERS_SPECS"
DOCUMENT = "vonage-numbers-1.0.20.json"
BASE = "https://vonage.example"


def document() -> dict[str, Any]:
    """Return the document without its security scheme, which knows query credentials alone."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"{VARIABLE} names no folder that holds {DOCUMENT}")
    loaded: dict[str, Any] = json.loads((Path(folder) / DOCUMENT).read_text("utf-8"))
    loaded.pop("security", None)
    loaded["components"].pop("securitySchemes", None)
    loaded["servers"] = [{"url": BASE + "/vonage"}]
    return loaded
