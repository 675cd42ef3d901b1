"""The parts of `training/export_model.py`: what becomes ONNX."""
