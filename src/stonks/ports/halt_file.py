"""The file whose being there halts trading, whatever else answers."""

from pathlib import Path


def is_halted_by(halt_file: Path) -> bool:
    """Return whether the file is there; one that cannot be looked for counts as there."""
    try:
        return halt_file.exists()
    except OSError:
        return True
