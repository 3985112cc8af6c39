"""Commands of messages, replies, drafts, sequences, campaigns and what came of them."""
