"""The toy task with its world, policy and operator: written by hand, numpy only, for tests and benchmarks."""
