"""Whom the servers run as: PostgreSQL refuses to be root."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534
DISGUISE = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")


@dataclass(frozen=True)
class Identity:
    """A prefix for command lines, and the user to become (None: stay)."""

    prefix: tuple[str, ...] = ()
    user: int | None = None

    def own(self, *directories: Path) -> None:
        """Give directories to the user that the servers become, if any."""
        if self.user is not None:
            for directory in directories:
                os.chown(directory, self.user, self.user)


def server_identity() -> Identity:
    """Plain for an ordinary user; for root a user namespace in which it is nobody, or else nobody itself.

    In a user namespace files stay root's on disk, so nothing changes hands. Where namespaces are forbidden the data
    directory has to be given to nobody.
    """
    if os.geteuid() != 0:
        return Identity()
    try:
        subprocess.run([*DISGUISE, "true"], check=True, capture_output=True)  # noqa: S603 - a constant command
    except (OSError, subprocess.CalledProcessError):
        return Identity(user=NOBODY)
    return Identity(prefix=DISGUISE)
