"""Template tags and filters for hosts: `{% load uploads %}`."""
