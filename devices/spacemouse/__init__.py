"""SpaceMouse pucks: one puck is one hand. Decoding is pyspacemouse's; finding, draining and losing them is ours."""
