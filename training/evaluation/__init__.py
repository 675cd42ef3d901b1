"""Measuring on labelled scenes: how a scene is segmented, what is counted, and the scores, pictures and plots of it."""
