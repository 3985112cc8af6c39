"""Wire formats of other systems as events: Segment, PostHog and CloudEvents. Pure."""
