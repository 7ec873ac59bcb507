"""What a form makes of the Pydantic model of its values."""

import traceback
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

import pytest
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError

from ported_domains.shared import forms
from ported_domains.shared.forms import Cleaned, ValidationError, Values

SECRET = "s3cret"


class Booking(Cleaned):
    name: Annotated[str, Field(max_length=5, pattern="^[a-z]+$")]
    seats: Annotated[int, Field(ge=1, lt=9)]
    price: Annotated[Decimal, Field(max_digits=3)] | None
    code: Annotated[SecretStr, Field(max_length=6)]
    wishes: list[Literal["window", "aisle"]]

    @field_validator("name")
    @classmethod
    def is_polite(cls, name: str) -> str:
        if name == "rude":
            raise ValueError("100% <rude>.")
        if name == "worse":
            raise ValidationError(["One.", ValidationError("%(no)d.", "two", {"no": 2})])
        if name == "own":
            raise PydanticCustomError("own", "{what}% own", {"what": 5})
        return name

    @model_validator(mode="after")
    def is_no_crowd(self) -> Self:
        if self.name == "crowd":
            raise ValidationError({"seats": "Too many.", "name": ["Who?", "Really?"]})
        if self.name == "full":
            raise ValueError("Nothing is left.")
        return self


class BookingForm(forms.Form[Booking]):
    name = forms.CharField(error_messages={"two": "Own %(no)d."})
    seats = forms.IntegerField(error_messages={"less_than": "Not %(lt)s."})
    price = forms.DecimalField(required=False)
    code = forms.CharField(widget=forms.PasswordInput())
    wishes = forms.MultipleChoiceField(
        choices=[("window", "Window"), ("aisle", "Aisle")], required=False
    )

    def clean(self) -> None:
        if self.cleaned_data.get("name") == "meant":
            self.cleaned_data["name"] = "Meant"
        if self.cleaned_data.get("name") == "stop":
            self.add_error("seats", "Stopped.")
        if self.cleaned_data.get("name") == "full":
            self.add_error(None, "Sorry.")


def filled(**values: str) -> BookingForm:
    told = {"name": "me", "seats": "2", "code": SECRET, **values}
    return BookingForm(Values([*told.items(), ("wishes", "aisle")]))


def text(form: BookingForm) -> str:
    """Typed as the model says, for mypy to see."""
    return form.cleaned.name


class TestValues:
    def test_valid(self) -> None:
        form = filled(price="1.50")
        assert form.is_valid()
        assert text(form) == "me"
        assert form.cleaned == Booking(
            name="me", seats=2, price=Decimal("1.50"), code=SecretStr(SECRET), wishes=["aisle"]
        )
        assert form.cleaned_data["code"] == SECRET

    def test_not_valid(self) -> None:
        with pytest.raises(ValueError, match=r"^BookingForm is not valid \(errors of \['name'\]\)"):
            _ = filled(name="").cleaned
        with pytest.raises(ValueError, match=r"not valid \(nothing was submitted\): ask is_valid"):
            _ = BookingForm().cleaned

    def test_no_longer_valid(self) -> None:
        form = filled()
        assert form.cleaned.seats == 2
        form.add_error("seats", "Gone.")
        with pytest.raises(ValueError, match=r"errors of \['seats'\]"):
            _ = form.cleaned

    def test_no_model(self) -> None:
        class Bare(forms.Form):
            name = forms.CharField()

        form = Bare(Values([("name", "x")]))
        assert form.is_valid()
        with pytest.raises(TypeError, match="Bare states no model of its values"):
            _ = form.cleaned


class TestRules:
    @pytest.mark.parametrize(
        ("given", "errors"),
        [
            (
                {"name": "longer"},
                {"name": ["Ensure this value has at most 5 characters (it has 6)."]},
            ),
            ({"name": "a-b"}, {"name": ["Enter a valid value."]}),
            ({"seats": "0"}, {"seats": ["Ensure this value is greater than or equal to 1."]}),
            ({"seats": "9"}, {"seats": ["Not 9."]}),
            (
                {"price": "12345"},
                {"price": ["Ensure that there are no more than 3 digits in total."]},
            ),
            (
                {"code": SECRET + "!"},
                {"code": ["Ensure this value has at most 6 characters (it has 7)."]},
            ),
            ({"name": "rude"}, {"name": ["100% <rude>."]}),
            ({"name": "worse"}, {"name": ["One.", "Own 2."]}),
            ({"name": "own"}, {"name": ["5% own"]}),
            ({"name": "crowd"}, {"seats": ["Too many."], "name": ["Who?", "Really?"]}),
            ({"name": "full"}, {"__all__": ["Sorry.", "Nothing is left."]}),
            ({"name": "meant"}, {"name": ["Enter a valid value."]}),
        ],
    )
    def test_errors_as_djangos(self, given: dict[str, str], errors: dict[str, list[str]]) -> None:
        form = filled(**given)
        assert not form.is_valid()
        assert form.errors == errors
        assert [*form.errors] == [*errors]
        assert not errors.keys() & form.cleaned_data.keys()

    def test_beside_what_the_fields_refuse(self) -> None:
        """But the whole is not judged; nor what a field has lost."""
        assert filled(name="rude", seats="x").errors == {
            "name": ["100% <rude>."],
            "seats": ["Enter a whole number."],
        }
        assert filled(name="crowd", seats="x").errors == {"seats": ["Enter a whole number."]}
        assert filled(name="stop").errors == {"seats": ["Stopped."]}

    def test_whole_is_not_judged_by_a_default(self) -> None:
        class Optional(Cleaned):
            name: str = ""

            @model_validator(mode="after")
            def is_named(self) -> Self:
                if not self.name:
                    raise ValueError("Who?")
                return self

        class OptionalForm(forms.Form[Optional]):
            name = forms.CharField()

        assert OptionalForm(Values()).errors == {"name": ["This field is required."]}

    def test_rendered(self) -> None:
        page = filled(name="rude").as_p
        assert (
            '<ul class="errorlist" id="id_name_error"><li>100% &lt;rude&gt;.</li></ul>\n  <p>'
            in page
        )
        assert 'aria-invalid="true" aria-describedby="id_name_error"' in page
        assert filled(name="full").as_p.startswith(
            '<ul class="errorlist nonfield"><li>Sorry.</li><li>Nothing is left.</li></ul>'
        )


class TestFit:
    """Refused where it is defined."""

    @pytest.mark.parametrize(
        ("annotation", "field", "fault"),
        [
            (int, forms.CharField(), "may be 'text', which Model refuses: .* valid integer"),
            (str, forms.CharField(required=False, empty_value=None), "may be None, which"),
            (int, forms.IntegerField(required=False), "may be None, which"),
            (str, forms.BooleanField(), "may be True, which"),
            (bool, forms.NullBooleanField(), "may be None, which"),
            (int, forms.DecimalField(), "may be Decimal"),
            (tuple[str, ...], forms.MultipleChoiceField(), r"may be \['text'\], which"),
            (list[int], forms.MultipleChoiceField(), r"may be \['text'\], which"),
            (str, forms.TypedChoiceField(coerce=int), "may be 1, which"),
            (int, forms.TypedChoiceField(coerce=int, required=False), "may be '', which"),
            (str, forms.DateField(), "may be datetime.date"),
            (SecretStr, forms.IntegerField(), "may be 1, which"),
        ],
    )
    def test_types(self, annotation: Any, field: forms.Field, fault: str) -> None:
        with pytest.raises(TypeError, match=rf"^Made\.it: {fault}"):
            made(annotation, field)

    @pytest.mark.parametrize(
        ("annotation", "field"),
        [
            (SecretStr | None, forms.CharField(required=False, empty_value=None)),
            (Annotated[str, Field(min_length=9)], forms.CharField()),
            (int | None, forms.IntegerField(required=False)),
            (int | str, forms.TypedChoiceField(coerce=int, required=False)),
            (Literal["a", "b"], forms.ChoiceField(choices=[("a", "A")])),
            (Any, forms.TypedChoiceField(coerce=lambda text: text)),
        ],
    )
    def test_types_that_fit(self, annotation: Any, field: forms.Field) -> None:
        made(annotation, field)

    def test_hooks_may_convert(self) -> None:
        class Size(Cleaned):
            size: int

        class SizeForm(forms.Form[Size]):
            size = forms.CharField()

            def clean_size(self) -> int:
                return len(self.cleaned_data["size"])

        assert SizeForm(Values([("size", "abc")])).cleaned == Size(size=3)

    def test_names(self) -> None:
        class Other(Cleaned):
            name: str
            aeg: int

        with pytest.raises(TypeError) as refused:

            class OtherForm(forms.Form[Other]):
                name = forms.CharField()
                age = forms.IntegerField()

        assert str(refused.value) == (
            "OtherForm.age: a field, but Other states no such value\n"
            "OtherForm.aeg: stated by Other, but no field"
        )

    def test_no_model_of_ours(self) -> None:
        with pytest.raises(TypeError, match=r"Bad: Form\[.*int.*\] names no subclass of Cleaned"):

            class Bad(forms.Form[int]):  # type: ignore[type-var]
                pass

    def test_alias_for_a_name_that_models_have(self) -> None:
        class Copying(Cleaned):
            copy_: bool = Field(alias="copy")

        class CopyingForm(forms.Form[Copying]):
            copy = forms.BooleanField(required=False)

        assert CopyingForm(Values([("copy", "on")])).cleaned.copy_ is True

    def test_removing_needs_a_default(self) -> None:
        with pytest.raises(TypeError, match=r"BookingForm\.seats: give it a default in Booking,"):
            filled().remove("seats")

    def test_what_could_not_be_told(self) -> None:
        """Nothing that a visitor could mend, so it is no error of the form."""
        form = filled()
        form.change("code", required=False, empty_value=None)
        form.data = Values([("name", "me"), ("seats", "2")])
        with pytest.raises(TypeError, match=r"^Booking does not take NoneType as code: Input"):
            form.is_valid()


def made(annotation: Any, field: forms.Field) -> None:
    model = type(
        "Model", (Cleaned,), {"__annotations__": {"it": annotation}, "__module__": __name__}
    )

    class Made(forms.Form[model]):  # type: ignore[valid-type]
        it = field


class TestSecrets:
    def test_no_repr_has_them(self) -> None:
        form = filled()
        assert form.cleaned.code.get_secret_value() == SECRET
        assert SECRET not in f"{form!r} {form} {form.cleaned!r} {form.cleaned} {form.data!r}"

    @pytest.mark.parametrize("given", [{"code": SECRET + "!"}, {"name": "rude"}, {"seats": "0"}])
    def test_no_error_has_them(self, given: dict[str, str]) -> None:
        form = filled(**given)
        with pytest.raises(ValueError, match="is not valid") as refused:
            _ = form.cleaned
        assert SECRET not in f"{refused.value} {form.errors} {form.as_p}"

    def test_no_misfit_has_them(self) -> None:
        form = filled()
        form.fields["code"] = forms.MultipleChoiceField(choices=[(SECRET, "")])
        with pytest.raises(TypeError, match="does not take list as code") as refused:
            form.is_valid()
        assert SECRET not in "".join(traceback.format_exception(refused.value))


class TestRefuseIf:
    async def test_beside_other_errors(self) -> None:
        asked = []

        async def is_taken(name: str) -> bool:
            asked.append(name)
            return name == "me"

        form = filled(seats="x")
        await form.refuse_if("name", is_taken, "Taken.")
        assert form.errors == {"seats": ["Enter a whole number."], "name": ["Taken."]}
        free = filled(name="you")
        await free.refuse_if("name", is_taken, "Taken.")
        assert free.is_valid()
        for unasked in (filled(name="rude"), filled(name=""), BookingForm()):
            await unasked.refuse_if("name", is_taken, "Taken.")
        assert asked == ["me", "you"]
