"""The light of a scene from a bracket: how much each exposure took, what its numbers mean, and their merge."""
