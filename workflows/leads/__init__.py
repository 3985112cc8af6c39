"""Use cases that fold leads: dispatch, process, reconcile, decay, replay."""
