"""English, as in Britain and most of the world: day first, 24 hours."""
