"""Push-T in the reference world."""
