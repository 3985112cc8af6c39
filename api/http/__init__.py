"""What all routes share: request ids, problems, bodies, parameters, headers, pages."""
