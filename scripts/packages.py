"""Install what the tests need from Debian packages, or say exactly what to install.

Only what is missing is installed, only as root, and only where `apt-get` is.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests import services

FONTS = ("fonts-noto-core", "fonts-noto-cjk")
UBUNTU_CHROMIUM = """Ubuntu's chromium package only installs a snap, which tests cannot drive.
Do one of these, then start again:
  .venv/bin/playwright install --with-deps chromium
  install Google Chrome from its own package
  set PHAROS_CHROMIUM=/path/to/chromium"""


def main() -> int:
    """Return 0 when everything is there at the end."""
    packages = missing()
    if packages and _is_ubuntu() and "chromium" in packages:
        print(UBUNTU_CHROMIUM, file=sys.stderr)
        return 1
    if packages and not _install(packages):
        return 1
    for find in (services.chromium, services.postgresql_programs, services.dovecot_program):
        try:
            find()
        except services.Missing as problem:
            print(problem, file=sys.stderr)
            return 1
    return 0


def missing() -> list[str]:
    """Names of the Debian packages that would add what is not here."""
    packages = []
    if not os.environ.get("PHAROS_CHROMIUM") and not _found(services.chromium):
        packages.append("chromium")
    if not _found(services.postgresql_programs):
        packages.append("postgresql")
    if not _found(services.dovecot_program):
        packages.append("dovecot-imapd")
    if shutil.which("dpkg-query"):
        packages += [font for font in FONTS if not _is_installed(font)]
    return packages


def _found(find: Callable[[], object]) -> bool:
    try:
        find()
    except services.Missing:
        return False
    return True


def _is_installed(package: str) -> bool:
    asked = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout == "installed"


def _is_ubuntu() -> bool:
    try:
        return "\nID=ubuntu\n" in "\n" + Path("/etc/os-release").read_text()
    except FileNotFoundError:
        return False


def _install(packages: list[str]) -> bool:
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"The tests need {', '.join(packages)}. Install them, then start again:", file=sys.stderr)
        print(f"  sudo {' '.join(command)}", file=sys.stderr)
        return False
    print(f"Installing {', '.join(packages)} from the distribution's packages.", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["apt-get", "update", "--quiet"], command):
        if subprocess.run(step, env=environment, stdin=subprocess.DEVNULL, check=False).returncode:
            print(f"This failed: {' '.join(step)}", file=sys.stderr)
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
