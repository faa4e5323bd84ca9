"""Runs the examples (`>>>`) in all docstrings of a helper, and counts them.

python -m tests.instrumentation.programs.examples traced
"""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import sys


def main(helper: str) -> None:
    module = importlib.import_module(f"instrumentation.{helper}")
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner()
    # Not by doctest's own finder: it sees no fixture, nor what is decorated otherwise.
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            text, name = ast.get_docstring(node) or "", getattr(node, "name", helper)
            runner.run(parser.get_doctest(text, dict(vars(module)), name, None, None))
    print(f"{runner.tries} examples, {runner.failures} failed")


if __name__ == "__main__":  # the children of process pools import it too
    main(sys.argv[1])
