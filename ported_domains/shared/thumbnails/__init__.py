"""What `{% thumbnail %}` shows: a smaller image that both sides share, or the upload itself.

originals.py  uploads in the place of their smaller images, where nobody makes these
copies.py     the smaller image that is there, or is drawn; which of the two a page waits for
folder.py     the folder that the legacy site keeps its uploads in
drawing.py    an image made smaller
geometry.py   how large it becomes, and what is cut off
"""
