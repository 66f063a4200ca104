"""Language models of other people, read from their checkpoints: llama, qwen2, qwen3, gemma2 and gemma3_text."""
