"""Whole installations under load while something is taken away from them, and what must be true afterwards."""

from tests.journeys.conftest import Installation, installation

__all__ = ["Installation", "installation"]
