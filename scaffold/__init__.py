"""The FastAPI code generator that patches foreign code, proves the result and can take it back."""

__version__ = "0.1.0"
