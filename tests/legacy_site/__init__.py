"""The bundled legacy site: a Django project with the tables of the site that is being replaced."""
