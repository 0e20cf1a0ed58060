"""The proof box of a report: which entries it rests on, which checkpoint, whose key."""

from base64 import b64decode
from collections.abc import Sequence

from django.utils.translation import gettext as _

from access.reports.cells import position_text
from access.reports.told import Told
from scif.journal import verifier
from scif.journal.selectors import Bundle
from scif.reporting.kit.parts import Fact, Proof
from scif.reporting.kit.sign import Signatory
from scif.reporting.kit.words import Span, Style
from scif.reporting.models import Report


def bundle_proof(
    bundle: Bundle,
    entries: Sequence[Told],
    *,
    report: Report,
    mark: str,
    signatory: Signatory,
    said: str,
) -> Proof:
    """The proof by a bundle; ``mark`` is the portion mark, ``said`` what is proven in words."""
    head = verifier.read_head(bundle.checkpoint)
    key = bundle.checkpoint.rpartition("\n\n")[2].split("\n")[0].removeprefix("— ")
    key_id = b64decode(key.rpartition(" ")[2])[:4].hex()
    positions = [entry.position for entry in entries]
    ends = {
        "count": len(positions),
        "first": position_text(positions[0]) if positions else "",
        "last": position_text(positions[-1]) if positions else "",
    }
    lines = bundle.checkpoint.split("\n")
    return Proof(
        heading=f"{mark} {_('Proof')}",
        facts=[
            Fact(
                _("Journal entries"),
                [
                    Span(_("%(count)d, from %(first)s to %(last)s, of log ") % ends),
                    Span(head.origin, Style.MONO),
                ],
            ),
            Fact(
                _("Checkpoint"),
                [
                    Span(_("size %(size)s, key ") % {"size": position_text(head.size)}),
                    Span(key_id, Style.MONO),
                ],
            ),
            Fact(_("Root"), Span(lines[2], Style.MONO)),
            Fact(
                _("Signed by"),
                [
                    Span(f"{signatory.name}, {report.facility.name}, "),
                    Span(signatory.fingerprint[:16], Style.MONO),
                ],
            ),
            Fact(_("Code"), Span(bundle.code, Style.MONO_STRONG)),
        ],
        said=said,
        qr=f"SCIF REPORT {report.reference} {bundle.code}",
    )
