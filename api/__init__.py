"""Entry points over HTTP. The only place that knows status codes. Thin."""
