"""One step of attention moves tokens up their density, by twice the gradient of its logarithm:
measured steps on top of predicted ones; half of them, the control, is too short everywhere."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import globe, style
from theory.claims import moving_tokens as claim
from theory.setting.references import reference_density

TORUS, SPHERE = claim.FIELDS
EYE, UP = np.array([0.55, 0.75, 0.45]), np.array([0.0, 0.0, 1.0])
GROUND = "Greys"
PIXELS = 161
LIGHT = 2.5  # top of the grey scale over the largest density: arrows must stand out
LENGTHS = {TORUS: 0.5, SPHERE: 0.24}  # of the longest predicted arrow
# shafts in parts of the width of a panel
BLUNT = {"headlength": 3, "headaxislength": 3}  # so that a thin arrow on top hides no tip
WIDE_ARROW = {"width": 0.016, "color": "#E69F00", "zorder": 2} | BLUNT
THIN_ARROW = {"width": 0.0055, "color": style.MEASURED[0], "zorder": 3}
CONTROL_ARROW = WIDE_ARROW | {"color": style.CONTROL}


def draw(judged):
    """The torus in its chart, the sphere from outside, and the torus with drift 1."""
    figure, panels = plt.subplots(1, 3, figsize=(style.WIDE, 3.0))
    rows = (
        (TORUS, 1.0, "flat torus $T^2$"),
        (SPHERE, 1.0, "sphere $S^2$"),
        (TORUS, 0.5, "control: drift 1"),
    )
    for ax, (name, share, title) in zip(panels, rows, strict=True):
        measured, predicted = judged.arrays[f"{name}_field"], judged.curves[f"{name}_field"]
        # along the manifold: what the normal part adds is drawn on the ellipse
        along = tangential(name, measured)
        off = np.linalg.norm(along - tangential(name, share * predicted), axis=1).max()
        largest = np.linalg.norm(predicted, axis=1).max()
        wide = WIDE_ARROW if share == 1 else CONTROL_ARROW
        on = on_sphere if name == SPHERE else on_chart
        on(ax, name, along / largest, share * predicted / largest, wide)
        ax.set_title(
            f"{title}\nlargest miss {100 * off / largest:.2g} % of the longest", fontsize=8
        )
    handles = [
        plt.Line2D([], [], color=THIN_ARROW["color"], lw=1.5),
        plt.Line2D([], [], color=WIDE_ARROW["color"], lw=4),
        plt.Line2D([], [], color=CONTROL_ARROW["color"], lw=4),
        plt.Rectangle((0, 0), 1, 1, color="#9a9a9a", lw=0),
    ]
    labels = [
        r"measured $(A X - X)/\tau$", r"predicted $2\,\nabla\log p$", r"control $\nabla\log p$",
        "density, darker is denser",
    ]  # fmt: skip
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=7)
    return figure


def tangential(name, vectors) -> np.ndarray:
    """The part (n, D) of vectors along the manifold, at the places of the field."""
    m = reference_density(name, claim.FIELDS[name]).manifold
    u = claim.field_points(name)
    frame, inverse = m.jacobian(u), m.inverse_metric(u)
    return np.einsum("nDa,nab,nEb,nE->nD", frame, inverse, frame, vectors)


def on_chart(ax, name, measured, predicted, wide):
    """Density and arrows against the two angles of the torus."""
    p, u = reference_density(name, claim.FIELDS[name]), claim.field_points(name)
    line = np.linspace(0, 2 * np.pi, PIXELS)
    mesh = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1)
    ground = p(mesh.reshape(-1, 2)).reshape(PIXELS, PIXELS)
    extent = (0, 2 * np.pi, 0, 2 * np.pi)
    ax.imshow(
        ground.T, origin="lower", extent=extent, cmap=GROUND, vmin=0, vmax=LIGHT * ground.max()
    )
    frame = p.manifold.jacobian(u)
    for vectors, style_ in ((predicted, wide), (measured, THIN_ARROW)):
        along = np.einsum("nDa,nD->na", frame, vectors)
        arrows(ax, u, LENGTHS[name] * along, style_)
    ax.set(
        xlim=(0, 2 * np.pi), ylim=(0, 2 * np.pi), xlabel="$u_1$", ylabel="$u_2$",
        xticks=[0, np.pi, 2 * np.pi], yticks=[0, np.pi, 2 * np.pi],
        xticklabels=["0", r"$\pi$", r"$2\pi$"], yticklabels=["0", r"$\pi$", r"$2\pi$"],
    )  # fmt: skip


def on_sphere(ax, name, measured, predicted, wide):
    """Density and arrows on the half of the sphere that is seen."""
    p, frame = reference_density(name, claim.FIELDS[name]), globe.looking_from(EYE, UP)
    line = np.linspace(-1, 1, PIXELS)
    right, up = np.meshgrid(line, line)
    depth = np.sqrt(np.maximum(1 - right**2 - up**2, 0))
    x = np.stack([right, up, depth], axis=-1).reshape(-1, 3) @ frame
    u = np.stack([np.arccos(np.clip(x[:, 2], -1, 1)), np.arctan2(x[:, 1], x[:, 0])], axis=1)
    u[:, 1] %= 2 * np.pi
    ground = np.where(right**2 + up**2 < 1, p(u).reshape(right.shape), np.nan)
    ax.imshow(
        ground, origin="lower", extent=(-1, 1, -1, 1), cmap=GROUND, vmin=0,
        vmax=LIGHT * np.nanmax(ground), interpolation="bilinear",
    )  # fmt: skip
    ax.plot(np.cos(globe.TURN), np.sin(globe.TURN), color=style.CONTROL, lw=0.8)
    places = p.manifold.embed(claim.field_points(name)) @ frame.T
    seen = places[:, 2] > globe.FRONT
    for vectors, style_ in ((predicted, wide), (measured, THIN_ARROW)):
        arrows(ax, places[seen, :2], LENGTHS[name] * (vectors @ frame.T)[seen, :2], style_)
    ax.set(aspect="equal", xlim=(-1.03, 1.03), ylim=(-1.03, 1.03))
    ax.axis("off")


def arrows(ax, at, vectors, options):
    ax.quiver(*at.T, *vectors.T, angles="xy", scale_units="xy", scale=1, **options)


def facts(judged):
    """The drift field has manifolds and a temperature of its own."""
    densities = (f"{style.label(n).split(',')[0]}: p ~ {f}" for n, f in claim.FIELDS.items())
    return (f"here nodes, ε = {claim.FIELD_TEMPERATURE:g}", *densities)
