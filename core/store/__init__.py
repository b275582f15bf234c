"""A session on disk: one directory, a Zarr v3 group, with a journal while it is being written."""
