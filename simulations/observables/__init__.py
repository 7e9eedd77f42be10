"""What is read off an operator: generator, drift and diffusion at points, spectrum, entropy, volume."""
