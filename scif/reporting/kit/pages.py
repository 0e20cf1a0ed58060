"""Pages that wait on disk: a document of any length takes the memory of one page.

reportlab keeps every page, and the whole file twice, until the end. Here it makes the file with
the first page and all faces; the others are appended as an incremental update (ISO 32000-2, 7.5.6).
"""

import zlib
from array import array
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import IO, Any

from reportlab.pdfbase.pdfdoc import BasicFonts, pdfdocEnc
from reportlab.pdfgen.canvas import Canvas


class Spool:
    """Texts one after the other in a temporary file."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115  closed by `close`, or with its last user
        self._ends = array("Q", [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, content: bytes) -> None:
        """Put one more at the end."""
        self._file.seek(self._ends[-1])
        self._file.write(content)
        self._ends.append(self._ends[-1] + len(content))

    def read(self, number: int) -> bytes:
        """The text of a number, from 0."""
        first, end = self._ends[number], self._ends[number + 1]
        self._file.seek(first)
        return self._file.read(end - first)

    def close(self) -> None:
        """Give the disk back."""
        self._file.close()


class PageCanvas(Canvas):  # type: ignore[misc]  # reportlab has no types
    """A canvas whose pages wait on disk until `finish`; for text and strokes.

    INVARIANT: all pages share the document's dictionary of faces; an image, a form or transparency
    would need resources of its page's own, and is refused.
    """

    def __init__(self, file: IO[bytes], pagesize: tuple[float, float], face: str) -> None:
        super().__init__(file, pagesize=pagesize, pageCompression=1, initialFontName=face)
        self._drawn = Spool()

    def showPage(self) -> None:  # noqa: N802  reportlab's name
        """End the page and begin the next."""
        if self._formsinuse or self._extgstate.getState():
            raise ValueError("A page of text and strokes alone can wait on disk")
        self._drawn.add("\n".join(self._code).encode())
        self._startPage()

    def finish(self, complete: Callable[[int, int], None]) -> None:
        """Write the document; ``complete`` draws onto each page by its number, of so many."""
        total, streams = len(self._drawn), Spool()
        for number in range(total):
            self._code = [self._drawn.read(number).decode()]
            complete(number + 1, total)
            if number == 0:
                super().showPage()
            else:
                code = "\n".join([self._preamble, *self._code])
                streams.add(zlib.compress(pdfdocEnc(code)))
            self._code = []
        self._drawn.close()
        self._write(streams)
        streams.close()

    def _write(self, streams: Spool) -> None:
        """The document of the first page, and the others after it."""
        file, document = self._filename, self._doc
        first: bytes = self.getpdfdata()
        file.write(first)
        if not len(streams):
            return
        update = _Update(file, len(first), document.objectcounter + 1)
        tree = _number(document, document.Pages)
        faces, _version = document.idToObjectNumberAndVersion[BasicFonts]
        wide, high = self._pagesize
        kids = array("L", [_number(document, document.Pages[0])])
        for number in range(len(streams)):
            content = streams.read(number)
            head = f"<< /Length {len(content)} /Filter /FlateDecode >>\nstream\n"
            stream = update.add(head.encode() + content + b"\nendstream")
            page = (
                f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 {wide} {high}]"
                f" /Resources << /Font {faces} 0 R /ProcSet [/PDF /Text] >>"
                f" /Contents {stream} 0 R >>"
            )
            kids.append(update.add(page.encode()))
        update.begin(tree)
        file.write(f"<< /Type /Pages /Count {len(kids)} /Kids [".encode())
        for kid in kids:
            file.write(f" {kid} 0 R".encode())
        file.write(b" ] >>\nendobj\n")
        root, info = (_number(document, each) for each in (document.Catalog, document.info))
        previous = int(first[first.rindex(b"startxref") + 9 :].split()[0])
        trailer = f"/Root {root} 0 R /Info {info} 0 R /Prev {previous} /ID"
        update.close(trailer.encode() + document.ID())


class _Update:
    """Objects appended to a document, and the section that says where they are."""

    def __init__(self, file: IO[bytes], at: int, number: int) -> None:
        self._file, self._start, self._first = file, file.tell() - at, number
        self._places = array("Q")
        self._again: tuple[int, int] = (0, 0)

    def add(self, content: bytes) -> int:
        """A new object; gives its number."""
        number = self._first + len(self._places)
        self._places.append(self._here())
        self._file.write(f"{number} 0 obj\n".encode() + content + b"\nendobj\n")
        return number

    def begin(self, number: int) -> None:
        """An object of the document anew; its content is written by whoever calls."""
        self._again = (number, self._here())
        self._file.write(f"{number} 0 obj\n".encode())

    def close(self, trailer: bytes) -> None:
        """The table of places, and the trailer."""
        here, file = self._here(), self._file
        number, place = self._again
        file.write(f"xref\n{number} 1\n{place:010d} 00000 n \n".encode())
        file.write(f"{self._first} {len(self._places)}\n".encode())
        for place in self._places:
            file.write(f"{place:010d} 00000 n \n".encode())
        size = self._first + len(self._places)
        file.write(f"trailer\n<< /Size {size} ".encode() + trailer + b" >>\n")
        file.write(f"startxref\n{here}\n%%EOF\n".encode())

    def _here(self) -> int:
        return self._file.tell() - self._start


def _number(document: Any, thing: Any) -> int:
    """The number of one of reportlab's objects."""
    number, _version = document.idToObjectNumberAndVersion[document.Reference(thing).name]
    return int(number)
