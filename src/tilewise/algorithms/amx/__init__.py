"""Tiles of AMX: pixels and channels packed in lines of bfloat16, float32 in two or three parts."""
