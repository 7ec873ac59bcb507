"""Whatever one connection of a client says: what was one request never reaches the site as two."""

import pytest

from tests.proxy.http.attacks import CORPUS, Attack
from tests.proxy.http.ends import Peer
from tests.proxy.http.harness import Harness, request

pytestmark = pytest.mark.musts

LATER = [b"/later/1", b"/later/2", b"/later/3"]


async def saying_who(peer: Peer) -> None:
    """Answers each whole request with its own target."""
    while True:
        target = (await peer.request()).target
        await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(target) + target)


@pytest.mark.must("A9")
@pytest.mark.parametrize("size", [1, 10_000], ids=["octet by octet", "whole"])
@pytest.mark.parametrize("attack", CORPUS.values(), ids=CORPUS)
async def test_nothing_is_smuggled(harness: Harness, attack: Attack, size: int) -> None:
    """The site sees just the requests that there are, and everybody gets the answer to his own."""
    harness.upstream.play(saying_who)
    client, said = await harness.client(), attack.payload
    await client.say(*(said[at : at + size] for at in range(0, len(said), size)))
    came = [await client.answer() for _ in range(len(attack.whole) + bool(attack.refused))]
    good = [answer.body for answer in came if answer.status == 200]
    bad = [answer.status for answer in came if answer.status != 200]
    assert good == list(attack.whole)
    assert bad == ([attack.refused] if attack.refused else [])
    if attack.refused or came[-1].values(b"connection"):
        assert await client.rest() == b""
    for target in LATER:
        assert (await harness.ask(request(target))).body == target
    assert client.silent()
    assert whole_requests(harness) == [*attack.whole, *LATER]
    begun = [head.target for head in harness.upstream.heads]
    assert set(begun) <= {b"/", *attack.whole, *LATER}
    assert len(begun) <= len(attack.whole) + bool(attack.refused) + len(LATER)


def whole_requests(harness: Harness) -> list[bytes]:
    """The targets of those that reached the upstream to their end."""
    return [
        head.target
        for peer in harness.upstream.peers
        for head, _ in zip(peer.heads, peer.bodies, strict=False)
    ]
