"""How often somebody may do something: token buckets, in this process and shared by all of them."""
