"""Every table of the mappings, with the rows of the bundled site."""

from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.sides import MAPPINGS, Sides, run
from tests.legacy_bridge.replication.verify.pairs import differences, repair, verify


def test_every_table_is_equal_after_a_copy(
    stack: EmbeddedStack, legacy_template: str, native_template: str
) -> None:
    sides = Sides(
        stack.create_database("verify_site_legacy", template=legacy_template),
        stack.create_database("verify_site_native", template=native_template),
    )
    copied = sides.copy(*MAPPINGS)
    report = verify(sides, MAPPINGS)
    assert (report.equal, differences(report)) == (True, {})
    assert [(t.native, t.rows, t.quarantined) for t in report.tables] == [
        (t.native, t.rows, len(t.refused)) for t in copied.tables
    ]
    run(sides.native, "UPDATE users SET password_hash = '!' WHERE id = (SELECT min(id) FROM users)")
    ((key, kind, column),) = differences(verify(sides, MAPPINGS))["users"]
    assert (kind, column) == ("differs", "password_hash")
    assert repair(sides, MAPPINGS).equal
    assert sides.unequal(*MAPPINGS) == []
    assert isinstance(key, int)
