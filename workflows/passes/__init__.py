"""Long passes over all leads on whatever workers there are: begun, followed, stopped, and worked share by share."""
