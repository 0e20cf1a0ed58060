"""Refusals and absences, answered the same way on every page and in the API."""

from collections.abc import Callable

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control

from scif.kernel.errors import NotPermitted, Refused

BAD_REQUEST = 400
CONFLICT = 409
FORBIDDEN = 403
NOT_FOUND = 404


class RefusalMiddleware:
    """Turns what services raise into an answer.

    An object that is not there or not visible is a 404, alike in every byte. A refusal that no
    view has shown beside its control becomes a page that says what is wrong and what mends it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # No text of ours holds a NUL, and the database takes none: not a search, but a probe.
        if "%00" in request.META.get("QUERY_STRING", ""):
            return render(request, "400.html", status=BAD_REQUEST)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for a view that raised; None leaves other errors to Django."""
        if isinstance(error, ObjectDoesNotExist):
            return self._absent(request)
        if isinstance(error, Refused):
            return self._refused(request, error)
        return None

    def _absent(self, request: HttpRequest) -> HttpResponse:
        if _wants_json(request):
            return JsonResponse({"code": "not_found", "message": "Not found."}, status=NOT_FOUND)
        return render(request, "404.html", status=NOT_FOUND)

    def _refused(self, request: HttpRequest, error: Refused) -> HttpResponse:
        status = FORBIDDEN if isinstance(error, NotPermitted) else CONFLICT
        said = {"code": error.code, "message": error.message, "remedy": error.remedy}
        if _wants_json(request):
            return JsonResponse(said, status=status)
        return render(request, "refused.html", said, status=status)


class PrivacyMiddleware:
    """Keeps what a signed-in person reads out of every cache, the browser's own included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            patch_cache_control(response, private=True, no_store=True)
        return response


def _wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
