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


def plain(text):
    """Return text with single spaces and without the marks of Markdown."""
    return " ".join(text.replace("`", "").split())
