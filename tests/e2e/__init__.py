"""The app as people meet it: the program runs, a browser looks at it, and a real or a misbehaving server answers."""
