"""VPD's end-to-end baselines, one config each."""
