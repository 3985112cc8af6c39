"""The engine's own workflows on a store, a queue and a clock that chance plays with, the same way for the same seed."""
