"""The synthetic spoken words: card, counts, leaks, what a clip is, and rebuilding."""

import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import zlib
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

FOLDER = Path(__file__).parent.parent / "datasets" / "spoken"


@cache
def arrays() -> dict[str, np.ndarray]:
    with np.load(FOLDER / "spoken.npz", allow_pickle=False) as file:
        return {key: file[key] for key in file.files}


@cache
def card() -> str:
    return (FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def build(monkeypatch) -> ModuleType:
    """Return build.py as a module; it holds `sound`, too."""
    monkeypatch.syspath_prepend(str(FOLDER))
    spec = importlib.util.spec_from_file_location("spoken_build", FOLDER / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def espeak(build) -> ModuleType:
    """Return build.py where espeak-ng is installed in the version the data were made with."""
    try:
        build.check_version()
    except SystemExit as error:
        pytest.skip(str(error))
    return build


def test_hash_and_size():
    path = FOLDER / "spoken.npz"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (FOLDER / "SHA256").read_text() == f"{digest}  spoken.npz\n"
    assert path.stat().st_size <= 5_000_000


def test_every_word_has_ten_training_and_six_test_clips_in_every_domain():
    found = arrays()
    counts = np.zeros((20, 20, 2), int)
    np.add.at(counts, (found["domains"], found["labels"], found["split"]), 1)
    assert (counts == [10, 6]).all()
    assert len(set(found["classes"])) == len(set(found["domain_names"])) == 20
    kinds = [name.split("_")[0] for name in found["domain_names"]]
    assert kinds == ["source"] * 10 + ["target"] * 10


def test_the_card_calls_it_synthetic_and_has_its_fields():
    lines = card().splitlines()
    assert "SYNTHETIC" in lines[0]
    assert lines[2].startswith("SYNTHETIC speech: no real speaker")
    fields = dict(re.findall(r"^\*\*(\w+):\*\* (.+?)\n\n", card(), re.MULTILINE | re.DOTALL))
    assert list(fields) == ["Source", "Licence", "Attribution"]
    assert "espeak-ng" in fields["Source"]
    assert "Known faults" in card()


def test_the_card_has_the_counts_the_voices_and_the_respellings(build):
    for word in build.WORDS:
        assert f"| {word} | 200 | 120 |" in card()
    assert "| all | 4000 | 2400 |" in card()
    assert f"version {build.VERSION}" in card()
    for domain in build.DOMAINS:
        assert re.search(
            rf"\| {domain.name} \| .* \| `{re.escape(domain.voice)}` \| .* \| 200 \| 120 \|", card()
        )
        if not domain.language.startswith("en"):
            for word, text in zip(build.WORDS, domain.texts, strict=True):
                assert re.search(rf"\| {word} \|.* {re.escape(text)} \|", card())
    assert list(arrays()["classes"]) == build.WORDS
    assert list(arrays()["domain_names"]) == [domain.name for domain in build.DOMAINS]


def test_each_voice_and_each_target_accent_is_met_once(build):
    variants = [domain.variant for domain in build.DOMAINS]
    assert len(set(variants)) == 20
    accents = [{d.language for d in part} for part in (build.DOMAINS[:10], build.DOMAINS[10:])]
    assert [len(part) for part in accents] == [5, 10]
    assert not accents[0] & accents[1]


def test_clips_are_uint8_log_mels_with_sixteen_levels():
    images = arrays()["images"]
    assert images.shape == (6_400, 1, 40, 48)
    assert images.dtype == np.uint8
    assert set(np.unique(images)) == set(range(0, 256, 17))
    assert (images.max((1, 2, 3)) == 255).all()


def frame_spread(images: np.ndarray) -> np.ndarray:
    """Return by how many decibels the third loudest frame passes the fifth quietest."""
    power = np.sort((10 ** (images / 17 * 0.4)).sum(1), axis=1)
    return 10 * np.log10(power[:, -3] / power[:, 4])


def test_no_clip_is_only_noise(build):
    random, filters = np.random.RandomState(0), arrays()["mel_filters"]
    for kind in ("white", "pink"):
        clips = [build.sound.noise(kind, np.zeros((5, 1)), random) for _ in range(50)]
        alone = np.stack([build.sound.log_mel(clip, filters) for clip in clips])
        assert frame_spread(alone).max() < 4
    assert frame_spread(arrays()["images"][:, 0]).min() > 4


def test_no_two_clips_share_settings_and_each_is_its_own_group():
    found = arrays()
    keys = [found[key] for key in ("domains", "labels", "speed", "pitch")]
    assert len(set(zip(*(column.tolist() for column in keys), strict=True))) == 6_400
    assert len(set(found["groups"].tolist())) == 6_400
    for key, low, high in (
        ("speed", 125, 220),
        ("pitch", 20, 83),
        ("size", 95, 105),
        ("decibels", 5, 25),
        ("noise", 0, 2),
    ):
        assert (found[key].min(), found[key].max()) == (low, high)


def test_the_columns_are_those_of_the_plan(build):
    found, row = arrays(), 0
    for domain in build.DOMAINS:
        for word in build.WORDS:
            for chosen in build.plan(domain, word):
                own = [int(found[key][row]) for key in ("speed", "pitch", "size", "decibels")]
                assert [*own, found["noise"][row], found["split"][row]] == list(chosen)
                row += 1
    assert row == 6_400


def correlations(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    def standard(images: np.ndarray) -> np.ndarray:
        flat = images.reshape(len(images), -1).astype(np.float32)
        flat -= flat.mean(1, keepdims=True)
        return flat / np.linalg.norm(flat, axis=1, keepdims=True)

    return standard(one) @ standard(other).T


@pytest.mark.parametrize("shift", [-5, -2, 0, 1, 4])
def test_no_near_duplicate_stands_in_training_and_test(shift):
    images, split = arrays()["images"][:, 0], arrays()["split"]
    train, test = images[split == 0], images[split == 1]
    start, stop = max(0, shift), min(48, 48 + shift)
    moved = train[:, :, start - shift : stop - shift]
    assert correlations(test[:, :, start:stop], moved).max() < 0.96  # a copy has 1


def test_mel_filters_follow_the_htk_formula():
    filters = arrays()["mel_filters"]
    assert filters.shape == (40, 257)
    assert filters.min() == 0
    assert (filters.sum(1) > 0).all()
    low, high = (2_595 * np.log10(1 + hertz / 700) for hertz in (60, 7_600))
    for number, row in enumerate(filters):
        left, centre, right = (
            700 * (10 ** ((low + (high - low) * (number + k) / 41) / 2_595) - 1) for k in range(3)
        )
        for bin_, weight in enumerate(row):
            expected = np.interp(bin_ * 31.25, [left, centre, right], [0, 1, 0])
            assert weight == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("row", [8, 20, 33])
def test_a_tone_lights_up_its_own_row(build, row):
    sound, filters = build.sound, arrays()["mel_filters"]
    hertz = filters[row].argmax() * 31.25
    tone = np.sin(2 * np.pi * hertz * np.arange(sound.SAMPLES) / sound.RATE)
    image = sound.log_mel(tone, filters)
    assert (image.argmax(0) == row).all()
    assert (image.max(0) >= 238).all()
    assert np.array_equal(sound.log_mel(tone / 7, filters), image)  # loudness is not kept


def test_seventeen_less_is_four_decibels_less(build):
    sound, filters = build.sound, arrays()["mel_filters"]
    clip = np.sin(2 * np.pi * 1_000 * np.arange(sound.SAMPLES) / sound.RATE)
    clip[sound.SAMPLES // 2 :] /= 10**2  # -40 dB
    loudest = sound.log_mel(clip, filters).max(0).astype(int)
    assert loudest[5] - loudest[-5] == 10 * 17


@pytest.mark.parametrize("kind", ["white", "pink", "babble"])
def test_noise_has_power_one_and_the_word_stands_above_it_as_asked(build, kind):
    sound, random = build.sound, np.random.RandomState(0)
    speakers = random.standard_normal((13, 4 * sound.SAMPLES))
    around = sound.noise(kind, speakers, random)
    assert np.mean(around**2) == pytest.approx(1)
    word = np.sin(np.arange(6_000) / 5)
    clip = sound.mixed(word, around, 500, 12)
    rest = clip[6_500:]
    ratio = np.mean(word**2) * np.mean(around[6_500:] ** 2) / np.mean(rest**2)
    assert 10 * np.log10(ratio) == pytest.approx(12, abs=1e-9)


def test_pink_noise_falls_by_three_decibels_an_octave(build):
    random, power = np.random.RandomState(1), 0
    for _ in range(20):
        power += np.abs(np.fft.rfft(build.sound.noise("pink", np.zeros((5, 1)), random))) ** 2
    octaves = [power[2**k : 2 ** (k + 1)].mean() for k in range(7, 12)]
    assert np.allclose(10 * np.diff(np.log10(octaves)), -3.01, atol=0.7)


def test_another_version_of_espeak_is_refused(build, monkeypatch):
    monkeypatch.setattr(build.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(
        build.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1, "1.51\n")
    )
    with pytest.raises(SystemExit, match=r"must be version 1\.51\+dfsg.*; got \['1\.51'\]"):
        build.check_version()
    monkeypatch.setattr(build.shutil, "which", lambda _: None)
    with pytest.raises(SystemExit, match=r"got none; on Debian 12: apt-get install espeak-ng"):
        build.check_version()


def test_foreign_voices_do_not_switch_to_english(espeak):
    for domain in espeak.DOMAINS[13:]:
        command = ["espeak-ng", "-b", "1", "-q", "--ipa", "-v", domain.voice, "--"]
        for text in domain.texts:
            spoken = subprocess.run([*command, text], check=True, capture_output=True).stdout
            assert spoken.strip()
            assert b"(en)" not in spoken


def test_every_speaker_variant_is_heard(espeak):
    speak = espeak.sound.speak
    heard = {speak(domain.voice, "go", 150, 50).tobytes() for domain in espeak.DOMAINS}
    plain = {speak(domain.language, "go", 150, 50).tobytes() for domain in espeak.DOMAINS}
    assert len(heard) == 20
    assert not heard & plain


def test_one_clip_of_each_domain_is_made_again(espeak):
    babble, filters = espeak.babble_tracks(), arrays()["mel_filters"]
    # a logarithm and a power round as the processor's vectors do, so these are not the same bits
    np.testing.assert_allclose(espeak.sound.mel_filters(), filters, rtol=1e-9, atol=1e-12)
    for number, domain in enumerate(espeak.DOMAINS):
        word, own = (7 * number + 3) % 20, (5 * number + 1) % 16
        chosen = espeak.plan(domain, espeak.WORDS[word])[own]
        image = espeak.clip(domain, word, own, chosen, babble[int(chosen.test)], filters)
        kept = arrays()["images"][(number * 20 + word) * 16 + own, 0]
        off = np.abs(image.astype(int) - kept)
        assert off.max() <= 1
        assert (off > 0).mean() <= 0.001


@pytest.mark.slow
@pytest.mark.usefixtures("espeak")
def test_all_is_rebuilt_byte_for_byte(tmp_path):
    if not os.environ.get("TLTEACH_DATASET_CACHE"):
        pytest.skip("6,400 syntheses take minutes: set TLTEACH_DATASET_CACHE to have them")
    if "ng" in zlib.ZLIB_RUNTIME_VERSION:
        pytest.skip("zlib-ng compresses to other bytes")
    script = [sys.executable, str(FOLDER / "build.py"), "--cache", str(tmp_path / "cache")]
    subprocess.run([*script, "--out", str(tmp_path)], check=True, capture_output=True)
    assert (tmp_path / "SHA256").read_text() == (FOLDER / "SHA256").read_text()
