"""The study: does correcting in a world make a policy better in the reference world, against which baselines."""
