"""Config files of the VPD paper's tables and figures."""
