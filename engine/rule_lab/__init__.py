"""Previews of rulebooks in MongoDB, and the thread on which they are computed."""
