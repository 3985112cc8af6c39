"""Long passes over all leads, divided into shares that workers take as due work."""
