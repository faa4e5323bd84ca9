"""What a command needs beyond the installed package: a checkout, or an extra.

    if problem := checkout_problem("up"):
        print(problem)
    print(package_problem("viewer", error))

The demo's services are not part of the wheel, and an installation may leave out the
packages of the viewer or of the workshop.
"""

from __future__ import annotations

from tracing_starter_kit.installation import CHECKOUT

DISTRIBUTION = "otel-tracing-starter-kit"
PACKAGE = "tracing_starter_kit"
# The extra of pyproject.toml that holds the packages of a command.
EXTRAS = {
    "up": "demo",
    "down": "demo",
    "stop": "demo",
    "start": "demo",
    "status": "demo",
    "doctor": "demo",
    "viewer": "viewer",
    "logs": "logs",
    "workshop": "workshop",
}
DEMO_COMMANDS = [command for command, extra in EXTRAS.items() if extra == "demo"]


def checkout_problem(command: str) -> str:
    """Return why a command cannot run here, or "" if it can."""
    if CHECKOUT or command not in DEMO_COMMANDS:
        return ""
    return (
        f"`kit {command}` works in a checkout of the kit's repository, and this is an "
        "installed package, which has no demo services: clone the repository and run "
        "`make demo` there."
    )


def package_problem(command: str, error: ModuleNotFoundError) -> str:
    """Return which extra to install for a package that is missing.

    Raises:
        ModuleNotFoundError: No extra of the command can bring it: the error itself.
    """
    package = (error.name or "").partition(".")[0]
    if command not in EXTRAS or package in ("", PACKAGE):
        raise error
    extra = f"{DISTRIBUTION}[{EXTRAS[command]}]"
    return (
        f"`kit {command}` needs packages that are not installed (there is no module "
        f'{package}): pip install "{extra}"'
    )
