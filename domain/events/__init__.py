"""Events of a lead: their shape, their vocabulary and their upcasts."""
