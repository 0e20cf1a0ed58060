"""The airlock over REST: the same services as its pages. Bytes come and go by the pages alone."""

from uuid import UUID

from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response

from access.api.base import ServiceView
from terminals.api.airlock_serializers import AppealSaid, ApproveSaid, ItemShown, RefuseSaid
from terminals.models import Ground, Verdict
from terminals.selectors.airlock import FILTERS, items_filtered, items_for
from terminals.services.airlock_check import airlock_approve, airlock_refuse
from terminals.services.airlock_release import airlock_release
from terminals.services.appeal import appeal_lodge


class ItemList(ServiceView):
    """List the items that the user may know of."""

    def get(self, request: Request) -> Response:
        """``which`` is open, mine, ended or all (default); ``q`` searches, by SHA-256 too."""
        which = request.query_params.get("which", "all")
        found = items_filtered(
            items_for(self.actor).prefetch_related("versions__checks__person"),
            which=which if which in FILTERS else "all",
            search=request.query_params.get("q", ""),
            actor=self.actor,
        )
        pages = LimitOffsetPagination()
        rows = pages.paginate_queryset(found, request, view=self) or []
        return pages.get_paginated_response(ItemShown(rows, many=True).data)


class ItemDetail(ServiceView):
    """One item."""

    def get(self, request: Request, pk: UUID) -> Response:
        """An item that the user may know of, else 404."""
        return Response(ItemShown(items_for(self.actor).get(pk=pk)).data)


class ItemApprove(ServiceView):
    """Approve a sealed version."""

    def post(self, request: Request, pk: UUID) -> Response:
        """By one who checks for lab or facility."""
        items_for(self.actor).get(pk=pk)
        said = ApproveSaid(data=request.data)
        said.is_valid(raise_exception=True)
        item = airlock_approve(
            item_id=pk,
            version_id=said.validated_data["version"],
            inspection=said.validated_data["inspection"],
            actor=self.actor,
        )
        return Response(ItemShown(item).data)


class ItemRefuse(ServiceView):
    """Ask for changes, or reject."""

    def post(self, request: Request, pk: UUID) -> Response:
        """By one who checks, on a ground of the closed list."""
        items_for(self.actor).get(pk=pk)
        said = RefuseSaid(data=request.data)
        said.is_valid(raise_exception=True)
        item = airlock_refuse(
            item_id=pk,
            version_id=said.validated_data["version"],
            verdict=Verdict(said.validated_data["verdict"]),
            ground=Ground(said.validated_data["ground"]),
            reason=said.validated_data["reason"],
            actor=self.actor,
        )
        return Response(ItemShown(item).data)


class ItemRelease(ServiceView):
    """Release a checked item."""

    def post(self, request: Request, pk: UUID) -> Response:
        """By one who checks; debits an export's bytes."""
        return Response(ItemShown(airlock_release(item_id=pk, actor=self.actor)).data)


class ItemAppeal(ServiceView):
    """Appeal against a rejection."""

    def post(self, request: Request, pk: UUID) -> Response:
        """By the item's author, once."""
        items_for(self.actor).get(pk=pk)
        said = AppealSaid(data=request.data)
        said.is_valid(raise_exception=True)
        appeal = appeal_lodge(
            item_id=pk, statement=said.validated_data["statement"], actor=self.actor
        )
        return Response(ItemShown(appeal.item).data)
