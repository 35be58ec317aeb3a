"""``python -m stonks`` and the ``stonks`` command are the same."""

from stonks.cli import app


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
