"""What leads and administrators fill in."""
