"""The sessions of a folder, told by what is on the disk."""
