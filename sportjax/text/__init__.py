"""Sentences, attributes and the language-model client protocol."""
