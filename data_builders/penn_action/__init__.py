"""Penn Action: 2,326 sequences of 15 actions, with features, poses or crops in the VPD reference's layout."""
