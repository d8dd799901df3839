"""Tagged PDF: what reportlab draws, with a structure that a screen reader follows (ISO 32000-1, 14.7 and 14.8).

Everything on a page is drawn either as the content of a structure element (a heading, a paragraph, a cell) or as an
artifact (page numbers, rules, repeated headings). reportlab has no notion of this: the marks are written into its page
stream, and pikepdf adds the tree afterwards. That needs a few of reportlab's private names (:data:`HOOKS`); it is
therefore pinned below its next minor version, and a test says which name went missing.

The result is a tagged PDF; conformance with PDF/UA (ISO 14289-1) is not certified, and the file does not claim it.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from xml.sax.saxutils import escape

from reportlab.pdfbase.pdfdoc import LinkAnnotation
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

if TYPE_CHECKING:
    import pikepdf

#: The private names of reportlab's canvas that are used here.
HOOKS = ("_code", "_doc", "_filename", "_addAnnotation", "_bookmarkReference", "_absRect")
_XMP = """<?xpacket begin="\N{ZERO WIDTH NO-BREAK SPACE}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li>
<rdf:li xml:lang="{lang}">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{lang}</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>{tool}</xmp:CreatorTool>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


@dataclass(slots=True, eq=False)
class Element:
    """One element of the structure.

    Attributes:
        kind: its type by ISO 32000-1, 14.8.4: ``H1``, ``P``, ``Table``, ``TH`` and so on.
        scope: ``Row`` or ``Column`` of a ``TH``.
        alt: what is read out in place of a ``Figure`` or a ``Link``.
        box: where a ``Figure`` stands on its page: left, bottom, right, top.
        kids: elements, pieces of content as (page, number), and links as (page, key in the parent tree).
    """

    kind: str
    scope: str = ""
    alt: str = ""
    box: tuple[float, float, float, float] | None = None
    kids: "list[Element | tuple[int, int] | Link]" = field(default_factory=list)

    def add(self, kind: str, *, scope: str = "", alt: str = "") -> "Element":
        """A new element at its end."""
        child = Element(kind, scope, alt)
        self.kids.append(child)
        return child


@dataclass(frozen=True, slots=True)
class Link:
    """A link annotation, as a part of the element that speaks for it: its page, and its place among the page's."""

    page: int
    place: int


@dataclass(frozen=True, slots=True)
class About:
    """What the file says of itself."""

    title: str
    author: str
    lang: str
    tool: str


class TaggedCanvas(Canvas):
    """A canvas that knows the structure of what is drawn on it.

    Attributes:
        tree: the element of the whole document.
        section: where the next heading, paragraph or table belongs.
        about: what the file says of itself.
        at_end: called when all pages are drawn; it may draw on them with :meth:`later`.
    """

    _code: list[str]
    _doc: Any
    _filename: str
    _addAnnotation: Any  # noqa: N815 - reportlab's name
    _bookmarkReference: Any  # noqa: N815 - reportlab's name
    _absRect: Any  # noqa: N815 - reportlab's name

    def __init__(self, *args: Any, **options: Any) -> None:
        self.tree = Element("Document")
        self.section = self.tree
        self.about: About | None = None
        self.at_end: Callable[[], None] = lambda: None
        self._owners: list[list[Element]] = [[]]
        self._links: list[list[Element]] = [[]]
        super().__init__(*args, **options)

    def begin(self, element: Element) -> None:
        """What is drawn until :meth:`end` is content of an element."""
        owners = self._owners[-1]
        element.kids.append((len(self._owners) - 1, len(owners)))
        self._code.append(f"/{element.kind} <</MCID {len(owners)}>> BDC")
        owners.append(element)

    def begin_artifact(self, kind: str = "") -> None:
        """What is drawn until :meth:`end` is no content: ``Pagination``, ``Layout`` or unnamed."""
        self._code.append(f"/Artifact <</Type /{kind}>> BDC" if kind else "/Artifact BMC")

    def end(self) -> None:
        """The content or the artifact ends."""
        self._code.append("EMC")

    @contextmanager
    def tagged(self, element: Element) -> Iterator[None]:
        """What is drawn inside is content of an element."""
        self.begin(element)
        yield
        self.end()

    @contextmanager
    def artifact(self, kind: str = "") -> Iterator[None]:
        """What is drawn inside is no content."""
        self.begin_artifact(kind)
        yield
        self.end()

    def link(self, element: Element, words: str, key: str, box: tuple[float, float, float, float]) -> None:
        """A link inside the document, which belongs to an element; ``box`` in the present coordinates."""
        self._addAnnotation(LinkAnnotation(self._absRect(box, 1), words, self._bookmarkReference(key), "[0 0 0]"))
        links = self._links[-1]
        element.kids.append(Link(len(self._links) - 1, len(links)))
        links.append(element)

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """Close the page."""
        super().showPage()
        self._owners.append([])
        self._links.append([])

    @property
    def pages(self) -> int:
        """The pages closed so far."""
        return len(self._owners) - 1

    @contextmanager
    def later(self, page: int) -> Iterator[None]:
        """What is drawn inside is added to a page that is closed already: what could not be known before its end."""
        here = self._owners, self._links, self._code
        self._owners, self._links = self._owners[: page + 1], self._links[: page + 1]
        self._code = []
        self.saveState()
        yield
        self.restoreState()
        self._doc.Pages[page].stream += "\n".join(self._code) + "\n"
        self._owners, self._links, self._code = here

    def save(self) -> None:
        """Write the file with its structure; the same drawing gives the same bytes.

        Raises:
            OSError: the disk refused.
        """
        import pikepdf

        if self._code:
            self.showPage()
        self.at_end()
        self._code = []  # nothing of what was added later is a page of its own
        drawn: bytes = self.getpdfdata()  # type: ignore[no-untyped-call]
        with pikepdf.open(io.BytesIO(drawn)) as pdf:
            _Structure(pdf).write(self.tree, self._owners, self._links)
            if self.about is not None:
                _describe(pdf, self.about)
            pdf.save(
                self._filename,
                min_version="1.7",
                deterministic_id=True,
                object_stream_mode=pikepdf.ObjectStreamMode.generate,
                compress_streams=True,
                fix_metadata_version=False,
            )


class _Structure:
    """Puts a tree into a file, and for every piece of content the way back to its element."""

    def __init__(self, pdf: "pikepdf.Pdf") -> None:
        from pikepdf import Dictionary, Name

        self._pdf = pdf
        self._pages = [page.obj for page in pdf.pages]
        self._scopes = {
            scope: pdf.make_indirect(Dictionary(O=Name.Table, Scope=Name(f"/{scope}"))) for scope in ("Row", "Column")
        }
        self._made: dict[int, pikepdf.Object] = {}
        self._kinds: dict[str, pikepdf.Name] = {}
        self._notes = 0

    def write(self, tree: Element, owners: list[list[Element]], links: list[list[Element]]) -> None:
        """Write the tree; ``owners`` and ``links`` are the elements of each page's content and links."""
        from pikepdf import Array, Dictionary, Name

        root = self._pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        root.K = self._element(tree, root)
        numbers = Array()
        for place, page in enumerate(self._pages):
            page.StructParents = place
            page.Tabs = Name.S
            numbers.append(place)
            numbers.append(self._pdf.make_indirect(Array([self._made[id(owner)] for owner in owners[place]])))
        key = len(self._pages)
        for page, of_page in zip(self._pages, links, strict=False):
            for place, owner in enumerate(of_page):
                page.Annots[place].StructParent = key
                numbers.append(key)
                numbers.append(self._made[id(owner)])
                key += 1
        root.ParentTree = self._pdf.make_indirect(Dictionary(Nums=numbers))
        root.ParentTreeNextKey = key
        self._pdf.Root.StructTreeRoot = root
        self._pdf.Root.MarkInfo = Dictionary(Marked=True)

    def _element(self, element: Element, parent: "pikepdf.Object") -> "pikepdf.Object":
        from pikepdf import Array, Dictionary, Name

        kind = self._kinds.setdefault(element.kind, Name(f"/{element.kind}"))
        found = self._pdf.make_indirect(Dictionary(S=kind, P=parent))
        self._made[id(element)] = found
        self._attributes(element, found)
        first = next((kid[0] for kid in element.kids if isinstance(kid, tuple)), None)
        if first is not None:
            found.Pg = self._pages[first]
        kids: list[Any] = []
        for kid in element.kids:
            if isinstance(kid, Element):
                kids.append(self._element(kid, found))
            elif isinstance(kid, Link):
                page = self._pages[kid.page]
                kids.append(Dictionary(Type=Name.OBJR, Obj=page.Annots[kid.place], Pg=page))
            elif kid[0] == first:
                kids.append(kid[1])
            else:
                kids.append(Dictionary(Type=Name.MCR, Pg=self._pages[kid[0]], MCID=kid[1]))
        if kids:
            found.K = kids[0] if len(kids) == 1 else Array(kids)
        return found

    def _attributes(self, element: Element, found: "pikepdf.Object") -> None:
        from pikepdf import Array, Dictionary, Name

        if element.scope:
            found.A = self._scopes[element.scope]
        if element.alt:
            found.Alt = element.alt
        if element.box:
            box: list[Any] = [round(at, 2) for at in element.box]
            found.A = Dictionary(O=Name.Layout, Placement=Name.Block, BBox=Array(box))
        if element.kind == "Note":  # ISO 14289-1, 7.9: every note has an identifier
            self._notes += 1
            found.ID = f"note-{self._notes}"


def canvas_of(flowable: Flowable) -> TaggedCanvas:
    """The canvas on which a flowable is being drawn."""
    return cast("TaggedCanvas", flowable.canv)


def _describe(pdf: "pikepdf.Pdf", about: About) -> None:
    """The file's metadata as XMP, which readers prefer to the old properties."""
    from pikepdf import Name, Stream

    said: Mapping[str, str] = {name: escape(getattr(about, name)) for name in ("title", "author", "lang", "tool")}
    stream = Stream(pdf, _XMP.format(**said).encode())
    stream.Type, stream.Subtype = Name.Metadata, Name.XML
    pdf.Root.Metadata = pdf.make_indirect(stream)
    pdf.Root.Lang = about.lang
