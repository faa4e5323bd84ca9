"""The texts that customers get, from the templates beside this file.

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


# By hand: rendering is ours, and may one day be what is slow.
@traced
def render(template: str, **values: object) -> str:
    """Return a text with its values filled in."""
    return _templates.get_template(template).render(values)
