"""The pipeline's stages, each a core that decides and a worker that loads and saves."""
