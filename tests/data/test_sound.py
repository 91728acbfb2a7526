"""Sound to spectrograms and back, bytes of sound, recordings of any rate."""

import numpy as np
import pytest
import torch
from scipy.io import wavfile

import tlteach as tlt
from tlteach.data.sound import FRAMES, MELS, RATE, SAMPLES, log_mel, mu_law, read_clip, to_sound
from tlteach.models.waves import Waves


def tone(hertz, seconds=0.5, rate=RATE):
    return np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)


@pytest.fixture(scope="module")
def clips():
    return tlt.load_task("spoken").test.images[::120].numpy()


def test_a_spectrogram_turned_to_sound_and_back_is_nearly_itself(clips):
    again = np.stack([log_mel(to_sound(clip, seed=0)) for clip in clips])
    for one, other in zip(clips, again, strict=True):
        assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.9


def test_sound_comes_from_its_seed_and_is_in_range(clips):
    first, same, other = (to_sound(clips[0], seed=s, rounds=3) for s in (1, 1, 2))
    assert first.shape == (SAMPLES,)
    assert np.abs(first).max() == 1
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


def test_more_rounds_bring_it_closer(clips):
    def far(rounds):
        sounds = [log_mel(to_sound(clip, seed=0, rounds=rounds)) for clip in clips]
        return np.abs(np.stack(sounds).astype(int) - clips[:, 0]).mean()

    assert far(30) < far(0)


def test_bytes_of_sound_come_back_within_their_step():
    samples = np.concatenate([np.linspace(-1, 1, SAMPLES - 1), [0]])
    rows = torch.from_numpy(mu_law(samples))[None, None, None]
    again = Waves(SAMPLES)(rows)[0].double().numpy()
    # G.711: neighbouring levels lie 256 ** (2 / 255) - 1, some 4.4 %, apart: half of it at most
    assert np.abs(again - samples).max() <= 0.0225
    quiet = np.abs(samples) < 0.01
    assert np.abs(again - samples)[quiet].max() < 5e-4
    with pytest.raises(ValueError, match=r"sounds must be .* got torch.uint8 of shape \(2, 1, 40"):
        Waves(SAMPLES)(torch.zeros(2, 1, MELS, FRAMES, dtype=torch.uint8))


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.float32])
def test_any_rate_and_kind_of_recording_lights_up_the_same_row(tmp_path, rate, kind):
    loud = tone(1_000, rate=rate)
    scale, zero = {np.uint8: (100, 128), np.int16: (20_000, 0), np.float32: (1, 0)}[kind]
    sound = scale * np.pad(loud, rate // 4) + zero
    wavfile.write(tmp_path / "a.wav", rate, sound.astype(kind))
    clip = read_clip(tmp_path / "a.wav")
    assert clip.shape == (SAMPLES,)
    image = log_mel(clip)
    assert set(image[:, 5:15].argmax(0)) == {13}  # where 1,000 Hz lie among 40 mels
    assert image[:, -10:].max() == 0  # half a second, then silence
    assert image[:, 0].max() > 0  # not before it


def test_two_channels_become_one(tmp_path):
    both = np.stack([tone(500), tone(500)], 1).astype(np.float32)
    wavfile.write(tmp_path / "two.wav", RATE, both)
    wavfile.write(tmp_path / "one.wav", RATE, both[:, 0])
    np.testing.assert_allclose(read_clip(tmp_path / "two.wav"), read_clip(tmp_path / "one.wav"))


def test_what_is_no_recording_is_refused(tmp_path):
    (tmp_path / "text.wav").write_text("hello")
    with pytest.raises(ValueError, match=r"text\.wav is not a readable WAV file"):
        read_clip(tmp_path / "text.wav")
    for name, samples in (("quiet", np.zeros(99)), ("empty", np.zeros(0))):
        wavfile.write(tmp_path / f"{name}.wav", RATE, samples.astype(np.int16))
        with pytest.raises(ValueError, match=f"{name}.wav holds nothing but silence"):
            read_clip(tmp_path / f"{name}.wav")
    wavfile.write(tmp_path / "nan.wav", RATE, np.array([0.5, np.nan, 0.5], np.float32))
    with pytest.raises(ValueError, match=r"samples of nan.wav must be finite; .* nan, at \[1\]"):
        read_clip(tmp_path / "nan.wav")


def spoken_word(clips, i=0):
    """A word that ships as sound, without the silence around it."""
    sound = to_sound(clips[i], seed=0)
    loud = np.flatnonzero(np.abs(sound) > 0.01)
    return sound[loud[0] : loud[-1] + 1]


@pytest.mark.parametrize("pause", [0.0, 0.4, 1.5])
@pytest.mark.parametrize("noise", [0.0, 0.01, 0.03])
@pytest.mark.parametrize("click", [False, True])
def test_noise_and_a_pause_before_the_word_do_not_take_its_place(
    tmp_path, clips, pause, noise, click
):
    """It begins where the word does, within a step and a half, 30 ms."""
    random, word = np.random.default_rng(0), spoken_word(clips)
    before, after = np.zeros(int(pause * RATE)), np.zeros(RATE // 2)
    if click and pause:
        before[:80] = 0.3
    sound = np.concatenate([before, word, after])
    sound = sound + noise * random.standard_normal(len(sound))
    wavfile.write(tmp_path / "a.wav", RATE, sound.astype(np.float32))
    clip = read_clip(tmp_path / "a.wav")
    expected = np.zeros(SAMPLES)
    expected[: min(len(word), SAMPLES)] = word[:SAMPLES]
    shifted = np.correlate(np.pad(clip, 800), expected, "valid")
    assert abs(int(np.abs(shifted).argmax()) - 800) <= 480


def test_speech_to_both_ends_stays_whole_and_of_a_long_one_the_loudest_is_taken(tmp_path):
    swelling = tone(300, 0.6) * np.linspace(0.05, 1, int(0.6 * RATE))
    wavfile.write(tmp_path / "a.wav", RATE, swelling.astype(np.float32))
    clip = read_clip(tmp_path / "a.wav")
    assert np.flatnonzero(clip)[-1] >= len(swelling) - 10
    long = np.concatenate([0.2 * tone(300, 1.2), tone(700, 0.9)])
    wavfile.write(tmp_path / "b.wav", RATE, long.astype(np.float32))
    image = log_mel(read_clip(tmp_path / "b.wav"))
    assert len(set(image[:, 8:-2].argmax(0))) == 1
    assert image.argmax(0)[20] == log_mel(tone(700, 1.0)[:SAMPLES]).argmax(0)[20]
