"""The same browser and page as the charts have."""

from tests.widgets.conftest import browser, complaints, page

__all__ = ["browser", "complaints", "page"]
