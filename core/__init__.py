"""The application without a screen: sessions, trees, control, recording. numpy, scipy and zarr only."""
