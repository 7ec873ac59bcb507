"""Query parameters as Django's `request.GET` reads them, and the query made of them again."""

from urllib.parse import urlencode

from ported_domains.shared.forms.values import Values


class Parameters(Values):
    """Of the raw query, without "?"."""

    def replaced(self, **values: object) -> str:
        """The query again, with these parameters in place of those given, at its end."""
        kept = {name: self.get_all(name) for name in self if name not in values}
        return urlencode(kept | {name: [str(value)] for name, value in values.items()}, doseq=True)
