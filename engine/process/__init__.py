"""What every process needs: clock, logs, watchdog, background tasks, shutdown."""
