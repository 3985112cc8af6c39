"""Benchmarks of the whole engine: every figure stands beside a baseline measured in the same run."""
