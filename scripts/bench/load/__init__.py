"""The load: simulated weeks as HTTP requests, sent by a process of its own, and followed until they are applied."""
