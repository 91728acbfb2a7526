"""Sound to log-mel spectrograms and, roughly, back; and recordings from files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tlteach.base import checked, finite, in_range, rng

RATE, WINDOW, HOP = 16_000, 512, 320  # samples per second, per window (32 ms), per step (20 ms)
MELS, FRAMES = 40, 48
SAMPLES = WINDOW + (FRAMES - 1) * HOP  # 15,552: 0.972 s
LOWEST, HIGHEST = 60.0, 7_600.0  # Hz: outer edges of the first and the last mel filter
STEP, LEVELS = 17, 16  # values 0, 17, ... 255
DECIBELS = 4.0  # between two levels
SILENCE = 0.003  # of the loudest sample (-50 dB): trimmed at both ends
STEADY, ABOVE = 6.0, 6.0  # dB: noise differs less between steps, and a word stands above it
GAP = 10  # steps (0.2 s): a longer pause ends a word


def mel_filters() -> np.ndarray:
    """Return (40, 257) triangles, equally spaced in mel as HTK has it, with peaks of 1."""
    lowest, highest = 2_595 * np.log10(1 + np.array([LOWEST, HIGHEST]) / 700)
    edges = 700 * (10 ** (np.linspace(lowest, highest, MELS + 2) / 2_595) - 1)
    bins = np.arange(WINDOW // 2 + 1) * RATE / WINDOW
    left, centre, right = (edges[i : i + MELS, None] for i in range(3))
    rising, falling = (bins - left) / (centre - left), (right - bins) / (right - centre)
    return np.maximum(0, np.minimum(rising, falling))


@checked
def log_mel(clip: np.ndarray, filters: np.ndarray | None = None) -> np.ndarray:
    """Return the spectrogram of a clip: 255 is the loudest cell, 17 less is -4 dB.

    Parameters
    ----------
    clip : (15552,) float
        Samples at 16 kHz.
    filters : (40, 257) float, optional
        Default `mel_filters`.

    Returns
    -------
    (40, 48) uint8
        The lowest mel first; 0 is -58 dB or less.

    Examples
    --------
    >>> log_mel(np.sin(np.arange(SAMPLES) * 2 * np.pi * 1000 / RATE)).argmax(0)[:3].tolist()
    [13, 13, 13]
    """
    filters = mel_filters() if filters is None else filters
    spectrum = np.fft.rfft(_windows(clip) * _hann())
    power = filters @ (spectrum.real**2 + spectrum.imag**2).T
    below = 10 * np.log10(np.maximum(power, 1e-12 * power.max()) / power.max())
    level = np.clip(LEVELS - 1 + np.rint(below / DECIBELS), 0, LEVELS - 1)
    image: np.ndarray = (STEP * level).astype(np.uint8)
    return image


@checked
def to_sound(image: np.ndarray, *, seed: int, rounds: int = 60) -> np.ndarray:
    """Return a sound whose spectrogram is close to the one given (Griffin & Lim 1984).

    Parameters
    ----------
    image : (40, 48) or (1, 40, 48) uint8
        From `log_mel`, or a row of the task "spoken".
    seed : int
        Draws the phases to begin with.
    rounds : int, default 60
        More bring it closer.

    Returns
    -------
    (15552,) float64
        Samples at 16 kHz, the loudest 1.

    Examples
    --------
    >>> tone = log_mel(np.sin(np.arange(SAMPLES) * 2 * np.pi * 1000 / RATE))
    >>> to_sound(tone, seed=0).shape
    (15552,)
    """
    in_range("rounds", rounds, 0)
    decibels = (image.reshape(MELS, FRAMES).astype(np.float64) - 255) / STEP * DECIBELS
    power = np.linalg.pinv(mel_filters()) @ 10 ** (decibels / 10)
    magnitude = np.sqrt(np.maximum(power, 0)).T
    phases = np.exp(2j * np.pi * rng(seed, "test").random(magnitude.shape))
    for _ in range(rounds):
        spectrum = np.fft.rfft(_windows(_overlapped(magnitude * phases)) * _hann())
        phases = np.exp(1j * np.angle(spectrum))
    made = _overlapped(magnitude * phases)
    loudest: np.ndarray = made / np.abs(made).max()
    return loudest


def _hann() -> np.ndarray:
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)


def _windows(clip: np.ndarray) -> np.ndarray:
    """Return the stretches that a spectrogram looks at, shape (FRAMES, WINDOW)."""
    windows: np.ndarray = clip[HOP * np.arange(FRAMES)[:, None] + np.arange(WINDOW)]
    return windows


def _overlapped(spectrum: np.ndarray) -> np.ndarray:
    """Return the samples whose windows have this spectrum, as nearly as least squares can."""
    total, weight, window = np.zeros(SAMPLES), np.zeros(SAMPLES), _hann()
    for frame, part in enumerate(np.fft.irfft(spectrum) * window):
        place = slice(frame * HOP, frame * HOP + WINDOW)
        total[place] += part
        weight[place] += window**2
    samples: np.ndarray = total / np.maximum(weight, 1e-3)
    return samples


@checked
def read_clip(path: str | Path) -> np.ndarray:
    """Read a recording as one clip: mono, 16 kHz, from where the word begins.

    Silence at both ends is cut off. Where the quietest fifth of what is left is noise, or silence,
    the word is what stands 6 dB above it around the loudest 20 ms, pauses up to 0.2 s included: so
    neither noise nor a click and a pause before the word take its place. Of a word longer than a
    clip the loudest stretch is taken.

    Parameters
    ----------
    path : str or Path
        A WAV file of whole or floating point samples, any rate, any channels.

    Returns
    -------
    (15552,) float64
        What is shorter is filled up with silence.

    Raises
    ------
    ValueError
        If the file is not a WAV file, holds NaN, or nothing but silence.
    """
    from scipy.io import wavfile
    from scipy.signal import resample_poly

    try:
        rate, samples = wavfile.read(path)
    except Exception as error:  # a damaged file fails in many ways
        msg = f"{Path(path).name} is not a readable WAV file: {error}"
        raise ValueError(msg) from error
    if samples.dtype == np.uint8:  # the only kind whose silence is no zero
        samples = samples.astype(np.int16) - 128
    finite(f"samples of {Path(path).name}", samples)
    mono = np.atleast_2d(samples.astype(np.float64).T).mean(0)
    divisor = np.gcd(RATE, rate)
    sound = resample_poly(mono, RATE // divisor, rate // divisor) if mono.size else mono
    loud = np.flatnonzero(np.abs(sound) > SILENCE * np.abs(sound).max(initial=0))
    if not len(loud):
        msg = f"{Path(path).name} holds nothing but silence"
        raise ValueError(msg)
    clip = np.zeros(SAMPLES)
    word = _loudest(_word(sound[loud[0] : loud[-1] + 1]))
    clip[: len(word)] = word
    return clip


def _word(sound: np.ndarray) -> np.ndarray:
    """Return the part of a recording that stands above its noise, if it has any."""
    n = len(sound) // HOP
    power = np.square(sound[: n * HOP]).reshape(n, HOP).mean(1)
    floor = SILENCE**2 * power.max(initial=1e-30)
    level = 10 * np.log10(np.maximum(power, floor))
    quiet = np.sort(level)[: n // 5]
    if n < 5 * GAP // 2 or np.ptp(quiet) > STEADY:
        return sound  # speech to both ends: nothing in it stays level
    noisy = quiet[-1] > 10 * np.log10(floor) + 1e-9
    steps = np.flatnonzero(level > quiet.mean() + (ABOVE if noisy else 1e-9))
    if not len(steps):
        return sound
    breaks = np.flatnonzero(np.diff(steps) > GAP) + 1
    spoken = next(run for run in np.split(steps, breaks) if level.argmax() in run)
    found: np.ndarray = sound[max(0, spoken[0] - 1) * HOP : (spoken[-1] + 2) * HOP]
    return found


def _loudest(word: np.ndarray) -> np.ndarray:
    """Return the stretch of a clip's length with the most power; all of what is shorter."""
    if len(word) <= SAMPLES:
        return word
    power = np.concatenate([[0.0], np.cumsum(np.square(word))])
    start = int((power[SAMPLES:] - power[:-SAMPLES]).argmax())
    loudest: np.ndarray = word[start : start + SAMPLES]
    return loudest


@checked
def mu_law(clip: np.ndarray) -> np.ndarray:
    """Return samples in -1..1 as bytes, finer near silence, as telephones do (ITU-T G.711).

    Examples
    --------
    >>> mu_law(np.array([-1.0, 0.0, 0.01, 1.0])).tolist()
    [0, 128, 157, 255]
    """
    bent = np.sign(clip) * np.log1p(255 * np.abs(clip)) / np.log(256)
    rows: np.ndarray = np.rint((bent + 1) / 2 * 255).astype(np.uint8)
    return rows
