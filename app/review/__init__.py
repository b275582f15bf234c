"""Review without a device: what is to be judged, in which order, and how it is seen and labelled."""
