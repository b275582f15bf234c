"""The transport world: an object map drawn once, moved by learned contact dynamics, rendered into every view."""
