"""Who a visitor is, and what the visitor may do, as `django.contrib.auth` decides it."""
