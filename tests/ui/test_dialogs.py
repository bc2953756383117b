"""Dialogs come and go without work for what stands behind them."""

import pytest
from textual.css.stylesheet import Stylesheet
from textual.screen import Screen
from textual.widget import Widget

from tests.support.dashboard import dashboard


@pytest.fixture
def styled(monkeypatch):
    """Collect the widgets whose styles are looked up, each with its screen at that time."""
    found = []
    apply = Stylesheet.apply

    def collected(self, node, **more):
        if isinstance(node, Widget):
            of = [one for one in node.ancestors_with_self if isinstance(one, Screen)]
            found.append((node, of[0] if of else None))
        apply(self, node, **more)

    monkeypatch.setattr(Stylesheet, "apply", collected)
    return found


@pytest.mark.parametrize("size", [(80, 24), (60, 20)], ids=["high", "low"])
@pytest.mark.parametrize("key", ["question_mark", "t", "colon"])
async def test_a_dialog_that_comes_and_goes_has_nothing_styled_again(styled, key, size):
    async with dashboard(size=size) as seat:
        styled.clear()
        await seat.press(key)
        dialog = seat.app.screen
        assert [node for node, _ in styled].count(dialog) == 1
        assert {screen for _, screen in styled} <= {dialog, None}
        styled.clear()
        await seat.press("escape")
        await seat.home()
        assert dialog not in [node for node, _ in styled]
        assert seat.app.main not in [screen for _, screen in styled]
