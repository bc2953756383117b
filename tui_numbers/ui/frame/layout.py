"""Cells that more than one part of the screen goes by."""

WIDE = 100
"""The narrowest terminal, in cells, with the detail beside the table."""
DETAIL_WIDTH = 40
"""Cells of that detail, its border among them; styles/responsive.tcss has it too."""
