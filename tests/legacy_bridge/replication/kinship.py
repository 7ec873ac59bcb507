"""Tables that need themselves, or each other."""

from typing import LiteralString

from legacy_bridge.replication.mapping import Column, Kind, TableMapping, Transform, same

KIN: LiteralString = """
CREATE TABLE {0}node (key text PRIMARY KEY, above text REFERENCES {0}node DEFERRABLE);
CREATE TABLE {0}egg (id int PRIMARY KEY, hen_id int NOT NULL);
CREATE TABLE {0}hen (id int PRIMARY KEY, egg_id int NOT NULL REFERENCES {0}egg DEFERRABLE);
ALTER TABLE {0}egg ADD FOREIGN KEY (hen_id) REFERENCES {0}hen DEFERRABLE;
"""
DOUBLED = Transform(
    name="doubled",
    kind=Kind.LOSSLESS,
    up=lambda value: value * 2,
    up_sql="{} * 2",
    down=lambda value: value // 2,
    down_sql="{} / 2",
)
KINSHIP = (
    TableMapping(legacy="l_node", native="n_node", columns=same("key", "above"), key=("key",)),
    TableMapping(
        legacy="l_egg",
        native="n_egg",
        columns=(Column("id", "id", DOUBLED), Column("hen_id", "hen_id")),
    ),
    TableMapping(
        legacy="l_hen",
        native="n_hen",
        columns=(Column("id", "id"), Column("egg_id", "egg_id", DOUBLED)),
    ),
)
