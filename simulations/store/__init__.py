"""Results on disk: measured quantities, provenance, digests of sources."""
