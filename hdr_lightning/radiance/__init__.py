"""The light of a scene from a bracket: how much each exposure took, what its values mean, their merge."""
