"""Collecting pictures without a browser: what is written, what is refused, and in which words."""

import io

import pytest
from PIL import Image

import tlteach as tlt
from tests.helpers.photographs import KINDS, photograph, write_photographs
from tlteach import widgets
from tlteach.widgets import _shelf


def picture(seed=0, form="jpeg", kind="rings"):
    buffer = io.BytesIO()
    photograph(kind, seed).save(buffer, format=form)
    return buffer.getvalue()


class Heard(widgets.Collect):
    """Keeps what it sends to the browser."""

    def __init__(self, *given):
        self.sent = []
        super().__init__(*given)

    def send(self, content, buffers=None):
        self.sent.append((content, buffers or []))

    def asks(self, _buffers=(), **content):
        """Let the browser ask for something; return what it is told."""
        self.sent.clear()
        self._heard(None, content, [memoryview(data) for data in _buffers])
        return self.sent[-1][0]


@pytest.fixture
def heard(tmp_path):
    return Heard(tmp_path / "desk", ["cup", "pen"])


def test_what_was_collected_is_a_folder_to_read(tmp_path):
    heard = Heard(tmp_path / "own", [*KINDS])
    for i in range(5):
        for kind in KINDS:
            data = picture(i, kind=kind)
            said = heard.asks([data], do="add", label=kind, name="camera.jpg")
            assert not said["fault"]
    assert heard.counts == {"rings": 5, "stripes": 5}
    assert repr(heard) == "<collect into own: rings 5, stripes 5>"
    first = heard.folder / "rings" / "camera.jpg"
    assert first.read_bytes() == picture(0)
    assert sorted(p.name for p in first.parent.iterdir())[:2] == ["camera.jpg", "camera_2.jpg"]
    task = tlt.from_folder(heard.folder, size=32)
    assert (task.classes, len(task.labelled) + len(task.test)) == (KINDS, 10)


def test_pictures_that_are_there_are_shown_the_newest_first(tmp_path):
    root = write_photographs(tmp_path / "own", n=3)
    (root / "rings" / "notes.txt").write_text("no picture")
    (root / "rings" / "broken.jpg").write_bytes(b"no picture either")
    heard = Heard(root)
    heard.asks(do="list")
    content, thumbs = next(sent for sent in heard.sent if sent[0]["label"] == "rings")
    assert content["names"] == ["broken.jpg", "rings2.jpg", "rings1.jpg", "rings0.jpg"]
    assert thumbs[0] == b""
    with Image.open(io.BytesIO(thumbs[1])) as small:
        assert small.size == (96, 96)
    assert heard.counts == {"rings": 4, "stripes": 3}


def test_a_deleted_picture_comes_back_bit_for_bit(heard):
    heard.add("cup", "a.jpg", picture(1))
    said = heard.asks(do="remove", label="cup", name="a.jpg")
    assert said["text"] == "cup: a.jpg is deleted; Undo brings it back."
    assert (heard.counts["cup"], list((heard.folder / "cup").iterdir())) == (0, [])
    assert heard.asks(do="undo")["text"] == "cup: a.jpg is back."
    assert (heard.folder / "cup" / "a.jpg").read_bytes() == picture(1)
    assert heard.asks(do="undo")["text"].startswith("Not done: nothing was deleted here")


def test_undo_never_writes_over_another_picture(heard):
    heard.add("cup", "a.jpg", picture(1))
    heard.remove("cup", "a.jpg")
    heard.add("cup", "a.jpg", picture(2))
    assert "another picture is called a.jpg now" in heard.asks(do="undo")["text"]
    assert (heard.folder / "cup" / "a.jpg").read_bytes() == picture(2)


@pytest.mark.parametrize("name", ["../a.jpg", "/etc/a.jpg", "c\\a.jpg", "a\0.jpg", "a\n.jpg"])
def test_names_with_a_path_are_refused(heard, name):
    said = heard.asks([picture()], do="add", label="cup", name=name)
    assert said["fault"]
    assert "must be a name without a path" in said["text"]
    assert heard.counts == {"cup": 0, "pen": 0}
    assert [p.name for p in heard.folder.parent.iterdir()] == ["desk"]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (".hidden.jpg", "hidden.jpg"),
        ("con.jpg", "picture.jpg"),
        ("", "picture.jpg"),
        ("a*b?.exe", "a_b.jpg"),
        ("u\u0308ber.png", "\u00fcber.jpg"),
        (300 * "x" + ".jpg", 60 * "x" + ".jpg"),
    ],
)
def test_odd_names_become_names_that_every_system_takes(heard, name, written):
    assert heard.add("cup", name, picture()) == written
    assert [*heard._shelf.files("cup")] == [written]


def test_no_picture_is_written_that_cannot_be_read(heard):
    half = picture(form="png")[:300]
    for data in (b"", b"<svg onload=alert(1)>", half, b"GIF89a"):
        said = heard.asks([data], do="add", label="cup", name="a.png")
        assert said["text"].startswith("Not done: a.png is no picture that can be read (JPEG, PNG")
    assert list((heard.folder / "cup").iterdir()) == []


def test_too_large_a_picture_is_refused_before_it_is_decoded(heard, monkeypatch):
    bomb = io.BytesIO()
    Image.new("1", (9000, 9000)).save(bomb, format="png")
    with pytest.raises(ValueError, match="9000 x 9000 pixels, the most is 50,000,000"):
        heard.add("cup", "bomb.png", bomb.getvalue())
    monkeypatch.setattr(_shelf, "MOST_BYTES", 1000)
    with pytest.raises(ValueError, match=r"a.jpg has \d\.\d MB, the most is"):
        heard.add("cup", "a.jpg", picture())


def test_a_copy_is_refused_in_any_class(heard):
    heard.add("cup", "a.jpg", picture())
    with pytest.raises(ValueError, match=r"b\.jpg is there already, as cup/a\.jpg"):
        heard.add("pen", "b.jpg", picture())


def test_only_pictures_of_the_classes_can_be_deleted(heard):
    outside = heard.folder / "keep.jpg"
    outside.write_bytes(picture())
    for label, name in (("cup", "../keep.jpg"), ("..", "keep.jpg"), ("cup", "/etc/hosts")):
        said = heard.asks(do="remove", label=label, name=name)
        assert said["fault"]
    assert outside.exists()


def test_nonsense_is_answered_and_raises_nothing(heard):
    for content in ({}, {"do": "add", "label": "cup", "name": "a.jpg"}, {"do": "remove"}):
        assert heard.asks(**content) == {
            "do": "said", "text": "That was not understood.", "fault": True,
        }  # fmt: skip


@pytest.mark.parametrize(
    ("classes", "why"),
    [
        (["../up", "b"], "it holds '/'"),
        (["a", "nul.txt"], "Windows keeps for itself"),
        (["a", ".b"], "begins or ends with a space or a dot"),
        (["a", ""], "it is empty"),
        (["a", 81 * "b"], "81 characters, the most is 80"),
        (["a", "__MACOSX"], "what systems leave behind"),
        (["Cup", "cup"], "must differ by more than upper case; got Cup, cup"),
        (["a"], "at least 2 names"),
    ],
)
def test_class_names_that_are_no_folders_are_refused(tmp_path, classes, why):
    with pytest.raises(ValueError, match=why):
        widgets.collect(tmp_path / "new", classes)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("classes", [["a", 3], "ab"])
def test_class_names_are_several_texts(tmp_path, classes):
    with pytest.raises(
        TypeError, match=r"classes must be several texts, such as \['a', 'b'\]; got"
    ):
        widgets.collect(tmp_path / "new", classes)
    assert not (tmp_path / "new").exists()


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(NotADirectoryError, match=r"folder must be a folder; a.txt is a file"):
        widgets.collect(tmp_path / "a.txt", ["a", "b"])


def test_pictures_are_no_part_of_the_state_that_a_notebook_saves(heard):
    heard.add("cup", "a.jpg", picture())
    saved = heard.get_state()
    assert not any(isinstance(value, bytes | memoryview) for value in saved.values())
    assert saved["counts"] == {"cup": 1, "pen": 0}


def test_accents_that_a_mac_wrote_apart_are_the_same_class(tmp_path):
    (tmp_path / "desk" / "cafe\u0301").mkdir(parents=True)
    (tmp_path / "desk" / "tea").mkdir()
    for seed, classes in enumerate([None, ["caf\u00e9", "tea"]]):
        heard = Heard(tmp_path / "desk", classes)
        heard.add("caf\u00e9", "a.jpg", picture(seed))
        assert len(list((tmp_path / "desk").iterdir())) == 2
    assert heard.counts == {"caf\u00e9": 2, "tea": 0}
