"""Armenian; Django ships none."""
