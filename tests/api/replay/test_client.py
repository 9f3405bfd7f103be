"""The replay is a client: it knows HTTP and nothing of the house it calls."""

import subprocess
import sys


def test_replay_loads_no_django() -> None:
    code = "import sys, pharos.api.replay.command; print(*(name for name in sys.modules if name.startswith('django')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
