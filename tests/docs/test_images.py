"""docs/images holds the pictures that the documents show, and no others."""

from tests.support.picture import IMAGES, shown_images


def test_every_picture_is_shown_and_every_shown_picture_exists() -> None:
    assert {path.stem for path in IMAGES.iterdir()} == shown_images()
