"""LeRobot's teleoperators as devices; LeRobot itself is not needed."""
