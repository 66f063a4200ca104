"""Commands on folders of the files that users of the VPD reference have."""
