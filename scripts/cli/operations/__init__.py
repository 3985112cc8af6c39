"""Commands that set up and run the engine: `up`, its parts, settings, shards, the demo."""
