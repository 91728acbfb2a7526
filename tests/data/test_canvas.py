"""Pictures on one canvas, and its places that are not white."""

import pytest
import torch
from torchvision.utils import make_grid

import tlteach as tlt
from tlteach.data import collage, covered


def test_a_collage_is_a_grid_without_gaps():
    images = tlt.load_task("photos").test.images[:12]
    found = collage(images, 4)
    assert found.dtype == torch.uint8
    assert torch.equal(found[0], make_grid(images, nrow=4, padding=0))


@pytest.mark.parametrize("n", [0, 5])
def test_rows_must_be_full(n):
    with pytest.raises(ValueError, match=f"images must fill rows of 3; got {n}"):
        collage(torch.zeros(n, 3, 8, 8, dtype=torch.uint8), 3)


def test_places_are_covered_as_pixels_counted_one_by_one_say():
    draw = torch.Generator().manual_seed(0)
    picture = torch.randint(200, 256, (1, 3, 8, 12), generator=draw, dtype=torch.uint8)
    found = covered(picture, 4)
    for row in range(2):
        for column in range(3):
            pixels = picture[0, :, 4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
            dark = sum(min(pixels[:, i, j].tolist()) < 245 for i in range(4) for j in range(4))
            assert found[row, column].item() == dark / 16


def test_the_corners_of_photographs_are_white():
    images = tlt.load_task("photos").test.images
    corners = torch.stack(
        [covered(image[None], 4)[[0, 0, -1, -1], [0, -1, 0, -1]] for image in images]
    )
    assert corners.max() == 0


def test_places_must_fill_the_picture():
    with pytest.raises(ValueError, match="places of 3 pixels must fill the picture; got 8 by 9"):
        covered(torch.zeros(1, 3, 8, 9, dtype=torch.uint8), 3)
