"""The transport of the API: connections and their limits, proxies, deadlines of writing, and the headers of every response."""
