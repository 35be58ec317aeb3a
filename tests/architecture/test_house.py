"""The house rules that no linter knows."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.conftest import Module

EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "shared", "base", "manager", "misc"}
PACKAGE = Path("src/stonks")


def test_a_module_has_at_most_400_lines(modules: list[Module]) -> None:
    assert [module.path for module in modules if len(module.text.splitlines()) > 400] == []


def test_a_function_body_has_at_most_40_lines(modules: list[Module]) -> None:
    long = [f"{m.path}:{f.lineno} {f.name}" for m in modules for f in m.functions() if body_lines(f) > 40]
    assert long == []


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its head and docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body and body[-1].end_lineno else 0


def test_every_module_and_class_is_named_by_a_noun_that_says_something(modules: list[Module]) -> None:
    names = {part: module.path for module in modules for part in module.path.with_suffix("").parts}
    classes = {node.name: m.path for m in modules for node in ast.walk(m.tree) if isinstance(node, ast.ClassDef)}
    empty = [path for name, path in names.items() if name in EMPTY_NAMES]
    empty += [path for name, path in classes.items() if name.lower().endswith(tuple(EMPTY_NAMES - {"base"}))]
    assert empty == []


def test_only_the_runtimes_loop_and_the_pools_child_which_hands_on_to_it_catch_everything(
    modules: list[Module],
) -> None:
    broad = {module.path for module in modules if any(catches_everything(node) for node in ast.walk(module.tree))}
    assert broad <= {Path("runtime/loop.py"), Path("runtime/pool_program.py")}


def catches_everything(node: ast.AST) -> bool:
    """Whether this is a handler of any error; one that ends by raising it again only tidies up."""
    if not isinstance(node, ast.ExceptHandler) or isinstance(node.body[-1], ast.Raise):
        return False
    return node.type is None or bool(
        {"Exception", "BaseException"} & set(ast.unparse(node.type).strip("()").split(", "))
    )


@pytest.mark.parametrize(
    ("forbidden", "home"),
    [
        ("os.environ", "settings.py"),
        ("os.getenv", "settings.py"),
        ("datetime.now", "runtime/clock.py"),
        ("time.time", "runtime/clock.py"),
    ],
)
def test_only_one_module_reads_it(modules: list[Module], forbidden: str, home: str) -> None:
    readers = {str(m.path) for m in modules for node in ast.walk(m.tree) if reads(node, forbidden)}
    assert readers <= {home}


def reads(node: ast.AST, dotted: str) -> bool:
    return isinstance(node, ast.Attribute) and ast.unparse(node).endswith(dotted)


def test_nothing_is_mocked(root: Path, files: list[Path]) -> None:
    sources = [file for file in files if file.suffix == ".py" and file.parts[0] in {"src", "tests", "benchmarks"}]
    assert [file for file in sources if imports_a_mock(ast.parse((root / file).read_text()))] == []


def imports_a_mock(tree: ast.Module) -> bool:
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    return any("mock" in ast.unparse(node) for node in imports)


def test_every_stage_is_a_constant_a_core_and_a_worker(root: Path, modules: list[Module]) -> None:
    stages = {
        module.path.parts[1] for module in modules if module.path.parts[0] == "stages" and len(module.path.parts) > 2
    }
    assert list(misshapen(root / PACKAGE / "stages", stages)) == []


def misshapen(folder: Path, stages: set[str]) -> Iterator[str]:
    """Names of the stages that lack a part."""
    for stage in sorted(stages):
        home = folder / stage
        has_core = (home / "core.py").exists() or (home / "core" / "__init__.py").exists()
        if not (has_core and (home / "worker.py").exists() and "\nSTAGE" in (home / "__init__.py").read_text()):
            yield stage


def test_every_package_says_what_lives_there(modules: list[Module]) -> None:
    assert [module.path for module in modules if not ast.get_docstring(module.tree)] == []


def test_tests_mirror_the_package(root: Path, files: list[Path]) -> None:
    apart = {"adversarial", "architecture", "contracts", "fakes", "fuzz", "system"}
    folders = {file.parent for file in files if file.parts[0] == "tests" and file.suffix == ".py"}
    mirrored = [
        folder.relative_to("tests") for folder in folders if len(folder.parts) > 1 and folder.parts[1] not in apart
    ]
    assert [folder for folder in mirrored if not (root / PACKAGE / folder).exists()] == []
