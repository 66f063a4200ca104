"""FineDiving: 3,000 dives of 52 types, with features, poses or crops in the VPD reference's layout."""
