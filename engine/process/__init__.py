"""What every process needs: clock, logs, background loops, watchdog, garbage collection, shutdown."""
