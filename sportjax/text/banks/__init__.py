"""What coaches say: sentences by sport and topic, one template a line (`sportjax/text/phrases.py`)."""
