"""Chinese in simplified script: year first, 24 hours."""
