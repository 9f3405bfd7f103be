"""What measurements share: clients that cost little, and servers whose processor time is counted."""
