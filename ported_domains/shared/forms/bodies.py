"""Query strings and bodies of forms as pairs of name and value, within Django's limits.

Multipart bodies have to be well-formed (RFC 7578): Django also makes something of those that end
too early or whose parts have no name for themselves. Browsers send none of these.
"""

import base64
import binascii
import codecs
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from email.message import Message
from email.utils import collapse_rfc2231_value
from urllib.parse import parse_qsl

from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
)

MAX_FIELDS = 1000
"""Django's DATA_UPLOAD_MAX_NUMBER_FIELDS."""
MAX_FILES = 100
"""Django's DATA_UPLOAD_MAX_NUMBER_FILES."""
MAX_SIZE = 2_621_440
"""Django's DATA_UPLOAD_MAX_MEMORY_SIZE, in octets: of a body, files left aside."""
MAX_HEADER = 1024
"""Octets of one header of a part."""

Pair = tuple[str, str]

_BOUNDARY = re.compile("[ -~]{0,200}[!-~]")
_HALF = re.compile("[\ud800-\udfff]")


class FormError(Exception):
    """A body that is no form, or more of one than is read."""


class MalformedFormError(FormError):
    pass


class TooManyFieldsError(FormError):
    pass


class TooManyFilesError(FormError):
    pass


class TooLargeError(FormError):
    pass


def body_pairs(body: bytes, content_type: str) -> list[Pair]:
    """By content type; none for a body that is no form. Raises FormError."""
    kind, parameters = _form_parameters(content_type)
    if kind == "multipart/form-data":
        return multipart_pairs(body, content_type)
    if kind != "application/x-www-form-urlencoded":
        return []
    if _known_charset(parameters).lower() != "utf-8":
        raise MalformedFormError(f"{kind} has to be UTF-8, not {parameters['charset']!r}")
    if len(body) > MAX_SIZE:
        raise TooLargeError(f"{len(body)} octets of form; at most {MAX_SIZE} are read")
    return query_pairs(body)


def query_pairs(raw: bytes) -> list[Pair]:
    """`a=1&b=2`. What is not UTF-8 becomes U+FFFD where it is percent-encoded, else Latin-1.

    Raises TooManyFieldsError.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise TooManyFieldsError(f"more than {MAX_FIELDS} fields") from error


def multipart_pairs(body: bytes, content_type: str) -> list[Pair]:
    """The fields of a `multipart/form-data` body; its files are counted and left out.

    Raises FormError.
    """
    _, parameters = _form_parameters(content_type)
    boundary = parameters.get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise MalformedFormError(f"boundary {boundary!r} in Content-Type")
    charset = _known_charset(parameters)
    pairs: list[Pair] = []
    files = size = 0
    for disposition, is_base64, content in _parts(body, boundary):
        if disposition.get("filename"):
            files += 1
            if files > MAX_FILES:
                raise TooManyFilesError(f"more than {MAX_FILES} files")
        elif "name" in disposition:
            name = _text(disposition["name"].encode(errors="replace").strip(), charset)
            if len(pairs) == MAX_FIELDS:
                raise TooManyFieldsError(f"more than {MAX_FIELDS} fields")
            size += len(content) + len(name) + len("&=")
            if size > MAX_SIZE:
                raise TooLargeError(f"more than {MAX_SIZE} octets of fields")
            pairs.append((name, _text(_decoded(content) if is_base64 else content, charset)))
    return pairs


def _parts(body: bytes, boundary: str) -> Iterator[tuple[Mapping[str, str], bool, bytes]]:
    """Of each part the parameters of its Content-Disposition, whether it is base64, its content."""
    # Latin-1 keeps the octets, which are UTF-8 unless a part's header is to be ignored
    parser = PushMultipartParser(boundary, max_header_size=MAX_HEADER, header_charset="latin-1")
    content: list[bytes] = []
    try:
        with parser:
            for event in parser.parse(body):
                if isinstance(event, MultipartSegment):
                    segment, content = event, []
                elif event is None:
                    yield _disposition(segment), _is_base64(segment), b"".join(content)
                else:
                    content.append(event)
    except MultipartError as error:
        raise MalformedFormError(f"multipart body: {error}") from error


def _disposition(segment: MultipartSegment) -> Mapping[str, str]:
    with suppress(ValueError):
        header = segment.header("Content-Disposition", "").encode("latin-1").decode()
        return header_parameters(header)[1]
    return {}


def _is_base64(segment: MultipartSegment) -> bool:
    return bool(segment.header("Content-Transfer-Encoding", "").strip().lower() == "base64")


def _decoded(content: bytes) -> bytes:
    try:
        return base64.b64decode(content)
    except binascii.Error:
        return content


def header_parameters(header: str) -> tuple[str, Mapping[str, str]]:
    """`text/html; charset="UTF-8"` as `("text/html", {"charset": "UTF-8"})`, RFC 2231 included.

    Raises ValueError where RFC 2231 names an unknown character set.
    """
    message = Message()
    message["content-type"] = header
    (first, _), *others = message.get_params([("", "")])
    return first.strip().lower(), {name: _collapsed(value) for name, value in others if name}


def _form_parameters(content_type: str) -> tuple[str, Mapping[str, str]]:
    try:
        return header_parameters(content_type)
    except ValueError as error:
        raise MalformedFormError(f"Content-Type: {error}") from error


def _collapsed(value: str | tuple[str | None, str | None, str]) -> str:
    if isinstance(value, tuple) and value[0]:
        try:
            codecs.lookup(value[0])
        except LookupError as error:
            raise ValueError(f"unknown character set {value[0]!r}") from error
    return collapse_rfc2231_value(value)


def _known_charset(parameters: Mapping[str, str]) -> str:
    """UTF-8 unless the content type names another that there is."""
    charset = parameters.get("charset", "")
    try:
        b"-".decode(charset, errors="replace")
    except (LookupError, ValueError):
        return "utf-8"
    return charset


def _text(octets: bytes, charset: str) -> str:
    """Half characters, which UTF-7 and others can write, are no text; Django fails with them."""
    return _HALF.sub("\ufffd", octets.decode(charset, errors="replace"))
