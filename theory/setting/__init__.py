"""What both sides share: manifolds, densities, scores, geometry, quadrature, input checks."""
