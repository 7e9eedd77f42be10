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

    # what the sliders stop at
    TEMPERATURES = [0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12, 0.2, 0.3, 0.5, 1.0]
    TOKENS = [500, 1000, 2000, 3000, 5000, 8000]
    MOST_SEED = 10**9

    return (
        Choice,
        MANIFOLDS,
        MOST_SEED,
        NORMALISATIONS,
        STEPS,
        TEMPERATURES,
        TOKENS,
        answers,
        mo,
        pictures,
    )


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
def _(Choice, MANIFOLDS, MOST_SEED, NORMALISATIONS, STEPS, TEMPERATURES, TOKENS, mo):
    start = Choice()
    names = {value: name for name, value in MANIFOLDS.items()}
    wide = {"full_width": True}  # the label stands above
    slid = {"debounce": True, "show_value": True} | wide
    known = mo.ui.dropdown(MANIFOLDS, value=names[start.manifold], label="manifold", **wide)
    own = mo.ui.text(placeholder="(2*cos(u), sin(u))", label="or your own, a formula", **wide)
    density = mo.ui.text(start.density, label="density of the tokens", **wide)
    features = mo.ui.text(start.features, label="features H", **wide)
    phi = mo.ui.text(start.phi, label="pseudo-metric phi(r)", **wide)
    normalisation = mo.ui.dropdown(
        list(NORMALISATIONS), value=start.normalisation, label="normalisation", **wide
    )
    temperature = mo.ui.slider(
        steps=TEMPERATURES, value=start.temperature, label="temperature", **slid
    )
    tokens = mo.ui.slider(steps=TOKENS, value=start.n_tokens, label="tokens", **slid)
    step = mo.ui.slider(0, STEPS, value=8, label="steps k shown", **slid)
    seed = mo.ui.number(0, MOST_SEED, step=1, value=start.seed, label="seed", **wide)
    mo.vstack(
        [
            mo.hstack([known, own, density], widths="equal"),
            mo.hstack([features, phi, normalisation], widths="equal"),
            mo.hstack([temperature, tokens, step, seed], widths="equal"),
        ]
    )
    return density, features, known, normalisation, own, phi, seed, step, temperature, tokens


@app.cell
def _(answers, density, features, known, mo, normalisation, own, phi, seed, temperature, tokens):
    with mo.status.spinner("measuring, then predicting"):
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
        shown = mo.callout(mo.Html(answers.paragraphs([found.error])), kind="danger")
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
        lines = answers.paragraphs(answers.facts(found.joined))
        told = mo.Html(answers.verdict_table(found.joined) + lines)
    told
    return


if __name__ == "__main__":
    app.run()
