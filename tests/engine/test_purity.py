import subprocess
import sys


def test_decisions_load_without_the_number_cruncher():
    """What every request needs must import fast: numpy comes only with the look-ahead."""
    modules = "banding, calendar, classes, discipline, promise, references"
    code = f"import sys; from pharos.engine import {modules}; print('numpy' in sys.modules, 'django' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False", "False"]


def test_look_ahead_loads_without_the_machine_code():
    """What makes it takes memory and time to load, so it comes only with the twin."""
    modules = "arrivals, calibration, residual, scores, waits"
    code = f"import sys; from pharos.engine import {modules}; print('numba' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False"]
