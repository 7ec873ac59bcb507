"""A cookie of ours among those of a head."""

import pytest

from proxy.wire.cookies import cookie


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        (b"Cookie: ours=v\r\n", "v"),
        (b"Accept: */*\r\ncookie:a=b; ours=v ; c=d\r\nX: y\r\n", "v"),
        (b"Cookie: a=b;ours=v\r\n", "v"),
        (b"Cookie: ours=\r\n", ""),
        (b"Cookie: ours=first; ours=second\r\n", "first"),
        (b"Cookie: ours=\xe9=\r\n", "\xe9="),
        (b"Cookie: yours=v; ours2=v; OURS=v\r\n", None),
        (b"Cookie: a=ours=v\r\n", None),
        (b"X-Cookie: ours=v\r\nAccept: ;ours=v\r\n", None),
        (b"", None),
    ],
)
def test_the_value_is_that_of_the_first_with_this_name(fields: bytes, value: str | None) -> None:
    assert cookie(fields, "ours") == value
