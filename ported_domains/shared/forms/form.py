"""A form: its fields in order, what was submitted, what became of it."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Generic, get_args, get_origin

import pydantic
from typing_extensions import TypeVar

from ported_domains.shared.forms.bound import BoundField
from ported_domains.shared.forms.cleaned import Cleaned, broken_rules, misfits, stated
from ported_domains.shared.forms.errors import (
    NON_FIELD_ERRORS,
    ErrorList,
    Errors,
    Problem,
    ValidationError,
)
from ported_domains.shared.forms.fields import Field
from ported_domains.shared.forms.html import Called
from ported_domains.shared.forms.layout import as_p
from ported_domains.shared.forms.values import Values

Cleaned_co = TypeVar("Cleaned_co", bound=Cleaned, covariant=True, default=Cleaned)


class Form(Generic[Cleaned_co]):
    """Subclass `Form[Model]` and declare fields; see the package for an example."""

    _model: ClassVar[type[Any] | None] = None
    base_fields: ClassVar[Mapping[str, Field]] = {}
    label_suffix: ClassVar[str] = ":"
    use_required_attribute: ClassVar[bool] = True
    """Whether the browser is told which fields it must not leave empty."""
    required_css_class: ClassVar[str] = ""
    """Of the label and the paragraph of a required field."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = {name: one for name, one in vars(cls).items() if isinstance(one, Field)}
        for name in own:
            delattr(cls, name)
            if hasattr(cls, name) or name in _INSTANCE_NAMES:
                raise TypeError(f"{cls.__name__}.{name}: a form has that name; rename the field")
        inherited: dict[str, Field] = {}
        for base in reversed(cls.__mro__[1:]):
            inherited |= vars(base).get("base_fields", {})
        cls.base_fields = {**inherited, **own}
        cls._model = _stated_model(cls)
        cls._check_model()

    @classmethod
    def _check_model(cls) -> None:
        if cls._model is None:
            return
        hooked = {name for name in cls.base_fields if hasattr(cls, f"clean_{name}")}
        if faults := [*misfits(cls._model, cls.base_fields, hooked)]:
            raise TypeError("\n".join(f"{cls.__name__}.{fault}" for fault in faults))

    def __init__(
        self,
        data: Values | None = None,
        *,
        initial: Mapping[str, Any] | None = None,
        prefix: str = "",
    ) -> None:
        """`data` None: a form to be filled in. `initial`: by field, over the fields' own."""
        self.is_bound = data is not None
        self.data = Values() if data is None else data
        self.initial = initial or {}
        self.prefix = prefix
        self.fields = dict(self.base_fields)
        self.cleaned_data: dict[str, Any] = {}
        """For hooks: the values of the fields without errors. Handlers read `cleaned`."""
        self._cleaned: Cleaned_co | None = None
        self._errors: Errors | None = None
        self._bound: dict[str, BoundField] = {}

    def change(self, name: str, **changes: Any) -> None:
        """This form's field differs from that of its class: `change("town", choices=towns)`."""
        self.fields[name] = replace(self.fields[name], **changes)
        self._bound.pop(name, None)

    def remove(self, name: str) -> None:
        """This form does without a field of its class, for which the model has a default."""
        if self._model is not None and stated(self._model)[name].is_required():
            form, model = type(self).__name__, self._model.__name__
            raise TypeError(f"{form}.{name}: give it a default in {model}, then it may be removed")
        del self.fields[name]
        self._bound.pop(name, None)

    def add_prefix(self, name: str) -> str:
        """A field's name in HTML."""
        return f"{self.prefix}-{name}" if self.prefix else name

    def is_valid(self) -> bool:
        return self.is_bound and not self.errors

    @property
    def cleaned(self) -> Cleaned_co:
        """The values of a valid form. Raises ValueError for any other."""
        if self.is_valid() and self._cleaned is not None:
            return self._cleaned
        name = type(self).__name__
        if self._model is None:
            raise TypeError(f"{name} states no model of its values: make it a Form[Model]")
        wrong = f"errors of {[*self.errors]}" if self.is_bound else "nothing was submitted"
        raise ValueError(f"{name} is not valid ({wrong}): ask is_valid() first")

    @property
    def errors(self) -> Errors:
        """By field; the first to ask has the form cleaned."""
        if self._errors is None:
            return self.full_clean()
        return self._errors

    def full_clean(self) -> Errors:
        """Cleans every field, each followed by its hook; then the whole form; then its model, last
        as with Django's ModelForm: `clean` may still change values.
        """
        self._errors = Errors()
        self.cleaned_data = {}
        self._cleaned = None
        if self.is_bound:
            for name in self.fields:
                self._clean_field(name)
            self._clean_form()
            self._clean_model()
        return self._errors

    def _clean_field(self, name: str) -> None:
        bound = self[name]
        try:
            value = bound.field.clean(bound.initial if bound.field.disabled else bound.data)
            self.cleaned_data[name] = value
            if hook := getattr(self, f"clean_{name}", None):
                self.cleaned_data[name] = hook()
        except ValidationError as error:
            self.add_error(name, error)

    def _clean_form(self) -> None:
        try:
            self.clean()
        except ValidationError as error:
            self.add_error(None, error)

    def _clean_model(self) -> None:
        """Rules of fields that have no error yet, and if none has one those of the whole."""
        if self._model is None:
            return
        try:
            self._cleaned = self._model.model_validate(self.cleaned_data, strict=True)
        except pydantic.ValidationError as refusal:
            wrong = self.fields.keys() & self.errors.keys()
            for name, error in broken_rules(refusal, self.cleaned_data, wrong):
                self.add_error(name, self.fields[name].own_words(error) if name else error)

    def clean(self) -> None:
        """Hook: what is wrong with the fields together. Raises ValidationError or adds errors."""

    def add_error(self, name: str | None, problem: Problem) -> None:
        """An error of a field, which loses its cleaned value, or (None) of the whole form."""
        error = problem if isinstance(problem, ValidationError) else ValidationError(problem)
        for own, faults in error.by_field.items():
            if name and own:
                raise ValueError(f"errors of {name!r} name fields of their own: {own!r}")
            key = name or own or NON_FIELD_ERRORS
            self._errors_of(key).extend(fault.text for fault in faults)
            self.cleaned_data.pop(key, None)

    def _errors_of(self, name: str) -> ErrorList:
        if name not in self.errors:
            nonfield = name == NON_FIELD_ERRORS
            field_id = "" if nonfield else self[name].auto_id
            self.errors[name] = ErrorList(field_id=field_id, nonfield=nonfield)
        return self.errors[name]

    async def refuse_if(
        self, name: str, is_wrong: Callable[[Any], Awaitable[bool]], problem: Problem
    ) -> None:
        """What only a database can tell of one field, said beside whatever else is wrong."""
        if self.is_bound and not self.has_error(name) and await is_wrong(self.cleaned_data[name]):
            self.add_error(name, problem)

    def has_error(self, name: str) -> bool:
        return name in self.errors

    @property
    def non_field_errors(self) -> ErrorList:
        return self.errors.get(NON_FIELD_ERRORS, ErrorList(nonfield=True))

    def __getitem__(self, name: str) -> BoundField:
        """Raises KeyError, which names the fields that there are."""
        if name not in self.fields:
            raise KeyError(f"{type(self).__name__} has no field {name!r} but {[*self.fields]}")
        if name not in self._bound:
            self._bound[name] = BoundField(self, self.fields[name], name)
        return self._bound[name]

    def __iter__(self) -> Iterator[BoundField]:
        return (self[name] for name in self.fields)

    @property
    def hidden_fields(self) -> list[BoundField]:
        return [bound for bound in self if bound.is_hidden]

    @property
    def visible_fields(self) -> list[BoundField]:
        return [bound for bound in self if not bound.is_hidden]

    @property
    def as_p(self) -> Called:
        return as_p(self.visible_fields, self.hidden_fields, self.non_field_errors)


def _stated_model(form: type[Form]) -> type[Any] | None:
    """Of `class …(Form[Model])` the model, else of the class above, if there is any."""
    for base in vars(form).get("__orig_bases__", ()):
        origin = get_origin(base)
        if not (isinstance(origin, type) and issubclass(origin, Form)):
            continue
        [told] = get_args(base)
        if isinstance(told, type) and issubclass(told, Cleaned):
            return told
        if not isinstance(told, TypeVar):
            raise TypeError(f"{form.__name__}: Form[{told!r}] names no subclass of Cleaned")
    return form._model


_INSTANCE_NAMES = frozenset(vars(Form()))
"""What every form has besides the names of its class."""
