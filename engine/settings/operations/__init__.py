"""Settings of running it: MongoDB, Redis, the API and its access, processes, due work, passes."""
