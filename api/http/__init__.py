"""What all routes share: connection limits, request ids, problems, bodies, parameters, pages."""
