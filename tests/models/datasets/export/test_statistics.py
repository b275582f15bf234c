import numpy as np

from models.datasets.export.statistics import PictureStatistics, of_numbers, together
from models.datasets.lerobot_format import QUANTILES, STATISTICS


def test_pictures_are_counted_exactly() -> None:
    random = np.random.default_rng(0)
    pictures = random.integers(3, 250, (5, 6, 8, 3)).astype(np.uint8)
    counted = PictureStatistics()
    for picture in pictures:
        counted.add(picture)
    found, scaled = counted.result(), pictures / 255.0
    assert set(found) == set(STATISTICS)
    for name, value in (
        ("min", scaled.min((0, 1, 2))),
        ("max", scaled.max((0, 1, 2))),
        ("mean", scaled.mean((0, 1, 2))),
    ):
        assert np.allclose(found[name].ravel(), value, atol=1e-12), name
    assert np.allclose(found["std"].ravel(), scaled.std((0, 1, 2)), atol=1e-9)
    for name, part in QUANTILES.items():
        exact = np.quantile(scaled, part, axis=(0, 1, 2), method="inverted_cdf")
        assert np.allclose(found[name].ravel(), exact), name
    assert found["count"].tolist() == [5]
    assert found["mean"].shape == (3, 1, 1)


def test_episodes_together_are_as_one() -> None:
    random = np.random.default_rng(1)
    parts = [random.normal(i, 1 + i, (n, 4)) for i, n in enumerate((7, 30, 2))]
    whole, found = of_numbers(np.concatenate(parts)), together([of_numbers(part) for part in parts])
    for name in ("min", "max", "mean", "std", "count"):
        assert np.allclose(found[name], whole[name]), name


def test_unknown_rows_do_not_count() -> None:
    values = np.array([[1.0, 2.0], [np.nan, np.nan], [3.0, 4.0]])
    found = of_numbers(values)
    assert found["count"].tolist() == [2]
    assert found["mean"].tolist() == [2.0, 3.0]
    nothing = of_numbers(values[1:2])
    assert np.isnan(nothing["mean"]).all()
    assert together([nothing, found])["mean"].tolist() == [2.0, 3.0]
    assert together([nothing])["mean"].tolist() == [0.0, 0.0]
