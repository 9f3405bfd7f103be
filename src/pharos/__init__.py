"""Pharos, a contact centre for the worst day."""

__version__ = "0.1.0"
