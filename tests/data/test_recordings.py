"""Own words of speech from folders."""

import shutil
import zipfile

import numpy as np
import pytest
from scipy.io import wavfile

import tlteach as tlt
from tests.helpers.tiny import assert_apart
from tlteach.data import FolderNote
from tlteach.data.sound import RATE, log_mel, read_clip


def record(path, hertz):
    path.parent.mkdir(parents=True, exist_ok=True)
    tone = np.sin(2 * np.pi * hertz * np.arange(RATE // 2) / RATE)
    wavfile.write(path, RATE, (20_000 * tone).astype(np.int16))


@pytest.fixture
def folder(tmp_path):
    """Two words of ten recordings, low and high tones."""
    for i in range(10):
        record(tmp_path / "words" / "yes" / f"{i}.wav", 300 + 10 * i)
        record(tmp_path / "words" / "no" / f"{i}.wav", 2_000 + 50 * i)
    return tmp_path / "words"


def test_folders_of_words_are_a_task(folder):
    task = tlt.from_recordings(folder)
    assert (task.name, task.classes, task.kind) == ("words", ("no", "yes"), "images")
    assert [len(task.train), len(task.val), len(task.test)] == [12, 4, 4]
    assert_apart(task, pool=True)
    for split in (task.labelled, task.test):
        for file, row, label in zip(task.files_of(split), split.inputs, split.labels, strict=True):
            assert file.split("/")[0] == task.classes[label]
            assert np.array_equal(row[0], log_mel(read_clip(folder / file)))
    waves = tlt.from_recordings(folder, seen="waves")
    assert waves.test.inputs.shape[1:] == (1, 1, 15_552)
    assert waves.test.labels.equal(task.test.labels)


def test_they_suit_the_speech_networks(folder):
    few = tlt.few_shot(tlt.from_recordings(folder), 4, seed=0)
    run = tlt.train(tlt.load_backbone("speech_cnn"), few, "frozen", seed=0)
    assert run.test(few)["accuracy"] == 1  # low and high tones


def test_an_archive_is_the_folder(folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "words.zip", "w") as archive:
        for path in folder.rglob("*.wav"):
            archive.write(path, path.relative_to(folder.parent.joinpath("words")))
    assert tlt.from_recordings(tmp_path / "words.zip").fingerprint == (
        tlt.from_recordings(folder).fingerprint
    )


def test_speakers_stay_together(folder, tmp_path):
    def speaker(file):
        return f"s{int(file.split('/')[1].removesuffix('.wav')) // 2}"

    with pytest.warns(FolderNote, match="5 groups, each kept in one split: s0, s1"):
        task = tlt.from_recordings(folder, groups=speaker)
    for path in list(folder.rglob("*.wav")):
        name = path.relative_to(folder).as_posix()
        (path.parent / speaker(name)).mkdir(exist_ok=True)
        path.rename(path.parent / speaker(name) / path.name)
    with pytest.warns(FolderNote, match="5 groups, each kept in one split: s0, s1"):
        again = tlt.from_recordings(folder)
    assert again.fingerprint == task.fingerprint
    sides = [{f.split("/")[-1] for f in task.files_of(s)} for s in (task.labelled, task.test)]
    assert not sides[0] & sides[1]


def test_what_is_left_out_or_wrong_is_named(folder, tmp_path):
    (folder / "yes" / "a.mp3").write_bytes(b"?")
    (folder / "notes.txt").write_text("mine")
    (folder / "loose.wav").write_bytes(b"?")
    (folder / ".DS_Store").write_bytes(b"?")
    with pytest.warns(FolderNote) as caught:
        tlt.from_recordings(folder)
    told = str(caught[0].message)
    assert caught[0].filename == __file__
    assert "passed over 3 files without a recording: " in told
    assert "hidden or systems leave behind: 1 .DS_Store" in told
    for what in ("1 .mp3, to be saved as WAV", "1 .wav beside the class folders", "1 .txt"):
        assert what in told
    (folder / "yes" / "b.wav").write_text("broken")
    with pytest.raises(ValueError, match=r"1 of 21 files are not usable .*\n  yes/b\.wav: b\.wav"):
        tlt.from_recordings(folder)
    with pytest.warns(FolderNote, match="1 of 21 files are not usable recordings and left out"):
        assert len(tlt.from_recordings(folder, skip_bad=True).files) == 20
    with pytest.raises(ValueError, match=r"yes must hold at least 2 folders of WAV files, .* none"):
        tlt.from_recordings(folder / "yes")
    with pytest.raises(NotADirectoryError, match="is not a folder, nor a zip or tar archive"):
        tlt.from_recordings(tmp_path / "gone")
    with pytest.raises(ValueError, match="seen must be one of 'log_mel', 'waves'; got 'mel'"):
        tlt.from_recordings(folder, seen="mel")


def test_folders_around_the_words_are_entered_and_splits_kept(folder, tmp_path):
    plain = tlt.from_recordings(folder)
    shutil.copytree(folder, tmp_path / "download" / "words")
    with pytest.warns(FolderNote, match="the words are those of words, the only folder with"):
        deeper = tlt.from_recordings(tmp_path / "download")
    assert deeper.fingerprint == plain.fingerprint
    for part, numbers in (("train", range(6)), ("test", range(6, 10))):
        for word in ("yes", "no"):
            (tmp_path / "given" / part / word).mkdir(parents=True)
            for i in numbers:
                shutil.copy(folder / word / f"{i}.wav", tmp_path / "given" / part / word)
    given = tlt.from_recordings(tmp_path / "given")
    assert given.classes == ("no", "yes")
    assert {file.split("/")[0] for file in given.files_of(given.test)} == {"test"}
    assert {file.split("/")[0] for file in given.files_of(given.labelled)} == {"train"}


def test_a_word_without_recordings_and_words_that_look_the_same_are_told(folder):
    (folder / "maybe").mkdir()
    (folder / "maybe" / "a.mp3").write_bytes(b"?")
    with pytest.raises(ValueError, match="the folder maybe of a word holds no WAV file: save them"):
        tlt.from_recordings(folder)
    shutil.rmtree(folder / "maybe")
    for i in range(10):
        record(folder / "Yes" / f"{i}.wav", 500 + 10 * i)
    with pytest.warns(FolderNote, match="Yes, yes are different classes here; are they one?"):
        tlt.from_recordings(folder)
