"""Training of the transport world: background, tracking, appearance, dynamics, trust."""
