"""Settings of Sphinx; `docs/build.py` prepares what they read."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from site_pages import WINGS, public

import tlteach

project = "tlteach"
author = "The tlteach developers"
copyright = "The tlteach developers, BSD-3-Clause"  # Sphinx's own name for it
release = version = tlteach.__version__
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
nb_execution_mode = "off"  # build.py ran them, with jupyter-cache
nb_render_markdown_format = "myst"
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # a card may begin with a heading of the second level
autosummary_generate = True
autodoc_typehints = "none"  # the docstrings say shapes and units, too
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
default_role = "py:obj"
copybutton_exclude = ".linenos, .gp, .go"
copybutton_prompt_text = ">>> |\\.\\.\\. "
copybutton_prompt_is_regexp = True

html_theme = "pydata_sphinx_theme"
html_title = "tlteach"
html_favicon = "_static/favicon.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["charts.js", ("site.js", {"defer": "defer"})]
html_context = {"default_mode": "auto"}
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "collapse_navigation": True,  # else each of some 300 pages holds the names of all
    "navigation_depth": 3,
    "navigation_with_keys": False,  # arrow keys belong to the charts
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
    "secondary_sidebar_items": ["page-toc"],
}
html_sidebars = {"index": [], "charts": [], "search": []}


def short_names() -> dict[str, str]:
    """Return the full name of every public name, so that docstrings may say `compare`."""
    # where two wings hand on the same name, the one that learners meet first has it
    return {name: f"tlteach.{wing}.{name}" for wing in reversed(WINGS) for name in public(wing)[0]}


def resolve(app: Any, env: Any, node: Any, content: Any) -> Any:
    """Find a name that a docstring mentions without saying where it lives."""
    if node.get("reftype") not in ("obj", "func", "class"):
        return None
    name = node["reftarget"].removeprefix("tlt.").removeprefix("tlteach.").split(".")[-1]
    full = app.config.tlteach_names.get(name)
    if full is None:
        return None
    domain = env.get_domain("py")
    return domain.resolve_xref(
        env, node["refdoc"], app.builder, "obj", full, node, content
    ) or nodes.literal(name, name)


def setup(app: Any) -> None:
    """Add what is our own."""
    app.add_config_value("tlteach_names", short_names(), "env")
    app.connect("missing-reference", resolve)
