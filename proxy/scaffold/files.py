"""The files of a domain to be, with their places in the tree."""

from pathlib import PurePath

from proxy.scaffold.mapping_text import domain_text, mapping_text
from proxy.scaffold.migration_text import migration_text
from proxy.scaffold.models_text import models_text
from proxy.scaffold.plan import AppPlan

DOMAINS = PurePath("ported_domains")
MIGRATIONS = PurePath("migrations", "versions")


def domain_files(plan: AppPlan, revision: str, before: str | None) -> dict[PurePath, str]:
    """The text of each file. `revision` is that of the migration, `before` the one it follows."""
    folder = DOMAINS / plan.name
    return {
        folder / "__init__.py": domain_text(plan),
        folder / "models.py": models_text(plan),
        folder / "mapping.py": mapping_text(plan),
        MIGRATIONS / f"{revision}_{plan.name}.py": migration_text(plan, revision, before),
    }
