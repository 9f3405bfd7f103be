"""How Django shows and reads dates, times and figures in each of our languages."""
