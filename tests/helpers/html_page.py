"""A page of HTML as a reader sees it."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """The text that is seen, and where the page leads."""

    def __init__(self, html):
        super().__init__()
        self.text, self.attributes, self.tags, self.hidden = "", [], [], 0
        self.feed(html)
        self.close()
        self.text = plain(self.text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        self.hidden += tag in ("style", "script", "title")

    def handle_endtag(self, tag):
        self.hidden -= tag in ("style", "script", "title")
        self.text += " " if tag in ("td", "th") else ""

    def handle_data(self, data):
        self.text += "" if self.hidden else data


class Elements(HTMLParser):
    """Elements in order as (tag, attributes, text inside); fails where tags do not match."""

    VOID = frozenset({"meta", "img", "br", "link"})

    def __init__(self, html):
        super().__init__()
        self.html, self.open, self.elements = html, [], []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        assert len(dict(attributes)) == len(attributes)
        self.elements.append([tag, dict(attributes), ""])
        if tag not in self.VOID:
            self.open.append(len(self.elements) - 1)

    def handle_endtag(self, tag):
        assert self.elements[self.open.pop()][0] == tag

    def handle_data(self, data):
        for i in self.open:
            self.elements[i][2] += data

    def all(self, tag):
        return [(attributes, text) for name, attributes, text in self.elements if name == tag]

    def texts(self, tag):
        return [text for _, text in self.all(tag)]


def plain(text):
    """Return text with single spaces and without the marks of Markdown."""
    return " ".join(text.replace("`", "").split())
