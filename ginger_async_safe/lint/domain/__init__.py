"""What the interpreter computes with and finds: values, frames, findings and fixes."""
