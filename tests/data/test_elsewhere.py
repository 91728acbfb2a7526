"""Tasks from folders of recordings."""

import numpy as np
import pytest
from scipy.io import wavfile

import tlteach as tlt
from tlteach.data import FolderNote
from tlteach.data.sound import RATE, log_mel, read_clip, to_sound

SPEAKERS = ("anna", "ben")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The layout of the Free Spoken Digit Dataset, filled with words that ship."""
    path = tmp_path_factory.mktemp("recordings")
    spoken = tlt.load_task("spoken", domains=["source_british_m"]).train
    for digit in range(10):
        rows = spoken.images[spoken.labels == digit].numpy()
        for speaker in SPEAKERS:
            for index in range(7):
                sound = to_sound(rows[index % len(rows)], seed=index, rounds=2)
                samples = (sound * 30_000).astype(np.int16)
                wavfile.write(path / f"{digit}_{speaker}_{index}.wav", RATE, samples)
    (path / "notes.txt").write_text("not a recording")
    return path


def test_recordings_become_a_task(folder):
    task = tlt.load_task("fsdd", root=folder)
    assert task.classes[7] == "seven"
    assert task.domains == SPEAKERS
    assert (len(task.labelled), len(task.test)) == (2 * 10 * 2, 5 * 10 * 2)
    assert task.test.images.shape[1:] == (1, 40, 48)
    clip = log_mel(read_clip(folder / "3_ben_0.wav"))
    rows = task.test.images[(task.test.labels == 3) & (task.test.domains == 1)]
    assert any(np.array_equal(row[0], clip) for row in rows.numpy())
    only = tlt.load_task("fsdd", root=folder, domains=["anna"])
    assert len(only.test) == 50


def test_they_suit_the_speech_networks(folder):
    few = tlt.few_shot(tlt.load_task("fsdd", root=folder), 2, seed=0)
    run = tlt.train(tlt.load_backbone("speech_cnn"), few, "frozen", seed=0)
    assert run.test(few)["accuracy"] > 0.5  # chance is 0.1


def test_waves_hold_the_sound_itself(folder):
    task = tlt.load_task("fsdd_waves", root=folder)
    assert task.test.images.shape[1:] == (1, 1, 15_552)
    assert task.test.labels.equal(tlt.load_task("fsdd", root=folder).test.labels)


def test_what_is_wrong_with_a_folder_is_said(folder, tmp_path):
    with pytest.raises(
        ValueError, match=r"'fsdd' needs root, a folder of digit_speaker_index\.wav"
    ):
        tlt.load_task("fsdd")
    with pytest.raises(ValueError, match=r"no file in .* is named digit_speaker_index.wav"):
        tlt.load_task("fsdd", root=tmp_path)
    for path in folder.glob("[0-8]_anna_*.wav"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(ValueError, match=r"needs test \(index 0 to 4\) recordings.* none of \[9\]"):
        tlt.load_task("fsdd", root=tmp_path)
    (tmp_path / "4_anna_1.wav").write_text("broken")
    (tmp_path / "5_anna_1.wav").write_text("broken")
    with pytest.raises(ValueError, match=r"2 of 63 .* 4_anna_1.wav is not .*; 5_anna_1.wav is not"):
        tlt.load_task("fsdd", root=tmp_path)


def test_names_that_do_not_fit_are_named_and_not_dropped_silently(folder, tmp_path):
    for path in folder.glob("*.wav"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for name in ("seven_anna_1.wav", "7_anna_9.mp3"):
        (tmp_path / name).write_bytes(b"?")
    (tmp_path / "9_ben_6.wav").rename(tmp_path / "9_ben_6.WAV")
    with pytest.warns(FolderNote) as caught:
        task = tlt.load_task("fsdd", root=tmp_path)
    told = "2 files of sound not named digit_speaker_index.wav, left out: "
    assert told + "7_anna_9.mp3, seven_anna_1.wav" in str(caught[0].message)
    assert told in task.card.text
    assert caught[0].filename == __file__
    assert len(task.labelled) == 40


def test_the_card_says_that_speakers_stand_on_both_sides_and_groups_keep_them_apart(
    folder, tmp_path
):
    both = tlt.load_task("fsdd", root=folder)
    assert "Every speaker stands on both sides of the split" in both.card.text
    with pytest.raises(ValueError, match="number of speakers to keep apart must be at least 3"):
        tlt.load_task("fsdd", root=folder, groups="speaker")
    for path in folder.glob("*.wav"):
        for speaker in ("anna", "carla"):
            name = path.name.replace("anna", speaker)
            (tmp_path / name).write_bytes(path.read_bytes())
    task = tlt.load_task("fsdd", root=tmp_path, groups="speaker")
    sides = [set(split.domains.tolist()) for split in (task.train, task.val, task.test)]
    assert [len(side) for side in sides] == [1, 1, 1]
    assert len(set.union(*sides)) == 3
    assert "Speakers are kept apart" in task.card.text
    with pytest.raises(ValueError, match="groups must be one of None, 'speaker'; got 'digit'"):
        tlt.load_task("fsdd", root=tmp_path, groups="digit")
    with pytest.raises(ValueError, match="must be one of 'fsdd', 'fsdd_waves'; got 'digits'"):
        tlt.load_task("digits", groups="speaker")
