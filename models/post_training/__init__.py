"""From recorded corrections to a better policy: the training set, its weights, and the command that trains."""
