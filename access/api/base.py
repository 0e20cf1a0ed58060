"""What every view of the API shares: the actor, and refusals as answers."""

from django.core.exceptions import ObjectDoesNotExist
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from access.services.refusals import BookingRefused
from scif.kernel.actor import Actor
from scif.kernel.errors import NotPermitted, Refused
from scif.people.actors import actor_of


class ServiceView(APIView):
    """Calls services and holds no logic. A refusal says what is wrong and what mends it.

    404: not there for this user; 403: his role does not allow it; 409: refused, with reasons.
    """

    request: Request

    @property
    def actor(self) -> Actor:
        """Who asks."""
        return actor_of(self.request)

    def handle_exception(self, exc: Exception) -> Response:
        """Answer refusals; everything else is the framework's."""
        if isinstance(exc, Refused):
            not_permitted = isinstance(exc, NotPermitted)
            code = status.HTTP_403_FORBIDDEN if not_permitted else status.HTTP_409_CONFLICT
            return Response(_refusal(exc), status=code, exception=True)
        if isinstance(exc, ObjectDoesNotExist):
            return super().handle_exception(NotFound())
        return super().handle_exception(exc)


def _refusal(refusal: Refused) -> dict[str, object]:
    body: dict[str, object] = {
        "code": refusal.code,
        "message": refusal.message,
        "remedy": refusal.remedy,
    }
    if isinstance(refusal, BookingRefused):
        body["reasons"] = [
            {"code": each.code, "what": each.what, "mend": each.mend} for each in refusal.reasons
        ]
    return body
