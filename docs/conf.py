"""How Sphinx builds the documentation: ``python -m sphinx -n -W --keep-going -b html docs docs/_build/html``."""

from __future__ import annotations

from ginger_async_safe import __version__

project = "ginger_async_safe"
author = "The ginger_async_safe developers"
project_copyright = author
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"ginger_async_safe {version}"
html_copy_source = False

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3  # so that pages may link to each other's sections

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
python_use_unqualified_type_names = True
python_display_short_literal_types = True

nitpick_ignore_regex = [
    # Names of Python itself and of type checkers: they are documented elsewhere, and the build must need no network.
    ("py:.*", r"(?!ginger_async_safe\b).*"),
    # Type variables: they stand for the reader's own types.
    ("py:class", r"ginger_async_safe\.\w+\._\w+"),
]
