"""Long basketball reels of one player, whose possessions tell of twenty latent skills."""
