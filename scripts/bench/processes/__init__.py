"""The processes under test: MongoDB, Valkey and the parts of the engine, with their memory and processor time."""
