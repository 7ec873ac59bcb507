"""What Django writes by itself beside what was edited, into rows that the other side may own."""

import pytest

from legacy_bridge.replication.owners import Owner
from tests.legacy_bridge.replication.admin.bridged import NO_CONFLICTS, BridgedSite
from tests.legacy_bridge.replication.admin.editing import change_page, send
from tests.legacy_bridge.replication.admin.rows import kept

BOX = "homepage-downloads"
BOXES = {Owner.LEGACY: "boxes_box", Owner.NATIVE: "boxes"}


def box(site: BridgedSite, side: Owner) -> str:
    """What Django makes anew whenever a published release is saved."""
    query = f"SELECT content FROM {BOXES[side]} WHERE label = '{BOX}'"
    ((content,),) = site.at[side].execute(query.encode()).fetchall()
    return str(content)


def rename_release(site: BridgedSite, name: str) -> None:
    """In the admin: the latest one, which the box names."""
    legacy = site.at[Owner.LEGACY]
    ((key,),) = legacy.execute(
        "SELECT id::text FROM downloads_release WHERE is_latest AND is_published AND version = 3"
    ).fetchall()
    page = change_page(site, "downloads_release", kept(legacy, "downloads_release"), key)
    assert send(site, page, site.form(page), {"name": [name]}) == {}


@pytest.mark.parametrize("downloads", Owner)
@pytest.mark.parametrize("boxes", Owner)
def test_a_signal_writes_rows_of_another_domain(
    bridged: BridgedSite, downloads: Owner, boxes: Owner
) -> None:
    bridged.hand_over(downloads, "downloads")
    bridged.hand_over(boxes, "boxes")
    name = f"Python 3.{len(downloads)}.{len(boxes)}"
    rename_release(bridged, name)
    bridged.settle()
    assert name in box(bridged, Owner.LEGACY) == box(bridged, Owner.NATIVE)
    assert bridged.unequal("downloads", "boxes") == []
    assert bridged.conflicts() == NO_CONFLICTS


def test_a_signal_loses_against_the_owner_of_the_row(bridged: BridgedSite) -> None:
    """And what was edited does not: the release is Django's, the box is not."""
    bridged.hand_over(Owner.LEGACY, "downloads")
    bridged.hand_over(Owner.NATIVE, "boxes")
    with bridged.frozen():
        rename_release(bridged, "Python 3.99.0")
        bridged.at[Owner.NATIVE].execute(
            "UPDATE boxes SET content = 'by hand' WHERE label = 'homepage-downloads'"
        )
    bridged.settle()
    assert box(bridged, Owner.LEGACY) == box(bridged, Owner.NATIVE) == "by hand"
    assert bridged.unequal("downloads", "boxes") == []
    ((table, _, reason),) = bridged.conflicts()[Owner.NATIVE]
    assert (table, reason) == (
        "boxes",
        "the owner changed the row before it had seen this change",
    )
    bridged.forget_conflicts()
