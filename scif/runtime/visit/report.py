"""The last link: a signed report, checked as somebody who trusts nobody would."""

import io
import os
import subprocess
import sys
from pathlib import Path

from pypdf import PdfReader

from access.models import VisitStep
from scif.journal import verifier
from scif.reporting.models import Report
from scif.runtime.visit.play import Step
from scif.runtime.visit.scene import Scene, expect, wait_for

COMPLIANCE = "l.fischer"
BUNDLE = "journal-bundle.jsonl"
REPORT_SECONDS = 60.0


def make(scene: Scene) -> None:
    """Compliance staff ask for the report of the visit and download it."""
    session = scene.person(COMPLIANCE)
    reference = scene.visit().reference
    page = session.post("/reports/make/", {"visit": reference, "paper": "A4"})
    expect(page.status == 200, "the report is being made", page)
    report = wait_for(
        lambda: (
            Report.objects.filter(subject_id=scene.facts["visit"])
            .exclude(state="requested")
            .first()
        ),
        "the report is made",
        REPORT_SECONDS,
    )
    expect(report.state == "made", "the report is made", report.failure)
    pdf = session.get(f"/reports/{report.pk}/")
    expect(pdf.content.startswith(b"%PDF"), "a PDF is downloaded", pdf.status)
    scene.facts |= {"report": report.reference, "code": report.code, "pdf": pdf.content}
    directory = Path(os.environ["SCIF_VAR"]) / "reports"
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"{reference}.pdf").write_bytes(pdf.content)


def verify(scene: Scene) -> None:
    """The bundle in the PDF passes the standalone verifier, in a process of its own without
    Django; with one byte altered it does not.
    """
    attached = PdfReader(io.BytesIO(scene.facts["pdf"])).attachments[BUNDLE][0]
    directory = Path(os.environ["SCIF_VAR"]) / "reports"
    bundle = directory / BUNDLE
    bundle.write_bytes(attached)
    right = _check(bundle)
    expect(right.returncode == 0, "the verifier accepts the bundle", right.stdout + right.stderr)
    expect(scene.facts["code"] in right.stdout, "it prints the report's code", right.stdout)
    altered = directory / f"altered-{BUNDLE}"
    altered.write_bytes(attached.replace(b"visit.", b"visjt.", 1))
    wrong = _check(altered)
    expect(wrong.returncode != 0, "the verifier refuses an altered byte", wrong.stdout)
    bundle.unlink()
    altered.unlink()


def typed_code(scene: Scene) -> None:
    """Whoever has only paper types the code on the verification page."""
    page = scene.person(COMPLIANCE).post("/verify/", {"code": scene.facts["code"]})
    expect(scene.facts["report"] in page.words, "the page knows the code", page)


def one_record(scene: Scene) -> None:
    """Every link of the visit stands in one record, in the order of the chain."""
    kinds = list(
        VisitStep.objects.filter(visit_id=scene.facts["visit"])
        .order_by("at")
        .values_list("kind", flat=True)
    )
    chain = ["arrive", "identify", "deposit", "issue_badge", "enter", "leave", "search", "return"]
    expect([kind for kind in kinds if kind in chain] == chain, "each link once, in order", kinds)


def _check(bundle: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  our own file, no shell
        [sys.executable, str(Path(verifier.__file__)), str(bundle)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ.get("PATH", "")},
    )


STEPS = [
    Step("report", "Every link stands in one record, in its order", one_record),
    Step("report", "Compliance makes the signed report", make),
    Step("report", "The standalone verifier accepts it, and refuses an altered byte", verify),
    Step("report", "The code on paper is checked on the page", typed_code),
]
