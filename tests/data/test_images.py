"""What files hold, as bytes: depth, palettes, inks, frames, long shapes, memory."""

import struct
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from tests.data.test_copies import photograph
from tests.data.test_folder import paint, write_classes
from tests.data.test_structure import noted
from tlteach.data import from_folder, images
from tlteach.data.images import read_image
from tlteach.data.pixels import as_bytes


def whole(path) -> list[list[int]]:
    """Return the pixels of a row of a file, as it is read: (width, 3)."""
    with Image.open(path) as image:
        side = max(image.size)
    return read_image(path, side, "squish")[:, 0].T.tolist()


def grey(values):
    return [[v] * 3 for v in values]


def png16(path, rows):
    """Write an RGB PNG of 16 bits, which Pillow cannot."""
    rows = np.asarray(rows, ">u2")
    height, width, _ = rows.shape

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    packed = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


WIDE = np.array([0, 257, 257 * 77, 257 * 200, 65535], np.uint16)


@pytest.mark.parametrize("suffix", ["png", "tif", "pgm"])
def test_16_bits_are_scaled_and_not_clipped(tmp_path, suffix):
    path = tmp_path / f"x.{suffix}"
    values = np.tile(WIDE, (5, 1))
    if suffix == "pgm":
        path.write_bytes(b"P5 5 5 65535\n" + values.astype(">u2").tobytes())
    else:
        Image.fromarray(values).save(path)
    assert whole(path) == grey([0, 1, 77, 200, 255])


def test_16_bits_of_colour(tmp_path):
    png16(tmp_path / "x.png", np.tile(np.stack([WIDE, WIDE[::-1], WIDE], 1), (5, 1, 1)))
    assert whole(tmp_path / "x.png") == [
        [0, 255, 0],
        [1, 200, 1],
        [77, 77, 77],
        [200, 1, 200],
        [255, 0, 255],
    ]


@pytest.mark.parametrize(("scale", "top"), [(1.0, 1.0), (255.0, 255.0)])
def test_floats_are_0_to_1_or_0_to_255(tmp_path, scale, top):
    values = np.array([0, 0.2, 0.4, 0.8, 1.0], np.float32) * scale
    Image.fromarray(np.tile(values, (5, 1))).save(tmp_path / "x.tif")
    assert whole(tmp_path / "x.tif") == grey([0, 51, 102, 204, 255])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.full((4, 4), np.nan, np.float32), "pixels must be finite; got 16 NaN"),
        (np.full((4, 4), 900, np.float32), "must be 0 to 1 or 0 to 255; got 900 to 900"),
        (np.full((4, 4), -3, np.int32), "must have 8 or 16 bits; got -3 to -3"),
        (np.full((4, 4), 1 << 20, np.int32), "must have 8 or 16 bits; got 1048576"),
    ],
)
def test_numbers_that_are_no_pixels_are_named(tmp_path, values, message):
    root = write_classes(tmp_path / "pets", n=4)
    Image.fromarray(values).save(root / "ant" / "odd.tif")
    with pytest.raises(ValueError, match=f"ant/odd.tif: ValueError: .*{message}"):
        from_folder(root)


@pytest.mark.parametrize(
    ("top", "kind", "told"),
    [(4095, np.uint16, True), (1.02, np.float32, True), (60_000, np.uint16, False)],
)
def test_another_white_than_the_types_is_told(tmp_path, top, kind, told):
    """4095 is the white of 12 bits, and 1.02 what a filter makes of 1."""
    root = write_classes(tmp_path / "pets", n=4)
    Image.fromarray(np.tile(np.linspace(0, top, 8), (8, 1)).astype(kind)).save(root / "ant/x.tif")
    if not told:
        from_folder(root)
        return
    text = noted(root)[1]
    assert "1 image of 16 bits or floats without a pixel over half of white; are they" in text
    assert text.endswith("? ant/x.tif")


def test_types_by_a_plain_loop():
    every = np.arange(65536, dtype=np.uint16)
    assert as_bytes(every).tolist() == [int(v * 255 / 65535 + 0.5) for v in every.tolist()]
    assert as_bytes(np.array([True, False])).tolist() == [255, 0]
    assert as_bytes(np.array([0, 255])).dtype == np.uint8
    with pytest.raises(ValueError, match="pixels must be 0 to 255, or uint16; got 0 to 256"):
        as_bytes(np.array([0, 256]))
    with pytest.raises(TypeError, match="pixels must be numbers; got <U1"):
        as_bytes(np.array(["a"]))


def test_palettes_keep_colours_and_holes(tmp_path):
    colours = [(250, 10, 20), (0, 200, 100), (9, 9, 9), (30, 60, 250)]
    image = Image.new("P", (4, 4))
    image.putpalette([value for colour in colours for value in colour])
    image.putdata([0, 1, 2, 3] * 4)
    image.save(tmp_path / "plain.png")
    assert whole(tmp_path / "plain.png") == [list(colour) for colour in colours]
    image.save(tmp_path / "hole.png", transparency=2)
    image.save(tmp_path / "hole.gif", transparency=2)
    colours[2] = (255, 255, 255)
    for name in ("hole.png", "hole.gif"):
        assert whole(tmp_path / name) == [list(colour) for colour in colours]
    image.save(tmp_path / "half.png", transparency=bytes([255, 255, 128, 255]))
    assert whole(tmp_path / "half.png")[2] == pytest.approx([132] * 3, abs=1)


@pytest.mark.parametrize(("suffix", "tolerance"), [("tif", 0), ("jpg", 3)])
def test_inks_become_light(tmp_path, suffix, tolerance):
    for ink, light in (
        ((255, 0, 0, 0), (0, 255, 255)),
        ((0, 0, 0, 0), (255,) * 3),
        ((0, 0, 0, 255), (0,) * 3),
    ):
        Image.new("CMYK", (8, 8), ink).save(tmp_path / f"x.{suffix}")
        assert whole(tmp_path / f"x.{suffix}")[0] == pytest.approx(light, abs=tolerance)


@pytest.mark.parametrize("suffix", ["gif", "tif", "png", "webp"])
def test_the_first_frame_is_taken_and_told(tmp_path, suffix):
    root = write_classes(tmp_path / "pets", n=4)
    frames = [Image.new("RGB", (8, 8), colour) for colour in ((200, 0, 0), (0, 200, 0))]
    file = root / "ant" / f"film.{suffix}"
    lossless = {"lossless": True} if suffix == "webp" else {}
    frames[0].save(file, save_all=True, append_images=frames[1:], **lossless)
    assert whole(file)[0] == [200, 0, 0]
    _, text = noted(root)
    assert (
        f"1 file of several pages or frames, of which the first is taken: ant/film.{suffix}" in text
    )


def test_fits(tmp_path):
    pixels = np.zeros((20, 60, 3), np.uint8)
    pixels[:, 20:40] = (200, 100, 50)
    Image.fromarray(pixels).save(tmp_path / "x.png")
    crop, pad, squish = (
        read_image(tmp_path / "x.png", 60, fit) for fit in ("crop", "pad", "squish")
    )
    middle = torch.tensor([200, 100, 50], dtype=torch.uint8)[:, None, None]
    assert bool((crop[:, 10:50, 10:50] == middle).all())
    assert bool((pad[:, :19] == 255).all() & (pad[:, 41:] == 255).all())
    assert torch.equal(pad[:, 20:40], torch.from_numpy(pixels).permute(2, 0, 1))
    assert bool((squish[:, :, 22:38] == middle).all() & (squish[:, :, :18] == 0).all())


def test_margins_make_no_near_copies(tmp_path):
    root = tmp_path / "pets"
    for i in range(12):
        (root / "cd"[i % 2]).mkdir(parents=True, exist_ok=True)
        photograph(i).resize((90, 50)).save(root / "cd"[i % 2] / f"{i}.png")
    assert len(from_folder(root, fit="pad").labelled.groups.unique()) == 10
    photograph(0).resize((90, 50)).save(root / "c" / "0.jpg", quality=90, subsampling=0)
    assert "near copies, each kept in one split: c/0.jpg, c/0.png" in noted(root, fit="pad")[1]


def test_long_images_are_counted_and_told(tmp_path):
    root = write_classes(tmp_path / "pets", n=4)
    assert from_folder(root).train.images.shape[1:] == (3, 128, 128)  # 3:4 is no reason
    paint(root / "ant" / "tower.png", (9, 9, 200), size=(10, 31))
    paint(root / "ant" / "limit.png", (9, 9, 220), size=(10, 30))
    for fit, words in (("crop", "only their middle is kept"), ("pad", "most is margin")):
        _, text = noted(root, fit=fit)
        assert f"1 image over 3:1, {words} (fit='{fit}'): ant/tower.png" in text
    with pytest.raises(ValueError, match="fit must be one of 'crop', 'pad', 'squish'; got 'cut'"):
        from_folder(root, fit="cut")


def test_too_many_images_are_refused_before_they_are_read(tmp_path, monkeypatch):
    root = write_classes(tmp_path / "pets", n=4)
    monkeypatch.setattr(images, "memory", lambda: 1_000_000)
    message = (
        r"12 images of 128 x 128 pixels need 0.00118 GB .* has 0.001 GB: pass size=105 or less"
    )
    with pytest.raises(MemoryError, match=message):
        from_folder(root)
    assert len(from_folder(root, size=105).train) == 6
    monkeypatch.undo()
    assert (images.memory() or 1 << 40) > 1 << 28


def test_a_photograph_of_an_iphone_is_explained(tmp_path):
    root = write_classes(tmp_path / "pets", n=4)
    (root / "ant" / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    with pytest.raises(ValueError, match=r"ant/IMG_1\.HEIC: HEIC: save it as JPEG, or install"):
        from_folder(root)
