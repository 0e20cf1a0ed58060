"""Constraints that several tables of laptops share."""

from django.db import models
from django.utils.translation import gettext_lazy as _


def approved_by_another(approver: str, author: str, name: str) -> models.CheckConstraint:
    """Whoever wrote a row is not the one who approves it, while somebody has approved it."""
    return models.CheckConstraint(
        condition=models.Q(**{approver: None}) | ~models.Q(**{approver: models.F(author)}),
        name=name,
        violation_error_message=_("Who wrote it does not approve it."),
    )
