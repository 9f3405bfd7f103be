"""Pure decisions and mathematics: no framework, no clock, no randomness but an `rng` that is passed in, no I/O."""
