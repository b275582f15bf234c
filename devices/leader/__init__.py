"""Leader arms: small arms that are moved by hand; their joints become the pose of a tool."""
