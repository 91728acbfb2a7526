"""What a notebook shows of an object, read as a browser reads it."""

from tests.helpers.html_page import Elements
from tlteach.classroom.kit_pictures import STILL

LIMIT = 60_000  # letters
HOSTILE = "<script>alert('$x$')</script> & \"猫\" $y$ \x00"
SAFE = HOSTILE.replace("\x00", "\ufffd")  # as a page shows it


class Shown(Elements):
    """The elements of a view, where void ones close themselves as in SVG."""

    VOID = frozenset({"img", "br", "line", "circle", "polyline"})

    def handle_startendtag(self, tag, attributes):
        assert tag in self.VOID
        self.handle_starttag(tag, attributes)

    @property
    def facts(self):
        """What stands beside each head of a row."""
        found, head = {}, None
        for tag, attributes, text in self.elements:
            if tag == "th":
                head = text if attributes["scope"] == "row" else None
            elif tag == "td" and head is not None:
                found.setdefault(head, []).append(text)
        return found


def sound(shown):
    """Return what an object shows, after what holds of every such view."""
    html = shown._repr_html_()
    page = Shown(html)
    tags = {tag for tag, _, _ in page.elements}
    assert len(html) < LIMIT
    assert tags.isdisjoint({"script", "link", "iframe", "object", "h1", "h2", "h3", "h4"})
    assert "//" not in "".join(text for text in page.texts("style"))
    assert "mathjax_ignore" in page.elements[0][1]["class"]  # or $x$ would become a formula
    assert not STILL.search(html)  # or solved notebooks would keep its parts as pictures
    html.encode()
    for tag, attributes, _ in page.elements:
        assert not any(name.startswith("on") or name in ("href", "id") for name in attributes)
        if tag == "img":
            assert attributes["src"].startswith(
                ("data:image/png;base64,", "data:image/jpeg;base64,")
            )
            assert attributes["alt"].strip()
        if tag == "th":
            assert attributes["scope"] in ("row", "col", "rowgroup")
    assert len(page.all("table")) == len(page.all("caption"))
    assert all(text.strip() for text in page.texts("caption"))
    named = [page.texts(tag) for tag in ("svg", "title", "desc")]
    assert len({len(texts) for texts in named}) == 1
    assert all(text.strip() for texts in named[1:] for text in texts)
    assert all(attributes["role"] == "img" for attributes, _ in page.all("svg"))
    return page
