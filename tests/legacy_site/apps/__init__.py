"""One Django app per part of the site; the app's label is the folder's name."""
