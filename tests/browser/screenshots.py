"""`python -m tests.browser.screenshots`: the demonstration's real screens, into docs/pictures.

Starts the demonstration in a place of its own, signs in as each kind of user, and saves pages when
the scripted visit has come to the step that they show. A page that answers with an error is named
and left out.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

from scif.runtime.libraries import chromium
from scif.runtime.logins import LOGINS

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"
OFFICER, AUDITOR, GUARD, COMPLIANCE = "h.marsh", "i.carvalho", "e.hughes", "c.pinto"
DESK, WIDE, PHONE = (1280, 800), (1440, 900), (360, 740)
SERVING = "Serving on "


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: whose screen, where (or where a link of that page leads), how large.

    ``after`` are words of the step of the visit after which it is taken; empty: at the end.
    """

    name: str
    who: str
    path: str
    size: tuple[int, int]
    theme: Literal["light", "dark"] = "light"
    link: str = ""
    after: str = ""
    whole: bool = False


SHOTS = (
    Shot("portal-slots", AUDITOR, "/portal/slots/", WIDE),
    Shot("officer-approvals", OFFICER, "/admin/approvals/", WIDE, after="Dr Carvalho books"),
    Shot("desk-checkin", GUARD, "/desk/", DESK, link="/visits/", after="Phone and keys in"),
    Shot("desk-inside", GUARD, "/desk/", DESK, "dark", link="/inside/", after="she enters"),
    Shot("bench", GUARD, "/bench/", DESK, after="Every order to lockers"),
    Shot("portal-visits", AUDITOR, "/portal/", WIDE),
    Shot(
        "portal-visit-phone",
        AUDITOR,
        "/portal/",
        PHONE,
        link="/portal/visits/",
        after="The officer approves",
        whole=True,
    ),
    Shot("portal-slots-phone", AUDITOR, "/portal/slots/", PHONE, whole=True),
    Shot("desk-alarms", GUARD, "/desk/", DESK, "dark", link="/alarms/"),
    Shot("desk-exit", GUARD, "/desk/", DESK, link="/exit/"),
    Shot("officer-dashboard", OFFICER, "/admin/", WIDE, whole=True),
    Shot("officer-dashboard-night", OFFICER, "/admin/", WIDE, "dark"),
    Shot("officer-hardware", OFFICER, "/admin/hardware/state/", WIDE),
    Shot("compliance-reports", COMPLIANCE, "/reports/", WIDE),
    Shot("login", "", "/login/", DESK),
)


@dataclass
class Studio:
    """Browsers signed in once, and what could not be shown."""

    browser: Browser
    address: str
    left_out: list[str] = field(default_factory=list)
    _sessions: dict[str, object] = field(default_factory=dict)

    def sign_in(self, people: Iterable[str]) -> None:
        """Open everybody's session."""
        for who in sorted(people):
            self._session(who)

    def take(self, shot: Shot) -> None:
        """Save one picture; note a page that is not there."""
        width, height = shot.size
        context = self.browser.new_context(
            base_url=self.address,
            viewport={"width": width, "height": height},
            color_scheme=shot.theme,
            storage_state=self._session(shot.who),  # type: ignore[arg-type] # what Playwright gave
        )
        try:
            page = context.new_page()
            if self._open(page, shot):
                path = PICTURES / f"{shot.name}.png"
                page.screenshot(path=path, full_page=shot.whole)
                print(f"  {path.relative_to(ROOT)}", flush=True)
            else:
                self.left_out.append(f"{shot.name}: {page.url} says {page.title()!r}")
        except BrowserError as error:
            self.left_out.append(f"{shot.name}: {error.message.splitlines()[0]}")
        finally:
            context.close()

    def _open(self, page: Page, shot: Shot) -> bool:
        answer = page.goto(shot.path)
        if shot.link and answer is not None and answer.ok:
            links = page.locator(f"a[href*='{shot.link}']")
            if not links.count():
                return False
            answer = page.goto(str(links.first.get_attribute("href")))
        # Live screens keep a socket open, so that the network never falls idle.
        page.wait_for_load_state("load")
        page.evaluate("document.fonts.ready.then(() => null)")
        return answer is not None and answer.ok

    def _session(self, who: str) -> object:
        if not who:
            return None
        if who not in self._sessions:
            login = next(each for each in LOGINS if each.username == who)
            context = self.browser.new_context(base_url=self.address)
            page = context.new_page()
            page.goto("/login/")
            page.fill("input[name=username]", login.username)
            page.fill("input[name=password]", login.password)
            page.locator("input[name=password]").press("Enter")
            page.wait_for_url(lambda url: "/login/" not in url)
            self._sessions[who] = context.storage_state()
            context.close()
        return self._sessions[who]


@contextmanager
def demonstration() -> Iterator[tuple[str, Iterator[str]]]:
    """A demonstration of its own: its address and its lines as they come."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    var = Path(tempfile.mkdtemp(prefix="scif-pictures-"))
    var.chmod(0o755)
    child = subprocess.Popen(
        [sys.executable, "-m", "scif.runtime", "demo", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "SCIF_VAR": str(var), "COLUMNS": "200", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    try:
        yield f"http://127.0.0.1:{port}", iter(child.stdout)
    finally:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(60)
        shutil.rmtree(var, ignore_errors=True)


def main() -> int:
    """Play the visit and take the pictures; 1 if any was left out."""
    program = os.environ.get("CHROMIUM") or chromium()
    if program is None:
        print("Chromium is missing; as root: apt-get install chromium")
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    waiting = list(SHOTS)
    with demonstration() as (address, lines), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        studio = Studio(browser, address)
        for line in lines:
            print(line, end="", flush=True)
            step = re.sub(r"\s+", " ", line)
            if "Worker ready" in step:
                # Signed in before the play begins, so that a picture shows its moment.
                studio.sign_in({shot.who for shot in SHOTS if shot.who})
            for shot in [each for each in waiting if each.after and each.after in step]:
                waiting.remove(shot)
                studio.take(shot)
            if SERVING in step:
                for shot in waiting:
                    studio.take(shot)
                break
        else:
            studio.left_out += [f"{shot.name}: the demonstration ended" for shot in waiting]
        browser.close()
    for line in studio.left_out:
        print(f"left out: {line}")
    return 1 if studio.left_out else 0


if __name__ == "__main__":
    sys.exit(main())
