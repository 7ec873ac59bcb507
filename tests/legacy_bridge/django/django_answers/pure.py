"""Django's functions that need neither a request nor a server."""

import io
from importlib import import_module
from typing import Any

import django
from django.core import signing
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.utils.cache import patch_vary_headers


def version() -> list[int]:
    return list(django.VERSION[:2])


def sign(timed: bool, value: str, **signer: Any) -> Any:
    return _signer(timed, signer).sign(value)


def unsign(timed: bool, signed: str, max_age: float | None = None, **signer: Any) -> Any:
    ages = {"max_age": max_age} if timed else {}
    return _signer(timed, signer).unsign(signed, **ages)


def sign_object(timed: bool, value: Any, compress: bool, **signer: Any) -> Any:
    return _signer(timed, signer).sign_object(value, compress=compress)


def unsign_object(timed: bool, signed: str, **signer: Any) -> Any:
    return _signer(timed, signer).unsign_object(signed)


def _signer(timed: bool, arguments: dict[str, Any]) -> Any:
    return (signing.TimestampSigner if timed else signing.Signer)(**arguments)


def dumps(value: Any, **arguments: Any) -> Any:
    return signing.dumps(value, **arguments)


def loads(signed: str, **arguments: Any) -> Any:
    return signing.loads(signed, **arguments)


def pickled(salt: str) -> Any:
    """As PickleSerializer of Django 4 wrote a session."""
    import pickle

    class Serializer:
        def dumps(self, value: Any) -> bytes:
            return pickle.dumps(value)

    return signing.dumps({"a": 1}, salt=salt, serializer=Serializer, compress=True)


def set_signed_cookie(name: str, value: str, salt: str) -> Any:
    response = HttpResponse()
    response.set_signed_cookie(name, value, salt=salt)
    return response.cookies[name].value


def get_signed_cookie(name: str, signed: str, salt: str, max_age: float | None = None) -> Any:
    request = _request("")
    request.COOKIES = {name: signed}
    return request.get_signed_cookie(name, salt=salt, max_age=max_age)


def set_cookie(name: str, value: str, **attributes: Any) -> Any:
    """As the WSGI server gets it, without the space that it begins with."""
    response = HttpResponse()
    response.set_cookie(name, value, **attributes)
    line = response.cookies[name].output(header="")
    line.encode("latin-1")
    return line.removeprefix(" ")


def delete_cookie(name: str, **attributes: Any) -> Any:
    response = HttpResponse()
    response.delete_cookie(name, **attributes)
    return response.cookies[name].output(header="").removeprefix(" ")


def parse_cookie(field: str) -> Any:
    """`field` has an octet in each character, as in WSGI."""
    return _request(field).COOKIES


def _request(cookie: str) -> WSGIRequest:
    return WSGIRequest(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/",
            "HTTP_COOKIE": cookie,
            "wsgi.input": io.BytesIO(),
        }
    )


def vary(field: str | None) -> Any:
    response = HttpResponse()
    if field is not None:
        response["Vary"] = field
    patch_vary_headers(response, ("Cookie",))
    return response["Vary"]


def encode_session(values: dict[str, Any], engine: str = "db") -> Any:
    return _store(engine)().encode(values)


def decode_session(text: str, engine: str = "db") -> Any:
    return _store(engine)().decode(text)


def session_json(text: str) -> Any:
    """The JSON in a session's text, as it was written."""

    class Serializer:
        def loads(self, data: bytes) -> str:
            return data.decode("latin-1")

    return signing.loads(text, salt=_store("db")().key_salt, serializer=Serializer)


def _store(engine: str) -> Any:
    return import_module(f"django.contrib.sessions.backends.{engine}").SessionStore
