"""Data sets of other projects: written (export*) and read (import*). Numpy, zarr, pyarrow, PyAV and h5py; no Qt."""
