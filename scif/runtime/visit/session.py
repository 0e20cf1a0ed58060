"""A person at a browser: signs in, reads pages, fills in forms, sends files."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Any, NamedTuple

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

TIMEOUT_SECONDS = 15.0
Value = str | Sequence[str]


class File(NamedTuple):
    """A file that a form sends along: the field's name, the file's, and its bytes."""

    field: str
    name: str
    data: bytes


@dataclass(frozen=True)
class Page:
    """What came back: the address after redirects, the status and the text."""

    url: str
    status: int
    text: str
    content: bytes = b""

    @property
    def words(self) -> str:
        """The text without markup, white space folded: what a person would read."""
        if self.text.startswith("{"):
            return said_by(json.loads(self.text))
        reader = _Words()
        reader.feed(self.text)
        return " ".join(" ".join(reader.parts).split())

    @property
    def hidden(self) -> dict[str, str]:
        """What the page's forms send beside what a person fills in."""
        reader = _Hidden()
        reader.feed(self.text)
        return reader.fields


def said_by(answer: dict[str, Any]) -> str:
    """What an answer of the API says to a person: its message, its remedy, its reasons."""
    reasons = [str(each.get("what", "")) for each in answer.get("reasons", [])]
    said = [answer.get("message", ""), answer.get("remedy", ""), *reasons]
    return " ".join(each for each in said if each) or str(answer)


class Session:
    """One signed-in person. INVARIANT: it can do only what the pages offer him."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._cookies = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self._cookies)
        )

    def sign_in(self, username: str, password: str) -> Page:
        """Sign in on the one sign-in page."""
        self.get("/login/")
        return self.post("/login/", {"username": username, "password": password})

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Page:
        """Read a page."""
        suffix = f"?{urllib.parse.urlencode(query)}" if query else ""
        return self._open(urllib.request.Request(self._url(path) + suffix))  # noqa: S310  http only

    def post(self, path: str, fields: Mapping[str, Value], file: File | None = None) -> Page:
        """Send a form, with the token of the session."""
        token = next((c.value for c in self._cookies if c.name == "csrftoken"), "") or ""
        sent: dict[str, Any] = {**fields, "csrfmiddlewaretoken": token}
        headers = {"Referer": self._url(path)}
        if file is None:
            data = urllib.parse.urlencode(sent, doseq=True).encode()
        else:
            data = encode_multipart(
                BOUNDARY, {**sent, file.field: SimpleUploadedFile(file.name, file.data)}
            )
            headers["Content-Type"] = MULTIPART_CONTENT
        request = urllib.request.Request(self._url(path), data, headers)  # noqa: S310  http only
        return self._open(request)

    def _url(self, path: str) -> str:
        return urllib.parse.urljoin(self._address, path)

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                content = answer.read()
                text = content.decode(errors="replace")
                return Page(answer.geturl(), answer.status, text, content)
        except urllib.error.HTTPError as error:
            with error:
                return Page(error.geturl() or "", error.code, error.read().decode(errors="replace"))


class _Words(HTMLParser):
    """Collects what is read, not what is code."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


class _Hidden(HTMLParser):
    """Collects the hidden fields of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "input" and found.get("type") == "hidden" and found.get("name"):
            self.fields[found["name"] or ""] = found.get("value") or ""
