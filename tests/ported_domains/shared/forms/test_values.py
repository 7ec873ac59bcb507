"""Submitted values, read as Django's QueryDict and its multipart parser read them."""

import os

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ported_domains.shared.forms.bodies import (
    MAX_FIELDS,
    MAX_FILES,
    MAX_SIZE,
    FormError,
    MalformedFormError,
    TooLargeError,
    TooManyFieldsError,
    TooManyFilesError,
)
from ported_domains.shared.forms.values import Values
from tests.ported_domains.shared.forms.inputs import BOUNDARY, octet_text, part, parts
from tests.ported_domains.shared.forms.side import FormsSide, RefusedError

many = settings(max_examples=int(os.environ.get("DJANGO_VECTORS", "100")))
MULTIPART = f'multipart/form-data; boundary="{BOUNDARY}"'
URLENCODED = "application/x-www-form-urlencoded"
END = f"--{BOUNDARY}--\r\n"


def listed(values: Values) -> list[list[object]]:
    return [[name, values.get_all(name)] for name in values]


def django_reads(side: FormsSide, body: str, content_type: str) -> list[list[object]]:
    answer: list[list[object]] = side.ask("body", raw=body, content_type=content_type)
    return answer


class TestQuery:
    @many
    @given(
        raw=st.text("ab=&;%+ \xe9\xff\0") | octet_text | st.text("%0189aeEfF&=c3bK", max_size=30)
    )
    @example(raw="a=%ff&b=\xff")
    @example(raw="a=%ff&b=\xc3\xa9")
    def test_as_django(self, django_forms: FormsSide, raw: str) -> None:
        octets = raw.encode("latin-1")
        expected = django_forms.ask("query", raw=raw)
        assert listed(Values.parse_query(octets)) == expected
        assert listed(Values.parse_body(octets, URLENCODED)) == expected

    def test_as_many_fields_as_django(self, django_forms: FormsSide) -> None:
        most = "&".join(["a="] * MAX_FIELDS)
        assert listed(Values.parse_query(most.encode())) == django_forms.ask("query", raw=most)
        with pytest.raises(RefusedError, match="TooManyFieldsSent"):
            django_forms.ask("query", raw=most + "&")
        with pytest.raises(TooManyFieldsError):
            Values.parse_query(most.encode() + b"&")


class TestBody:
    @many
    @given(
        body=st.lists(parts(), max_size=4).map("".join),
        charset=st.sampled_from(["", "; charset=utf-8", "; charset=latin-1", "; charset=nonsense"])
        | st.sampled_from(["; charset=utf-16", '; charset="UTF-8"', "; charset="]),
    )
    def test_multipart_as_django(self, django_forms: FormsSide, body: str, charset: str) -> None:
        told = MULTIPART + charset
        found = listed(Values.parse_multipart((body + END).encode("latin-1"), told))
        assert found == django_reads(django_forms, body + END, told)
        assert found == listed(Values.parse_body((body + END).encode("latin-1"), told))

    @pytest.mark.parametrize(
        "disposition",
        [
            "form-data; name=a",
            "form-data; name*=UTF-8''%e2%82%ac",
            "form-data; name*=nonsense''%e2%82%ac",
            "form-data; name*0=a; name*1=b",
            r'form-data; name="a\"b"',
            'form-data; name="a%22b"',
            'form-data; name=" a "',
            "form-data",
            "form-data; filename=x",
            'Form-Data; NAME="a"',
        ],
    )
    def test_dispositions_as_django(self, django_forms: FormsSide, disposition: str) -> None:
        body = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\nx\r\n{END}"
        found = listed(Values.parse_multipart(body.encode("latin-1"), MULTIPART))
        assert found == django_reads(django_forms, body, MULTIPART)

    @pytest.mark.parametrize(
        ("body", "content_type", "refusal", "django"),
        [
            (part("a", "") * (MAX_FIELDS + 1), MULTIPART, TooManyFieldsError, "TooManyFieldsSent"),
            (
                part("a", "", "", "f") * (MAX_FILES + 1),
                MULTIPART,
                TooManyFilesError,
                "TooManyFiles",
            ),
            (part("abc", "x" * (MAX_SIZE - 4)), MULTIPART, TooLargeError, "RequestDataTooBig"),
            ("a=" + "x" * (MAX_SIZE - 1), URLENCODED, TooLargeError, "RequestDataTooBig"),
            ("", 'multipart/form-data; boundary="x "', MalformedFormError, "MultiPartParserError"),
            ("", "multipart/form-data", MalformedFormError, "MultiPartParserError"),
            ("a=1", URLENCODED + "; charset=latin-1", MalformedFormError, "BadRequest"),
        ],
        ids=["fields", "files", "size", "urlencoded size", "boundary", "no boundary", "charset"],
    )
    def test_refused_as_by_django(
        self,
        django_forms: FormsSide,
        body: str,
        content_type: str,
        refusal: type[FormError],
        django: str,
    ) -> None:
        body += END if body.startswith("--") else ""
        with pytest.raises(RefusedError, match=django):
            django_reads(django_forms, body, content_type)
        with pytest.raises(refusal):
            Values.parse_body(body.encode("latin-1"), content_type)

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            (part("a", "") * MAX_FIELDS + part("f", "", "", "f") * MAX_FILES, MULTIPART),
            (part("abc", "x" * (MAX_SIZE - 5)), MULTIPART),
            (part("f", "x" * MAX_SIZE, "", "f") + part("a", "b"), MULTIPART),
            ("a=" + "x" * (MAX_SIZE - 2), URLENCODED),
            ('{"a": 1}', "application/json"),
            ("a=1", "text/plain"),
            ("a=1", ""),
        ],
        ids=["fields", "size", "file", "urlencoded size", "JSON", "text", "no content type"],
    )
    def test_just_accepted_as_by_django(
        self, django_forms: FormsSide, body: str, content_type: str
    ) -> None:
        body += END if body.startswith("--") else ""
        found = listed(Values.parse_body(body.encode("latin-1"), content_type))
        assert found == django_reads(django_forms, body, content_type)

    @pytest.mark.parametrize(
        "body",
        [
            "",
            part("a", "b"),
            f"--{BOUNDARY}\r\n\r\nno header\r\n{END}",
            part("a", "b", f"X-Long: {'x' * 2000}\r\n") + END,
            f"--{BOUNDARY}\nContent-Disposition: form-data; name=a\n\nb\n{END}",
        ],
        ids=["nothing", "no end", "no disposition", "long header", "bare line feeds"],
    )
    def test_malformed(self, body: str) -> None:
        with pytest.raises(MalformedFormError, match="multipart body: "):
            Values.parse_multipart(body.encode("latin-1"), MULTIPART)


class TestValues:
    values = Values([("a", "1"), ("b", ""), ("a", "2")])

    def test_last_value(self) -> None:
        assert self.values["a"] == "2"
        assert self.values.get("a") == "2"
        assert self.values.get("b", "other") == ""

    def test_missing(self) -> None:
        with pytest.raises(KeyError, match="c"):
            self.values["c"]
        assert self.values.get("c") is None
        assert self.values.get("c", 5) == 5
        assert self.values.get_all("c") == []
        assert "c" not in self.values

    def test_all(self) -> None:
        assert self.values.get_all("a") == ["1", "2"]
        assert list(self.values) == ["a", "b"]
        assert len(self.values) == 2
        assert list(self.values.pairs()) == [("a", "1"), ("a", "2"), ("b", "")]

    def test_read_only(self) -> None:
        self.values.get_all("a").append("3")
        assert self.values.get_all("a") == ["1", "2"]

    def test_nothing_is_false(self) -> None:
        assert not Values()

    def test_values_are_not_in_its_repr(self) -> None:
        assert repr(Values([("password", "s3cret")])) == "<Values of password>"
