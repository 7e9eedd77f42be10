"""Statistics of measurements: intervals with their basis, orders, limits, fits."""
