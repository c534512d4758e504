"""What there is to know of a plugin's folder before it is built; printed as JSON. Nothing of the plugin is run.

Called as `look.py FOLDER SDK`.
"""

import ast
import json
import sys
import tomllib
from pathlib import Path


def main(folder: Path, sdk: Path) -> dict:
    project = {}
    manifest = folder / "pyproject.toml"
    if manifest.is_file():
        project = tomllib.loads(manifest.read_text("utf-8")).get("project", {})
    return {
        "name": project.get("name") or folder.resolve().name,
        "dependencies": project.get("dependencies", []),
        "modules": sorted(modules([folder, sdk], "plugin")),
    }


def modules(places: list[Path], first: str) -> set[str]:
    """Every module of the plugin and of the SDK that is imported from the first one on."""
    found: set[str] = set()
    waiting = [first]
    while waiting:
        name = waiting.pop()
        file = find(places, name)
        if name in found or file is None:
            continue
        found.add(name)
        package = name if file.name == "__init__.py" else name.rpartition(".")[0]
        # Importing a module imports the packages that it lies in.
        waiting.extend(name.rsplit(".", depth)[0] for depth in range(1, name.count(".") + 1))
        for node in ast.walk(ast.parse(file.read_text("utf-8"), str(file))):
            waiting.extend(imported(node, package))
    return found


def imported(node: ast.AST, package: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    base = node.module or ""
    if node.level:
        parts = package.split(".")
        start = ".".join(parts[: len(parts) - node.level + 1])
        base = f"{start}.{base}" if base and start else base or start
    return [base, *(f"{base}.{alias.name}" for alias in node.names)]


def find(places: list[Path], name: str) -> Path | None:
    for place in places:
        path = place.joinpath(*name.split("."))
        for file in (path / "__init__.py", path.with_name(path.name + ".py")):
            if file.is_file():
                return file
    return None


if __name__ == "__main__":
    json.dump(main(Path(sys.argv[1]), Path(sys.argv[2])), sys.stdout)
