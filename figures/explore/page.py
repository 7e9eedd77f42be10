"""The page itself, a marimo notebook run as an app: `make explore`. Controls, pictures, verdict.

Nothing that is typed is run: formulas go through the suite's reader of plain arithmetic.
"""

import marimo

app = marimo.App(width="medium", app_title="Attention as a physical process")


@app.cell
def _():
    import marimo as mo

    from figures.explore import answers, pictures
    from figures.explore.choice import MANIFOLDS, NORMALISATIONS, STEPS, Choice

    return Choice, MANIFOLDS, NORMALISATIONS, STEPS, answers, mo, pictures


@app.cell
def _(mo):
    mo.md(
        """
        # Attention as a physical process

        Tokens are drawn on a manifold and attend to one another, step by step: **measured**. The
        drift-diffusion equation is solved apart from them: **predicted**. The interval of the
        measured coefficients is finished before the prediction is there.
        """
    )
    return


@app.cell
def _(Choice, MANIFOLDS, NORMALISATIONS, STEPS, mo):
    start = Choice()
    names = {value: name for name, value in MANIFOLDS.items()}
    known = mo.ui.dropdown(MANIFOLDS, value=names[start.manifold], label="manifold")
    own = mo.ui.text(
        placeholder="(2*cos(u), sin(u))", label="or your own, a formula", full_width=True
    )
    density = mo.ui.text(start.density, label="density of the tokens")
    features = mo.ui.text(start.features, label="features H")
    phi = mo.ui.text(start.phi, label="pseudo-metric phi(r)")
    normalisation = mo.ui.dropdown(
        list(NORMALISATIONS), value=start.normalisation, label="normalisation"
    )
    temperature = mo.ui.slider(
        steps=[0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12, 0.2, 0.3, 0.5, 1.0],
        value=start.temperature, label="temperature", debounce=True, show_value=True,
    )  # fmt: skip
    tokens = mo.ui.slider(
        steps=[500, 1000, 2000, 3000, 5000, 8000], value=start.n_tokens, label="tokens",
        debounce=True, show_value=True,
    )  # fmt: skip
    step = mo.ui.slider(0, STEPS, value=8, label="steps k shown", debounce=True, show_value=True)
    seed = mo.ui.number(0, 10**9, step=1, value=start.seed, label="seed")
    mo.vstack(
        [
            mo.hstack([known, own], widths=[1, 3], align="end"),
            mo.hstack([density, features, phi], widths="equal"),
            mo.hstack([normalisation, temperature, tokens], widths="equal"),
            mo.hstack([step, seed], widths="equal"),
        ]
    )
    return density, features, known, normalisation, own, phi, seed, step, temperature, tokens


@app.cell
def _(answers, density, features, known, normalisation, own, phi, seed, temperature, tokens):
    found = answers.answer(
        manifold=own.value.strip() or known.value,
        density=density.value,
        features=features.value,
        phi=phi.value,
        normalisation=normalisation.value,
        temperature=temperature.value,
        n_tokens=tokens.value,
        seed=seed.value,
    )
    return (found,)


@app.cell
def _(answers, found, mo, pictures, step):
    if found.joined is None:
        shown = mo.callout(mo.plain_text(found.error), kind="danger")
    else:
        shown = mo.vstack(
            [
                mo.image(
                    answers.picture(draw, found.joined, step.value),
                    alt=answers.described(found.joined, step.value),
                    width="100%",
                )
                for draw in (pictures.fields, pictures.sides)
            ]
        )
    shown
    return


@app.cell
def _(answers, found, mo):
    told = None
    if found.joined is not None:
        rows = answers.verdict_table(found.joined)
        lines = [mo.plain_text(line) for line in answers.facts(found.joined)]
        table = [mo.ui.table(rows, selection=None, pagination=False)] if rows else []
        told = mo.vstack([*table, *lines])
    told
    return


if __name__ == "__main__":
    app.run()
