"""Rows of a record's page, read-only: seen by whoever sees the record."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

if TYPE_CHECKING:
    Rows = admin.TabularInline
else:

    class Rows(admin.TabularInline):
        """Django's class can be subscripted by the type checker only."""

        def __class_getitem__(cls, item: Any) -> Any:
            return cls


class PartMixin:
    """What belongs to a record and has no page of its own: its page was scoped already."""

    extra = 0
    max_num: int | None = 0
    can_delete = False
    show_change_link = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
