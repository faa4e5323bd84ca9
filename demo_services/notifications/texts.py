"""The texts for customers, from the templates beside this file.

render("receipt.txt", name="Ada", total=1499, currency="EUR", ...)
"""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from demo_services.money import format_money
from demo_services.tracing import traced

# Plain text: nothing is escaped, and a missing value is an error, not a blank.
_templates = Environment(
    loader=PackageLoader(__package__),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701
    keep_trailing_newline=True,
)
_templates.filters["money"] = format_money


# By hand: rendering is our own code, and may become slow one day.
@traced
def render(template: str, **values: object) -> str:
    """Return a template's text with its values."""
    return _templates.get_template(template).render(values)
