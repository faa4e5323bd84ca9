"""Generate the page's `types.d.ts` from the viewer's description of its answers.

    python -m scripts.page_types

Reads `viewer/api/explore/shapes.py` as text; a test compares the result with the file.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

VIEWER = Path(__file__).parent.parent / "tracing_starter_kit" / "viewer"
SHAPES = VIEWER / "api" / "explore" / "shapes.py"
TYPES = VIEWER / "page" / "types.d.ts"
HEAD = """\
// The answers of the API, for tsc and for editors; nothing here runs.
// Generated from viewer/api/explore/shapes.py: python -m scripts.page_types
"""
NAMES = {
    "str": "string",
    "int": "number",
    "float": "number",
    "bool": "boolean",
    "object": "unknown",
}
GENERICS = {"list": "Array", "dict": "Record"}


def main() -> None:
    """Write the file anew."""
    TYPES.write_text(typescript(SHAPES.read_text()))


def typescript(text: str) -> str:
    """Translate a module of TypedDicts and type aliases."""
    lines = text.splitlines()
    parts = [HEAD]
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef):
            parts.append("\n".join(_interface(node, lines)) + "\n")
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            parts.append(f"export type {name} = {_type(node.value)};\n")
    return "\n".join(parts)


def _interface(node: ast.ClassDef, lines: list[str]) -> Iterator[str]:
    docstring = _in_javascript(ast.get_docstring(node) or "")
    yield "/**"
    yield from (f" * {line}".rstrip() for line in docstring.splitlines())
    yield " */"
    bases = [ast.unparse(base) for base in node.bases]
    extends = "" if bases == ["TypedDict"] else f" extends {', '.join(bases)}"
    yield f"export interface {node.name}{extends} {{"
    for field in node.body:
        if isinstance(field, ast.AnnAssign):
            comment = lines[field.lineno - 1].partition("  # ")[2]
            remark = f" // {_in_javascript(comment)}" if comment else ""
            name = ast.unparse(field.target)
            yield f"  {name}: {_type(field.annotation)};{remark}"
    yield "}"


def _in_javascript(prose: str) -> str:
    return prose.replace("None", "null")


def _type(node: ast.expr) -> str:
    """Translate one annotation; an unknown form fails loudly."""
    match node:
        case ast.Name(name):
            return NAMES.get(name, name)
        case ast.Constant(None):
            return "null"
        case ast.BinOp(left=left, right=right):
            members = f"{_type(left)} | {_type(right)}".split(" | ")
            return " | ".join(dict.fromkeys(members))
        case ast.Subscript(value=ast.Name(generic), slice=arguments):
            return _generic(generic, arguments)
    raise TypeError(f"There is no TypeScript type for {ast.unparse(node)}.")


def _generic(name: str, arguments: ast.expr) -> str:
    items = arguments.elts if isinstance(arguments, ast.Tuple) else [arguments]
    if name == "Literal":
        return " | ".join(json.dumps(ast.literal_eval(item)) for item in items)
    translated = ", ".join(map(_type, items))
    return f"{GENERICS[name]}<{translated}>"


if __name__ == "__main__":
    main()
