"""Triangle meshes as manifolds: what a mesh is, files of them, and meshes of built-in surfaces."""
