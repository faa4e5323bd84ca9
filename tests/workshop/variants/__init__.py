"""Answers that the checks must accept or refuse, one module for each exercise."""

from __future__ import annotations

import importlib
import pkgutil

from tests.workshop.variant import Variant

ALL: list[Variant] = [
    variant
    for module in pkgutil.iter_modules(__path__)
    for variant in importlib.import_module(f"{__name__}.{module.name}").VARIANTS
]
