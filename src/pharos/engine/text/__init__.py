"""What a text suggests: its language, how the person is, what they need, and the words that say so."""
