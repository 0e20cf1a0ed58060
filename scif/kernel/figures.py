"""Figures as people read them."""

# A narrow blank at which no line breaks.
_BLANK = "\u202f"


def grouped(count: int) -> str:
    """A count with its thousands set apart: 1 234 567."""
    return f"{count:,}".replace(",", _BLANK)


def measured(count: int) -> str:
    """Bytes in the unit that fits, decimal as budgets are agreed on: 1.2 MB is 1 200 000 bytes."""
    units = ("bytes", "kB", "MB", "GB", "TB", "PB")
    figure, power = float(count), 0
    while round(abs(figure), 1) >= 1000 and power < len(units) - 1:
        figure, power = figure / 1000, power + 1
    return f"{figure:.1f}".removesuffix(".0") + _BLANK + units[power]
