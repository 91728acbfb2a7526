"""From text to a log-mel spectrogram: espeak-ng and noise; filters are the package's."""

from __future__ import annotations

import subprocess

import numpy as np
from scipy.signal import resample

from tlteach.data.sound import RATE, SAMPLES, SILENCE, log_mel, mel_filters

__all__ = ["RATE", "SAMPLES", "log_mel", "mel_filters", "mixed", "noise", "resampled", "speak"]

ESPEAK_RATE, WAV_HEADER = 22_050, 44
NOISES = ["white", "pink", "babble"]
BABBLERS = 5  # voices at once

# Our own text; none of the twenty words is in it.
BABBLE_TEXT = (
    "People were talking by the window while the rain fell outside. Somebody asked about the "
    "evening train, and a friend replied that it was late again because of heavy snow near the "
    "bridge. They ordered coffee, shared a large cake, and argued happily about music, gardens "
    "and the price of bread."
)


def speak(voice: str, text: str, speed: int, pitch: int) -> np.ndarray:
    """Return espeak-ng's samples in -1..1, without the silence at both ends."""
    command = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch)]
    command += ["-b", "1", "-z", "--stdout", "--", text]  # UTF-8, no pause at the end
    wav = subprocess.run(command, check=True, capture_output=True).stdout
    samples = np.frombuffer(wav[WAV_HEADER:], "<i2").astype(np.float64) / 2**15
    loud = np.flatnonzero(np.abs(samples) > SILENCE * np.abs(samples).max())
    return samples[loud[0] : loud[-1] + 1]


def resampled(samples: np.ndarray, size: float) -> np.ndarray:
    """Return the samples at RATE; `size` above 1 lengthens the speaker's vocal tract."""
    return np.asarray(resample(samples, round(len(samples) * RATE / ESPEAK_RATE * size)))


def noise(kind: str, babble: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    """Return SAMPLES of noise with mean power 1; `babble` holds one speaker per row."""
    if kind == "babble":
        speakers = random.permutation(len(babble))[:BABBLERS]
        starts = random.randint(babble.shape[1] - SAMPLES, size=BABBLERS)
        rows = zip(speakers, starts, strict=True)
        made = np.sum([babble[row, start : start + SAMPLES] for row, start in rows], axis=0)
    else:
        made = random.standard_normal(SAMPLES)
        if kind == "pink":  # power falls as 1 / frequency
            spectrum = np.fft.rfft(made)
            made = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)))
    return made / np.sqrt(np.mean(made**2))


def mixed(word: np.ndarray, around: np.ndarray, onset: int, decibels: float) -> np.ndarray:
    """Set a word into noise; `decibels` is the word's mean power over the noise's."""
    clip = around * np.sqrt(np.mean(word**2) / 10 ** (decibels / 10))
    clip[onset : onset + len(word)] += word
    return clip
