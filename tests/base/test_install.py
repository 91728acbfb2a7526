"""A clone is told from a wheel, and the command that adds an extra fits this install."""

import pytest

from tlteach.base import install


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "place" / "tlteach"
    folder.mkdir(parents=True)
    monkeypatch.setattr(install, "PACKAGE", folder)
    return folder


def test_this_is_a_clone(monkeypatch):
    here = install.clone()
    assert here is not None
    assert install.course_folder() == here / "notebooks"
    monkeypatch.chdir(here)
    assert install.adding("text") == 'pip install -e ".[text]"'
    assert install.adding("text", "explain") == 'pip install -e ".[text,explain]"'
    monkeypatch.chdir(here / "notebooks")  # where a kernel of a notebook is
    assert install.adding("text") == f'pip install -e "{here}[text]"'
    assert install.adding() == f'pip install -e "{here}"'


def test_a_wheel_has_its_course_inside(package):
    (package / "_notebooks").mkdir()
    (package / "_notebooks" / "glossary.md").touch()
    (package.parent / "pyproject.toml").touch()  # whatever lies beside it
    assert install.clone() is None
    assert install.course_folder() == package / "_notebooks"
    assert install.adding("text") == 'pip install "tlteach[text]"'


def test_a_package_alone_says_where_it_looked(package):
    assert install.clone() is None
    with pytest.raises(FileNotFoundError, match=r"got neither .*_notebooks nor .*notebooks: insta"):
        install.course_folder()
