"""Post-training from the window: what is chosen, how it runs, what came of it."""
