"""What both sides share: manifolds, densities, pseudo-metrics, geometry, quadrature, input checks."""
