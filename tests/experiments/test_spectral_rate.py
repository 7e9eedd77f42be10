"""`spectral_rate`: projections against closed forms, and parameters that are refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import iv

from theory.claims import spectral_rate as claim
from theory.projections import curve_projection, sphere_projection
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold


def test_projection_on_the_uniform_circle_is_a_fourier_series():
    u = np.linspace(0.1, 6.0, 7)[:, None]
    found = curve_projection(density(manifold("circle")), ("exp(x)",), 3, 2.0, u)
    assert np.allclose(found[:, 0], iv(0, 1) + 2 * iv(1, 1) * np.cos(u[:, 0]), atol=1e-10)


def test_projection_on_the_sphere_has_the_moments_of_exp():
    m = manifold("sphere")
    u = np.array([[0.4, 1.0], [2.0, 4.0]])
    found = sphere_projection(("exp(x)",), 4, u)[:, 0]
    # E e^x = sinh 1, E x e^x = cosh 1 - sinh 1
    right = np.sinh(1) + 3 * m.embed(u)[:, 0] * (np.cosh(1) - np.sinh(1))
    assert np.allclose(found, right, atol=1e-10)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"temperature_scale": 0.01}, "effective neighbours"),
        ({"density": "1"}, "density: got a uniform"),
        ({"n_levels": 2}, "n_levels"),
    ],
)
def test_bad_parameters_are_refused_at_the_door(changed, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**changed)
