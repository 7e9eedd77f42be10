"""Where the packages of an installation lie: all inside attention_physics, its one top-level name.

The folders stay side by side in a clone, where `python -m simulations` finds them; the rest of the
metadata is in pyproject.toml.
"""

from setuptools import find_namespace_packages, setup

ONE_NAME = "attention_physics"
FOLDERS = {
    f"{ONE_NAME}.{name}": name.replace(".", "/")
    for name in find_namespace_packages(
        include=["theory*", "simulations*", "figures*", "docs", "docs.measured"],
        exclude=["figures.output*", "*.__pycache__*"],
    )
}

setup(
    packages=[ONE_NAME, *FOLDERS],
    package_dir={ONE_NAME: ONE_NAME, **FOLDERS},
    # records that commands read: verdicts, measurements, costs; pages and texts
    package_data={
        f"{ONE_NAME}.docs": ["*.json"],
        f"{ONE_NAME}.docs.measured": ["*.json", "*.npz"],
        f"{ONE_NAME}.figures.report": ["*.jinja", "*.css", "*.js"],
        f"{ONE_NAME}.theory.setting": ["*.txt"],
    },
)
