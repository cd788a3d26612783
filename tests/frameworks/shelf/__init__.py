"""An application for either framework."""
