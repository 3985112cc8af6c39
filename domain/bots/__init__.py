"""Opens and clicks of machines: what gives them away."""
