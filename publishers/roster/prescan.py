"""
A look at a workbook before a spreadsheet library may touch it.

A 5 KB file with one cell at XFD1048576 makes the reader ask for 549 GB and abort the process, error
cells come out as empty, formulas without a stored value too, merged cells only in their first cell.
So the sheets' XML is scanned here: limits first, then everything the reader would hide.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.sax import SAXException  # the exception only; parsing is defusedxml's
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser

from publishers.roster.problems import RosterUnreadable

FILE_BYTES_MAX: Final = 20 * 1024 * 1024
UNZIPPED_BYTES_MAX: Final = 200 * 1024 * 1024
MEMBERS_MAX: Final = 1000
COLUMNS_MAX: Final = 64
ROWS_MAX: Final = 20_000
HEAD_ROWS_MAX: Final = 30
"""Title, batch information and header may stand above the rows."""
MERGE_ROWS_MAX: Final = 25_000
MERGE_COLUMNS_MAX: Final = 128
"""Furthest cell of a merge that is believed."""
CELLS_MAX: Final = COLUMNS_MAX * (ROWS_MAX + HEAD_ROWS_MAX)
CHUNK_BYTES: Final = 1 << 16
REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.ASCII)
ALPHABET: Final = 26

Cell = tuple[int, int]
"""Row from 1, column from 0."""


@dataclass(slots=True)
class SheetScan:
    """What one sheet holds that a reader would not tell."""

    name: str
    hidden: bool = False
    error_cells: dict[Cell, str] = field(default_factory=dict)
    formula_cells: set[Cell] = field(default_factory=set)
    empty_formulas: set[Cell] = field(default_factory=set)
    """Formulas without a stored value."""
    merged: list[tuple[Cell, Cell]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class WorkbookScan:
    """All sheets of a workbook, in order, and its calendar."""

    sheets: tuple[SheetScan, ...]
    date1904: bool


def scan_workbook(data: bytes) -> WorkbookScan:
    """
    Scan an .xlsx file.

    Raises:
        RosterUnreadable: FILE_BROKEN, FILE_UNZIPPED_TOO_LARGE, FILE_DTD, SHEET_TOO_WIDE,
            SHEET_TOO_LONG, SHEET_TOO_MANY_CELLS.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _Scanner(archive).scan()
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, OSError) as error:
        raise RosterUnreadable("FILE_BROKEN") from error
    except (RuntimeError, NotImplementedError) as error:  # an encrypted or exotic member
        raise RosterUnreadable("FILE_BROKEN") from error


class _Scanner:
    """Reads the members it needs, counting every byte that comes out."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._bytes_left = UNZIPPED_BYTES_MAX
        members = archive.infolist()
        # The directory may lie about sizes, but the reader believes it too; both are checked.
        if len(members) > MEMBERS_MAX or sum(m.file_size for m in members) > UNZIPPED_BYTES_MAX:
            raise RosterUnreadable("FILE_UNZIPPED_TOO_LARGE", limit_mb=UNZIPPED_BYTES_MAX >> 20)
        # Of two members with one name, the reader might take the one that was not scanned.
        self._names = {m.filename for m in members}
        if len({name.lower() for name in self._names}) < len(members):
            raise RosterUnreadable("FILE_BROKEN")

    def scan(self) -> WorkbookScan:
        book_path = self._office_document()
        book = _BookHandler()
        self._parse(book_path, book)
        targets = self._targets(book_path)
        sheets = []
        for name, relation, hidden in book.sheets:
            sheet = SheetScan(name, hidden)
            self._parse(targets[relation], _SheetHandler(sheet))
            sheets.append(sheet)
        if len({sheet.name for sheet in sheets}) < len(sheets):
            raise RosterUnreadable("FILE_BROKEN")
        for path in sorted(self._names):
            if path.endswith(("sharedStrings.xml", "styles.xml")):
                self._parse(path, ContentHandler())
        return WorkbookScan(tuple(sheets), book.date1904)

    def _office_document(self) -> str:
        for kind, target in self._relations("_rels/.rels").values():
            if kind.endswith("/officeDocument"):
                return target.lstrip("/")
        return "xl/workbook.xml"

    def _targets(self, book_path: str) -> dict[str, str]:
        folder, name = posixpath.split(book_path)
        relations = self._relations(f"{folder}/_rels/{name}.rels")
        return {
            relation: posixpath.normpath(
                target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            )
            for relation, (_, target) in relations.items()
        }

    def _relations(self, path: str) -> Mapping[str, tuple[str, str]]:
        handler = _RelationHandler()
        if path in self._names:
            self._parse(path, handler)
        return handler.relations

    def _parse(self, path: str, handler: ContentHandler) -> None:
        parser = make_parser()
        parser.forbid_dtd = True
        parser.setContentHandler(handler)
        try:
            with self._archive.open(path) as member:
                while chunk := member.read(CHUNK_BYTES):
                    self._bytes_left -= len(chunk)
                    if self._bytes_left < 0:
                        raise RosterUnreadable(
                            "FILE_UNZIPPED_TOO_LARGE", limit_mb=UNZIPPED_BYTES_MAX >> 20
                        )
                    parser.feed(chunk)
                parser.close()
        except DefusedXmlException as error:
            raise RosterUnreadable("FILE_DTD") from error
        except SAXException:
            # The parser's message may quote a value.
            raise RosterUnreadable("FILE_BROKEN") from None


class _RelationHandler(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.relations: dict[str, tuple[str, str]] = {}

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  SAX's name
        if name.rpartition(":")[2] == "Relationship":
            self.relations[attrs.get("Id", "")] = (attrs.get("Type", ""), attrs.get("Target", ""))


class _BookHandler(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str, bool]] = []
        self.date1904 = False

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        local = name.rpartition(":")[2]
        if local == "sheet":
            relation = next((v for k, v in attrs.items() if k.rpartition(":")[2] == "id"), "")
            self.sheets.append(
                (attrs.get("name", ""), relation, attrs.get("state", "visible") != "visible")
            )
        elif local == "workbookPr":
            self.date1904 = attrs.get("date1904", "0") in ("1", "true")


class _SheetHandler(ContentHandler):
    """One pass over a sheet: positions, types, formulas; texts of error cells only."""

    def __init__(self, sheet: SheetScan) -> None:
        super().__init__()
        self._sheet = sheet
        self._row = 0
        self._column = -1
        self._type = ""
        self._formula = self._value = self._in_value = False
        self._text = ""
        self._cells = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        local = name.rpartition(":")[2]
        if local == "c":
            self._start_cell(attrs)
        elif local == "row":
            self._start_row(attrs)
        elif local == "f":
            self._formula = True
        elif local in ("v", "t"):
            self._in_value = True
        elif local == "mergeCell":
            self._merge(attrs.get("ref", ""))
        elif local == "col" and attrs.get("hidden", "0") in ("1", "true"):
            first, last = int(attrs["min"]), min(int(attrs["max"]), COLUMNS_MAX)
            self._sheet.hidden_columns.update(range(first - 1, last))

    def endElement(self, name: str) -> None:  # noqa: N802
        local = name.rpartition(":")[2]
        if local == "c":
            self._end_cell()
        elif local in ("v", "t"):
            self._in_value = False

    def characters(self, content: str) -> None:
        if self._in_value and content:
            self._value = True
            if self._type == "e" and len(self._text) < len("#GETTING_DATA"):
                self._text += content

    def _start_row(self, attrs: AttributesImpl) -> None:
        self._row = int(attrs["r"]) if "r" in attrs else self._row + 1
        self._column = -1
        if attrs.get("hidden", "0") in ("1", "true") and self._row <= ROWS_MAX + HEAD_ROWS_MAX:
            self._sheet.hidden_rows.add(self._row)

    def _start_cell(self, attrs: AttributesImpl) -> None:
        reference = attrs.get("r")
        if reference is None:
            self._column += 1
        else:
            self._row, self._column = _cell(reference)
        self._type = attrs.get("t", "")
        self._formula = self._value = self._in_value = False
        self._text = ""

    def _end_cell(self) -> None:
        if not (self._value or self._formula):
            return  # formatted, but empty: the reader passes over it as well
        self._cells += 1
        if self._column >= COLUMNS_MAX:
            raise RosterUnreadable("SHEET_TOO_WIDE", sheet=self._sheet.name, limit=COLUMNS_MAX)
        if self._row > ROWS_MAX + HEAD_ROWS_MAX:
            raise RosterUnreadable("SHEET_TOO_LONG", sheet=self._sheet.name, limit=ROWS_MAX)
        if self._cells > CELLS_MAX:
            raise RosterUnreadable("SHEET_TOO_MANY_CELLS", sheet=self._sheet.name, limit=CELLS_MAX)
        cell = (self._row, self._column)
        if self._type == "e":
            self._sheet.error_cells[cell] = self._text
        if self._formula:
            self._sheet.formula_cells.add(cell)
            if not self._value:
                self._sheet.empty_formulas.add(cell)

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        if len(self._sheet.merged) < CELLS_MAX:
            merged = (_cell(first), _cell(last or first))
            # A merge far outside makes a cell object of each of its millions of cells.
            if merged[1][0] > MERGE_ROWS_MAX or merged[1][1] > MERGE_COLUMNS_MAX:
                raise RosterUnreadable("FILE_BROKEN")
            self._sheet.merged.append(merged)


def _cell(reference: str) -> Cell:
    match = REFERENCE.fullmatch(reference.replace("$", ""))
    if match is None:
        raise RosterUnreadable("FILE_BROKEN")
    column = 0
    for letter in match[1]:
        column = column * ALPHABET + ord(letter) - ord("A") + 1
    return int(match[2]), column - 1
