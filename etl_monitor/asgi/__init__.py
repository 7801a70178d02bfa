"""What both programs do with every connection and request: limits, guards, headers."""
