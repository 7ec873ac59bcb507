"""A Django app with everything that may be hard to carry over; it is called `class_`."""
