"""What `lead-engine up` needs: embedded MongoDB and Valkey servers on loopback, and a supervisor of processes."""
