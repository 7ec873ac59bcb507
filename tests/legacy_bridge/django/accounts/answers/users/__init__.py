"""A user model whose tables have the names of the site's."""
