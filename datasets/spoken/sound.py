"""From text to a log-mel spectrogram: espeak-ng, noise, mel filters, rounding."""

from __future__ import annotations

import subprocess

import numpy as np
from scipy.signal import resample

RATE, WINDOW, HOP = 16_000, 512, 320  # samples per second, per window (32 ms), per step (20 ms)
MELS, FRAMES = 40, 48
SAMPLES = WINDOW + (FRAMES - 1) * HOP  # 15,552: 0.972 s
LOWEST, HIGHEST = 60.0, 7_600.0  # Hz: outer edges of the first and the last mel filter
STEP, LEVELS = 17, 16  # values 0, 17, ... 255
DECIBELS = 4.0  # between two levels
SILENCE = 0.003  # of the loudest sample (-50 dB): trimmed at both ends
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


def mel_filters() -> np.ndarray:
    """Return (MELS, WINDOW // 2 + 1) triangles, equally spaced in HTK mel, with peaks of 1."""
    lowest, highest = 2_595 * np.log10(1 + np.array([LOWEST, HIGHEST]) / 700)
    edges = 700 * (10 ** (np.linspace(lowest, highest, MELS + 2) / 2_595) - 1)
    bins = np.arange(WINDOW // 2 + 1) * RATE / WINDOW
    left, centre, right = (edges[i : i + MELS, None] for i in range(3))
    rising, falling = (bins - left) / (centre - left), (right - bins) / (right - centre)
    return np.maximum(0, np.minimum(rising, falling))


def log_mel(clip: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """Return the (MELS, FRAMES) uint8 spectrogram: 255 is the loudest cell, 17 less is -4 dB."""
    starts = HOP * np.arange(FRAMES)[:, None]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    spectrum = np.fft.rfft(clip[starts + np.arange(WINDOW)] * hann)
    power = filters @ (spectrum.real**2 + spectrum.imag**2).T
    below = 10 * np.log10(np.maximum(power, 1e-12 * power.max()) / power.max())
    level = np.clip(LEVELS - 1 + np.rint(below / DECIBELS), 0, LEVELS - 1)
    return (STEP * level).astype(np.uint8)
