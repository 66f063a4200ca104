"""UI-PRMD: ten exercises, correct and incorrect, by optical markers."""
