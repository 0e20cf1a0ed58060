"""The one address that a laptop's agent speaks to; no session, no cookie: its TPM signs."""

from dataclasses import asdict
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from scif.kernel.actor import Actor
from scif.kernel.errors import Refused
from terminals.rules.heartbeat import MOST_BYTES
from terminals.services.heartbeat import terminal_hear

SIGNATURE_HEADER = "X-Signature"
AGENT = Actor.system("terminal agent")


# The signature over the body stands in the place of the token: no browser can make one.
@csrf_exempt
@require_POST
def heartbeat(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a heartbeat and answer with orders; whatever is not right is one and the same 403."""
    try:
        if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
            return HttpResponse(status=403)
        signature = bytes.fromhex(request.headers.get(SIGNATURE_HEADER, ""))
        orders = terminal_hear(terminal_id=pk, body=request.body, signature=signature, actor=AGENT)
    except (Refused, ValueError):
        return HttpResponse(status=403)
    return JsonResponse(asdict(orders))
